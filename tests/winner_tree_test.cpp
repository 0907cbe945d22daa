#include "sim/core/winner_tree.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

TEST_CASE("an empty tree has nothing to come") {
    WinnerTree tree(3);
    CHECK(tree.top_time() == kNever);
}

TEST_CASE("equal times go to the lower source") {
    WinnerTree tree(5);
    for (const std::size_t source : {4, 2, 3}) tree.set(source, at_ns(7));
    CHECK(tree.top() == 2);
    tree.set(2, kNever);
    CHECK(tree.top() == 3);
}

TEST_CASE("the top is always the least of all sources") {
    for (const std::size_t sources : {1, 2, 3, 7, 8, 33}) {
        WinnerTree tree(sources);
        std::vector<Time> times(sources, kNever);
        for (std::uint32_t step = 0; step < 2000; ++step) {
            const PhiloxBlock luck = draw(1, Draw::kOther, static_cast<std::uint32_t>(sources), step);
            const std::size_t source = below(luck[0], static_cast<std::uint32_t>(sources));
            times[source] = luck[1] % 5 == 0 ? kNever : at_ns(below(luck[2], 50));
            tree.set(source, times[source]);
            const auto least = std::min_element(times.begin(), times.end());
            REQUIRE(tree.top_time() == *least);
            if (*least != kNever) REQUIRE(tree.top() == static_cast<std::size_t>(least - times.begin()));
        }
    }
}
