#include "sim/study/report_page.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sim/study/page_template.hpp"
#include "tests/catch.hpp"
#include "tests/study_files.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

using Json = nlohmann::json;

// The blocks of data of a page, as the browser finds them: up to the first "</script", whatever stands there.
std::vector<std::string> blocks_of(const std::string& page) {
    static const std::string kStart = "<script type=\"application/json\" data-kind=\"";
    std::vector<std::string> blocks;
    for (std::size_t at = page.find(kStart); at != std::string::npos; at = page.find(kStart, at + 1)) {
        const std::size_t first = page.find('>', at) + 1;
        blocks.push_back(page.substr(first, page.find("</script", first) - first));
    }
    return blocks;
}

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("data says the same after it was put into a page, and nothing in it is markup") {
    const Json nasty = {
        {"name", "</script><script>alert(1)</script><!-- <img> ]]> & \" ' \u2028 \u2029 \u00e9 \\u003c"}, {"<key>", 1}};
    const std::string page = report_page(std::vector<PageSection>{{"study", nasty.dump()}, {"other-kind", "[1,2]"}});
    const auto blocks = blocks_of(page);
    REQUIRE(blocks.size() == 2);
    CHECK(Json::parse(blocks[0]) == nasty);
    CHECK(Json::parse(blocks[1]) == Json({1, 2}));
    CHECK(blocks[0].find('<') == std::string::npos);
    CHECK(page.find("\u2028") == std::string::npos);
    CHECK(page.find("\u2029") == std::string::npos);
    CHECK(page.find("data-kind=\"other-kind\"") != std::string::npos);
    CHECK(count_of(page, "</script>") == 3);  // the two and the page's own
}

TEST_CASE("a page without data is the template without its marker") {
    const std::string page = report_page(std::vector<PageSection>{});
    CHECK(page.size() + std::string_view("<!--laxity:data-->").size() == page_template().size());
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(page.ends_with("</html>\n"));
}

TEST_CASE("the page may load nothing, runs its own script alone, and names the licence of what is in it") {
    const std::string page(page_template());
    CHECK(count_of(page, "<!--laxity:data-->") == 1);
    CHECK(page.find("default-src 'none'; script-src 'sha256-") != std::string::npos);
    CHECK(page.find("'unsafe") == std::string::npos);
    CHECK(page.find(" src=") == std::string::npos);
    CHECK(page.find("@import") == std::string::npos);
    CHECK(page.find("The MIT License (MIT)") != std::string::npos);
    CHECK(page.find("Leon Sorokin") != std::string::npos);
}

TEST_CASE("a kind is of small letters and hyphens") {
    for (const std::string kind : {"", "Study", "a\"b", "a b", "a>"})
        CHECK_THROWS_AS(report_page(std::vector<PageSection>{{kind, "{}"}}), std::logic_error);
}

TEST_CASE("a section for each folder, the same bytes for the same folders") {
    const std::string header = "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n";
    const std::string a = write_study("page_a", 1, over_load("0.5"), header + "0.5,edf,1,0.9,0.1\n0.5,edf,2,0.8,0.2\n");
    const std::string b = write_study("page_b", 1, over_load("0.5"), header);
    ReportOptions options;
    options.selection.metrics = {"accuracy"};
    const std::string page = report_page({{a, "first"}, {b, "second"}}, options);
    const auto blocks = blocks_of(page);
    REQUIRE(blocks.size() == 2);
    CHECK(Json::parse(blocks[0])["label"] == "first");
    CHECK(Json::parse(blocks[1])["runs"] == 0);
    CHECK(report_page({{a, "first"}, {b, "second"}}, options) == page);
    CHECK_THROWS_AS(report_page({{"page_none", "none"}}, options), InputError);
}
