#include "sim/study/report_page.hpp"

#include <algorithm>
#include <stdexcept>

#include "sim/study/page_template.hpp"
#include "sim/study/study_section.hpp"
#include "sim/study/timeline_section.hpp"

namespace laxity {

namespace {

constexpr std::string_view kMarker = "<!--laxity:data-->";

// JSON in which nothing can end a script element or begin a comment in it: `<` is only ever inside of strings, where
// this says the same; the two line ends that JavaScript knows and JSON does not are escaped as well.
std::string escaped(std::string_view json) {
    std::string text;
    text.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string_view rest = json.substr(i, 3);
        if (json[i] == '<') {
            text += "\\u003c";
        } else if (rest == "\u2028" || rest == "\u2029") {
            text += rest == "\u2028" ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            text += json[i];
        }
    }
    return text;
}

bool is_kind(std::string_view kind) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
    return !kind.empty() && std::all_of(kind.begin(), kind.end(), allowed);
}

}  // namespace

std::string report_page(std::span<const PageSection> sections) {
    const std::string_view page = page_template();
    const std::size_t marker = page.find(kMarker);
    if (marker == std::string_view::npos) throw std::logic_error("the page has no place for data");
    std::string text(page.substr(0, marker));
    for (const PageSection& section : sections) {
        if (!is_kind(section.kind)) throw std::logic_error("no kind of a section: " + section.kind);
        text += "<script type=\"application/json\" data-kind=\"" + section.kind + "\">" + escaped(section.json) +
                "</script>\n";
    }
    text += page.substr(marker + kMarker.size());
    return text;
}

std::string report_page(const std::vector<StudyFolder>& folders, const ReportOptions& options) {
    std::vector<PageSection> sections;
    for (const StudyFolder& folder : folders) {
        const std::vector<StudyFolder> runs = recorded_runs(folder);
        for (const StudyFolder& run : runs) sections.push_back({"timeline", timeline_section(run)});
        if (runs.empty()) sections.push_back({"study", study_section(folder, options)});
    }
    return report_page(sections);
}

}  // namespace laxity
