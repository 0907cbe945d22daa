#include "policies/parts/depth_assignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tests/catch.hpp"
#include "tests/draws.hpp"

namespace {

using namespace laxity;
using laxity::test::Draws;

struct Job {
    std::int64_t deadline = 0;
    std::vector<DepthOption> options;
};

struct Answer {
    std::int64_t reward = 0, finish = 0;
    std::vector<std::size_t> options;

    bool operator==(const Answer&) const = default;
};

std::optional<Answer> solve(DepthAssignment& problem, const std::vector<Job>& jobs, std::int64_t start = 0) {
    problem.clear();
    for (const Job& job : jobs) problem.add_job(job.deadline, job.options);
    if (!problem.solve(start)) return std::nullopt;
    Answer answer{problem.reward(), problem.finish(), {}};
    for (std::size_t i = 0; i < jobs.size(); ++i) answer.options.push_back(problem.option(i));
    return answer;
}

std::optional<Answer> solve(const std::vector<Job>& jobs, std::int64_t start = 0) {
    DepthAssignment problem;
    return solve(problem, jobs, start);
}

// The recurrence of the header, literally: no reduction, no width limits.
std::optional<Answer> solve_naively(const std::vector<Job>& jobs, std::int64_t start) {
    constexpr std::int64_t kInfinity = std::numeric_limits<std::int64_t>::max();
    std::int32_t width = 1;
    for (const Job& job : jobs) {
        std::int32_t most = 0;
        for (const DepthOption& option : job.options) most = std::max(most, option.reward);
        width += most;
    }
    const auto columns = static_cast<std::size_t>(width);
    std::vector<std::vector<std::int64_t>> time(jobs.size() + 1, std::vector<std::int64_t>(columns, kInfinity));
    std::vector<std::vector<std::size_t>> choice(jobs.size() + 1, std::vector<std::size_t>(columns));
    time[0][0] = start;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        for (std::size_t r = 0; r < columns; ++r) {
            for (std::size_t o = 0; o < jobs[i].options.size(); ++o) {
                const auto [cost, reward] = jobs[i].options[o];
                if (static_cast<std::size_t>(reward) > r) continue;
                const std::int64_t before = time[i][r - static_cast<std::size_t>(reward)];
                if (before == kInfinity || (cost > 0 && before + cost > jobs[i].deadline)) continue;
                if (before + cost >= time[i + 1][r]) continue;
                time[i + 1][r] = before + cost;
                choice[i + 1][r] = o;
            }
        }
    }
    std::size_t reward = columns;
    while (reward > 0 && time.back()[reward - 1] == kInfinity) --reward;
    if (reward-- == 0) return std::nullopt;
    Answer answer{static_cast<std::int64_t>(reward), time.back()[reward], std::vector<std::size_t>(jobs.size())};
    for (std::size_t i = jobs.size(); i-- > 0;) {
        answer.options[i] = choice[i + 1][reward];
        reward -= static_cast<std::size_t>(jobs[i].options[answer.options[i]].reward);
    }
    return answer;
}

// Options in the words of the papers: cumulative times and rewards by depth, from 0. With `drop`, option 0 is to drop.
std::vector<Job> make_jobs(const std::vector<std::vector<std::int64_t>>& times,
                           const std::vector<std::vector<double>>& rewards, const std::vector<std::int64_t>& deadlines,
                           double delta, bool drop = false) {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < times.size(); ++i) {
        Job job{deadlines[i], {}};
        if (drop) job.options.push_back({0, 0});
        for (std::size_t l = 0; l < times[i].size(); ++l) {
            job.options.push_back({times[i][l], static_cast<std::int32_t>(std::floor(rewards[i][l] / delta + 1e-9))});
        }
        jobs.push_back(job);
    }
    return jobs;
}

std::vector<Job> three_jobs(const std::vector<std::int64_t>& deadlines, bool drop = false) {
    return make_jobs({{2, 3, 5, 7, 9}, {3, 4, 7}, {1, 9, 9, 12}}, {{12, 15, 16, 17, 17}, {2, 6, 6}, {3, 3, 4, 6}},
                     deadlines, 1, drop);
}

std::vector<Job> four_jobs(double delta) {
    const std::vector<std::int64_t> times = {10, 20, 30};
    return make_jobs({times, times, times, times}, {{.5, .75, .875}, {.6, .8, .9}, {.3, .65, .825}, {.9, .95, .975}},
                     {30, 50, 70, 90}, delta);
}

// Small numbers, so that ties, equal rewards and free options are common.
std::vector<Job> random_jobs(Draws& draw, std::int64_t most_jobs, std::int64_t most_cost) {
    std::vector<Job> jobs(static_cast<std::size_t>(draw.integer(1, most_jobs)));
    std::int64_t deadline = 0;
    for (Job& job : jobs) {
        deadline += draw.integer(0, 2 * most_cost);
        job.deadline = deadline;
        if (draw.integer(0, 2) != 0) job.options.push_back({0, static_cast<std::int32_t>(draw.integer(0, 3))});
        std::int64_t cost = draw.integer(0, most_cost);
        for (std::int64_t l = draw.integer(1, 5); l > 0; --l) {
            job.options.push_back({cost, static_cast<std::int32_t>(draw.integer(0, 10))});
            cost += draw.integer(0, most_cost);
        }
    }
    return jobs;
}

}  // namespace

TEST_CASE("known answers: three jobs with whole rewards", "[depth_assignment]") {
    CHECK(solve(three_jobs({18, 19, 23})) == Answer{29, 23, {3, 1, 3}});
    CHECK(solve(three_jobs({6, 9, 12})) == Answer{25, 10, {2, 1, 0}});
    CHECK(solve(three_jobs({2, 4, 5})) == std::nullopt);
    // Option 0 drops a job, so depths are one less: (0, dropped, 0).
    CHECK(solve(three_jobs({2, 4, 5}, true)) == Answer{15, 3, {1, 0, 1}});
}

TEST_CASE("known answers: four jobs with quantised confidences", "[depth_assignment]") {
    const auto fine = solve(four_jobs(0.025));
    REQUIRE(fine);
    CHECK(fine->reward == 133);  // 3.325 / 0.025
    CHECK(fine->finish == 90);
    CHECK(fine->options == std::vector<std::size_t>{1, 1, 2, 1});
    CHECK(solve(four_jobs(0.05))->options == std::vector<std::size_t>{1, 1, 2, 1});
    CHECK(solve(four_jobs(0.1))->reward == 32);
    CHECK(solve(four_jobs(0.2))->reward == 15);
}

TEST_CASE("ties go to less time, then to the shallower depth", "[depth_assignment]") {
    CHECK(solve({{10, {{0, 0}, {2, 5}, {4, 5}}}}) == Answer{5, 2, {1}});
    CHECK(solve({{10, {{0, 0}, {2, 5}, {2, 5}}}}) == Answer{5, 2, {1}});
    // One of two equal jobs fits. The last job is decided first and takes the shallower of its options: the drop.
    CHECK(solve({{4, {{0, 0}, {4, 5}}}, {4, {{0, 0}, {4, 5}}}}) == Answer{5, 4, {1, 0}});
}

TEST_CASE("a stage may end exactly at the deadline, and staying is always possible", "[depth_assignment]") {
    CHECK(solve({{10, {{0, 1}, {3, 2}}}}, 7) == Answer{2, 10, {1}});
    CHECK(solve({{10, {{0, 1}, {3, 2}}}}, 8) == Answer{1, 8, {0}});
    CHECK(solve({{10, {{0, 1}, {3, 2}}}}, 99) == Answer{1, 99, {0}});  // the resource is free only after the deadline
    CHECK(solve({{10, {{3, 2}}}}, 8) == std::nullopt);
}

TEST_CASE("no jobs, no reward", "[depth_assignment]") { CHECK(solve({}, 5) == Answer{0, 5, {}}); }

TEST_CASE("decisions equal those of the plain recurrence", "[depth_assignment]") {
    Draws draw(1);
    DepthAssignment problem;
    int infeasible = 0;
    for (int i = 0; i < 4000; ++i) {
        const auto jobs = random_jobs(draw, 12, 8);
        const std::int64_t start = draw.integer(0, 10);
        const auto expected = solve_naively(jobs, start);
        REQUIRE(solve(problem, jobs, start) == expected);
        infeasible += expected ? 0 : 1;
    }
    CHECK(infeasible > 100);
    CHECK(infeasible < 3900);
}

TEST_CASE("cells of 64 bits decide like cells of 32", "[depth_assignment]") {
    Draws draw(2);
    DepthAssignment problem;
    for (int i = 0; i < 500; ++i) {
        auto jobs = random_jobs(draw, 12, 8);
        const auto narrow = solve(problem, jobs);
        constexpr std::int64_t kScale = std::int64_t{1} << 40;
        for (Job& job : jobs) {
            job.deadline *= kScale;
            for (DepthOption& option : job.options) option.cost *= kScale;
        }
        const auto wide = solve(problem, jobs);
        REQUIRE(wide.has_value() == narrow.has_value());
        if (!narrow) continue;
        REQUIRE(wide->options == narrow->options);
        REQUIRE(wide->finish == narrow->finish * kScale);
    }
}

TEST_CASE("every vector width decides like the plain scalar loop", "[depth_assignment]") {
    Draws draw(4);
    DepthAssignment plain(VectorWidth::kScalar);
    std::vector<DepthAssignment> wide;
    for (const VectorWidth width : usable_vector_widths()) wide.emplace_back(width);
    REQUIRE(wide.size() >= 2);
    int infeasible = 0;
    for (int i = 0; i < 3000; ++i) {
        auto jobs = random_jobs(draw, i % 10 == 0 ? 100 : 12, 8);
        const std::int64_t scale = i % 2 == 0 ? 1 : std::int64_t{1} << 40;  // 64-bit cells
        const auto quanta = static_cast<std::int32_t>(i % 3 == 0 ? 5 : 1);  // long rows
        for (Job& job : jobs) {
            job.deadline *= scale;
            for (DepthOption& option : job.options) option = {option.cost * scale, option.reward * quanta};
        }
        const auto expected = solve(plain, jobs);
        infeasible += expected ? 0 : 1;
        for (DepthAssignment& problem : wide) REQUIRE(solve(problem, jobs) == expected);
    }
    CHECK(infeasible < 2900);
}

namespace {

// What the best feasible choice is worth, by trying all of them. Without a feasible choice: minus infinity.
double best_value(const std::vector<Job>& jobs, const std::vector<std::vector<double>>& values, std::size_t job = 0,
                  std::int64_t time = 0) {
    if (job == jobs.size()) return 0;
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t o = 0; o < jobs[job].options.size(); ++o) {
        const std::int64_t end = time + jobs[job].options[o].cost;
        if (end > jobs[job].deadline) continue;
        best = std::max(best, values[job][o] + best_value(jobs, values, job + 1, end));
    }
    return best;
}

double value_of(const Answer& answer, const std::vector<std::vector<double>>& values) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[i][answer.options[i]];
    return sum;
}

bool feasible(const Answer& answer, const std::vector<Job>& jobs) {
    std::int64_t time = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        time += jobs[i].options[answer.options[i]].cost;
        if (time > jobs[i].deadline) return false;
    }
    return time == answer.finish;
}

}  // namespace

TEST_CASE("the answer is feasible and loses at most N * delta against the optimum", "[depth_assignment]") {
    Draws draw(3);
    for (int instance = 0; instance < 400; ++instance) {
        const auto count = static_cast<std::size_t>(draw.integer(2, 5));
        std::vector<std::vector<std::int64_t>> times(count);
        std::vector<std::vector<double>> values(count);
        std::vector<std::int64_t> deadlines(count);
        for (std::size_t i = 0; i < count; ++i) {
            for (int l = 0; l < 3; ++l) times[i].push_back((l == 0 ? 0 : times[i].back()) + draw.integer(1, 20));
            for (int l = 0; l < 3; ++l) values[i].push_back(draw.real());
            std::sort(values[i].begin(), values[i].end());
            deadlines[i] = draw.integer(5, 40 * static_cast<std::int64_t>(count));
        }
        std::sort(deadlines.begin(), deadlines.end());
        for (const double delta : {0.2, 0.1, 0.05, 0.01}) {
            const auto jobs = make_jobs(times, values, deadlines, delta, true);
            auto with_drop = values;
            for (auto& row : with_drop) row.insert(row.begin(), 0.0);
            const auto answer = solve(jobs);
            REQUIRE(answer);
            REQUIRE(feasible(*answer, jobs));
            const double loss = best_value(jobs, with_drop) - value_of(*answer, with_drop);
            REQUIRE(loss <= static_cast<double>(count) * delta + 1e-9);
        }
    }
}
