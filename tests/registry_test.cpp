#include "policies/registry.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"
#include "traces/base/error.hpp"

namespace {

using namespace laxity;
using Catch::Matchers::Contains;

std::string error_of(const std::string& policy) try {
    parse_policy(policy);
    return "no error";
} catch (const InputError& error) {
    return error.what();
}

}  // namespace

TEST_CASE("a name alone takes every default", "[registry]") {
    const PolicySpec spec = parse_policy("edf");
    CHECK(spec.text == "edf");
    CHECK(spec.info->name == "edf");
    CHECK_FALSE(spec.arguments.boolean("skip"));
    CHECK(spec.arguments.number("threshold") == 0);
    CHECK(spec.arguments.text("depth") == "0");
}

TEST_CASE("parameters are read by type, in any order", "[registry]") {
    const PolicySpec spec = parse_policy("rtdeepiot:update=none,delta=0.05");
    CHECK(spec.arguments.number("delta") == 0.05);
    CHECK(spec.arguments.text("update") == "none");
    CHECK(spec.arguments.text("predictor") == "exp");
    CHECK(spec.arguments.boolean("reclaim"));
    CHECK(parse_policy("rtdeepiot:delta=5e-2").arguments.number("delta") == 0.05);
}

TEST_CASE("an unknown policy names the nearest", "[registry]") {
    CHECK_THAT(error_of("edff"), Contains("policy \"edff\"") && Contains("did you mean edf?"));
    CHECK_THAT(error_of("rtdeepio:delta=0.1"), Contains("did you mean rtdeepiot?"));
    CHECK_THAT(error_of("completely-different"), Contains("fifo, rr, sjf") && Contains("laxity policies"));
    CHECK_THAT(error_of(""), Contains("the name of a policy"));
    CHECK_THAT(error_of("EDF"), Contains("the name of a policy"));
}

TEST_CASE("an unknown parameter names the nearest", "[registry]") {
    CHECK_THAT(error_of("edf:treshold=0.9"), Contains("a parameter of edf") && Contains("did you mean threshold?"));
    CHECK_THAT(error_of("fifo:delta=0.1"), Contains("there is skip"));
}

TEST_CASE("a wrong value says what is right", "[registry]") {
    CHECK_THAT(error_of("edf:skip=yes"), Contains("true or false") && Contains("\"yes\""));
    CHECK_THAT(error_of("edf:threshold=1.5"), Contains("threshold: expected a number from 0 to 1"));
    CHECK_THAT(error_of("edf:threshold=0.9x"), Contains("a number from 0 to 1"));
    CHECK_THAT(error_of("edf:threshold=nan"), Contains("a number from 0 to 1"));
    CHECK_THAT(error_of("edf:threshold= 0.9"), Contains("a number from 0 to 1"));
    CHECK_THAT(error_of("edf:depth=17"), Contains("0 | m | 1"));
    CHECK_THAT(error_of("rtdeepiot:predictor=expo"), Contains("exp | max | lin") && Contains("did you mean exp?"));
}

TEST_CASE("malformed parameters", "[registry]") {
    CHECK_THAT(error_of("edf:"), Contains("key=value"));
    CHECK_THAT(error_of("edf:skip"), Contains("key=value"));
    CHECK_THAT(error_of("edf:skip=true,"), Contains("key=value"));
    CHECK_THAT(error_of("edf:skip=true,skip=false"), Contains("each parameter once"));
    CHECK_THAT(error_of("edf:=true"), Contains("a parameter of edf"));
    CHECK_THAT(error_of("edf:skip="), Contains("true or false"));
}

TEST_CASE("every row is complete and its defaults are valid", "[registry]") {
    std::set<std::string> names;
    for (const PolicyInfo& info : policy_registry()) {
        INFO(info.name);
        CHECK(names.insert(info.name).second);
        CHECK_FALSE(info.summary.empty());
        CHECK_FALSE(info.source.empty());
        CHECK(info.make != nullptr);
        std::string with_defaults = info.name;
        for (const ParameterInfo& parameter : info.parameters) {
            CHECK_FALSE(parameter.help.empty());
            with_defaults += (with_defaults == info.name ? ":" : ",") + parameter.name + "=" + parameter.default_value;
        }
        CHECK_NOTHROW(parse_policy(with_defaults));
    }
}

TEST_CASE("only what looks ahead needs an oracle", "[registry]") {
    CHECK(parse_policy("rtdeepiot:predictor=oracle").needs_oracle());
    CHECK_FALSE(parse_policy("rtdeepiot").needs_oracle());
    CHECK_FALSE(parse_policy("edf").needs_oracle());
}

TEST_CASE("the help lists every policy, aligned and in groups", "[registry]") {
    const std::string help = describe_policies();
    std::set<std::size_t> columns;
    for (const PolicyInfo& info : policy_registry()) {
        INFO(info.name);
        const std::size_t line = help.find("\n  " + info.name + " ");
        REQUIRE(line != std::string::npos);
        columns.insert(help.find(info.summary, line) - line);
    }
    CHECK(columns.size() == 1);
    for (const char* start :
         {"classics:\n  fifo ", "unites:\n  rtdeepiot ", "neighbours:\n  clockwork ", "ours:\n  random "})
        CHECK_THAT(help, Contains(start));
}

TEST_CASE("the help on a policy has parameters, ranges, defaults and source", "[registry]") {
    const std::string help = describe_policy(*parse_policy("rtdeepiot").info);
    CHECK_THAT(help, Contains("Yao et al., RTCSA 2020") && Contains("our reading"));
    CHECK_THAT(help, Contains("delta") && Contains("default 0.1") && Contains("a number from 0.001 to 1"));
    CHECK_THAT(help, Contains("rtdeepiot:delta=0.1,predictor=exp,update=swap"));
    CHECK_THAT(help, Contains("only with predictor=oracle"));
}

TEST_CASE("the guide shows policies/random.cpp as it is", "[registry]") {
    const auto contents = [](const char* path) {
        std::ifstream in(path);
        REQUIRE(in);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string guide = contents(LAXITY_SOURCE_DIR "/policies/README.md");
    const std::string code = contents(LAXITY_SOURCE_DIR "/policies/random.cpp");
    CHECK_THAT(guide, Contains("```cpp\n" + code + "```\n"));
}

TEST_CASE("specs that mean the same policy have one text") {
    const auto text = [](const std::string& spec) { return normalised(parse_policy(spec)); };
    CHECK(text("edf") == "edf");
    CHECK(text("edf:skip=false") == "edf");
    CHECK(text("edf:skip=true") == "edf:skip=true");
    CHECK(text("rtdeepiot:delta=0.10,update=swap") == "rtdeepiot");
    CHECK(text("rtdeepiot:update=resolve,delta=5e-2") == text("rtdeepiot:delta=0.05,update=resolve"));
    for (const PolicyInfo& policy : policy_registry()) CHECK(text(policy.name) == policy.name);
}

TEST_CASE("one parameter of a spec can be changed, within its range") {
    const PolicySpec spec = parse_policy("rtdeepiot:update=resolve");
    CHECK(with_parameter(spec, "delta", "0.05").text ==
          normalised(parse_policy("rtdeepiot:delta=0.05,update=resolve")));
    CHECK(with_parameter(with_parameter(spec, "delta", "0.05"), "delta", "0.1").text == "rtdeepiot:update=resolve");
    CHECK_THROWS_WITH(with_parameter(spec, "delta", "7"), ContainsSubstring("delta") && ContainsSubstring("\"7\""));
    CHECK_THROWS_WITH(with_parameter(spec, "dela", "0.1"), ContainsSubstring("did you mean delta?"));
}
