#include "sim/study/condition.hpp"

#include <map>

#include "tests/catch.hpp"
#include "traces/base/error.hpp"

using namespace laxity;

namespace {

bool keeps(const std::string& text, const std::map<std::string, ConditionValue>& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    return Condition(text, names).keeps([&](const std::string& name) { return values.at(name); });
}

const std::map<std::string, ConditionValue> kPoint = {
    {"load", 1.5}, {"clients", 4.0}, {"policy", std::string("edf")}, {"delta", ConditionValue()}, {"camera.load", 0.5}};

}  // namespace

TEST_CASE("comparisons of numbers and strings") {
    CHECK(keeps("load = 1.5", kPoint));
    CHECK(keeps("load == 1.5", kPoint));
    CHECK_FALSE(keeps("load != 1.5", kPoint));
    CHECK(keeps("load<2", kPoint));
    CHECK_FALSE(keeps("load >= 2", kPoint));
    CHECK(keeps("1 <= load", kPoint));
    CHECK(keeps("policy = \"edf\"", kPoint));
    CHECK(keeps("policy != 'lcf'", kPoint));
    CHECK(keeps("camera.load > 0.4", kPoint));
    CHECK_FALSE(keeps("policy = 3", kPoint));
}

TEST_CASE("arithmetic binds before comparisons, and before or, not first") {
    CHECK(keeps("load * clients = 6", kPoint));
    CHECK(keeps("load + clients * 2 = 9.5", kPoint));
    CHECK(keeps("(load + clients) * 2 = 11", kPoint));
    CHECK(keeps("clients - 1 - 1 = 2", kPoint));
    CHECK(keeps("clients / 2 / 2 = 1", kPoint));
    CHECK(keeps("-load < -1", kPoint));
    CHECK(keeps("load > 9 and load > 9 or load < 9", kPoint));
    CHECK_FALSE(keeps("load > 9 and (load > 9 or load < 9)", kPoint));
    CHECK(keeps("not load > 9 and clients = 4", kPoint));
    CHECK(keeps("load < 2 && clients < 5 || load = 0", kPoint));
}

TEST_CASE("an axis that a policy does not have leaves nothing out") {
    CHECK(keeps("delta < 0.1", kPoint));
    CHECK(keeps("not delta < 0.1", kPoint));
    CHECK(keeps("delta * 2 = 1", kPoint));
    CHECK_FALSE(keeps("delta < 0.1 and load > 9", kPoint));
    CHECK(keeps("delta < 0.1 or load > 9", kPoint));
    CHECK_FALSE(keeps("load > 9 and delta < 0.1", kPoint));
}

TEST_CASE("what can't be understood is refused, with the place") {
    CHECK_THROWS_WITH(keeps("lod < 1", kPoint),
                      ContainsSubstring("where \"lod < 1\"") && ContainsSubstring("did you mean load?"));
    CHECK_THROWS_WITH(keeps("load <", kPoint), ContainsSubstring("found its end"));
    CHECK_THROWS_WITH(keeps("load < 1 2", kPoint), ContainsSubstring("an operator"));
    CHECK_THROWS_WITH(keeps("(load < 1", kPoint), ContainsSubstring("a )"));
    CHECK_THROWS_WITH(keeps("policy = \"edf", kPoint), ContainsSubstring("a closing quote"));
    CHECK_THROWS_WITH(keeps("load", kPoint), ContainsSubstring("a comparison"));
    CHECK_THROWS_WITH(keeps("load + 1", kPoint), ContainsSubstring("a comparison"));
    CHECK_THROWS_WITH(keeps("policy < 1", kPoint), ContainsSubstring("two numbers or two strings"));
    CHECK_THROWS_WITH(keeps("policy + 1 = 2", kPoint), ContainsSubstring("numbers beside +"));
    CHECK_THROWS_WITH(keeps("(load < 1) + 1 = 2", kPoint), ContainsSubstring("a value"));
    CHECK_THROWS_AS(keeps("", kPoint), InputError);
    CHECK_THROWS_WITH(keeps(std::string(5000, '(') + "load < 1", kPoint), ContainsSubstring("levels"));
    CHECK_THROWS_WITH(keeps("load < " + std::string(5000, '-') + "1", kPoint), ContainsSubstring("levels"));
}
