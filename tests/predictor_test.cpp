#include "policies/parts/predictor.hpp"

#include <stdexcept>
#include <vector>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

// One task of four stages whose exits are right in .4, .6, .8 and .9 of all cases.
TaskSet four_stages(std::shared_ptr<const CalibrationData> calibration = nullptr) {
    VariantPlan variant = make_variant({ms(1), ms(1), ms(1), ms(1)}, {0.4, 0.6, 0.8, 0.9});
    variant.calibration = std::move(calibration);
    return make_tasks({make_task("task", variant)});
}

ActiveJob job_at(const TaskSet& tasks, const std::vector<float>& confidences) {
    ActiveJob job;
    job.plan = &tasks.tasks[0].variants[0];
    job.depth = static_cast<std::int16_t>(confidences.size());
    for (std::size_t k = 0; k < confidences.size(); ++k) job.outcomes[k].confidence = confidences[k];
    return job;
}

std::vector<double> predict(const std::string& name, const TaskSet& tasks, const ActiveJob& job,
                            const Oracle* oracle = nullptr) {
    std::vector<double> values(static_cast<std::size_t>(job.stages()) + 1, -1);
    make_predictor(name, tasks, oracle)->predict(job, values);
    return values;
}

void check_close(const std::vector<double>& values, const std::vector<double>& expected) {
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == Approx(expected[i]).margin(1e-7));
}

// Exits that will say .11, .22, .33, .44.
class FixedOracle final : public Oracle {
public:
    Outcome outcome(const ActiveJob&, int exit) const override { return {0, 0.11F * static_cast<float>(exit + 1)}; }
    bool correct(const ActiveJob&, int) const override { return true; }
};

// 200 samples, two exits. The first exit's confidence is i / 200; the second is right for every other sample below 100
// and for all from there on, and the first for all from 150 on.
std::shared_ptr<const CalibrationData> two_exits() {
    auto data = std::make_shared<CalibrationData>();
    data->exits = 2;
    for (int i = 0; i < 200; ++i) {
        data->confidence.insert(data->confidence.end(), {static_cast<float>(i) / 200, 0.9F});
        data->correct.push_back(i >= 150);
        data->correct.push_back(i >= 100 || i % 2 == 0);
    }
    return data;
}

}  // namespace

TEST_CASE("a job that has not started is worth the mean accuracy", "[predictor]") {
    const TaskSet tasks = four_stages();
    const ActiveJob job = job_at(tasks, {});
    for (const std::string name : {"exp", "max", "lin", "mean", "conditional"}) {
        INFO(name);
        check_close(predict(name, tasks, job), {0, 0.4, 0.6, 0.8, 0.9});
    }
}

TEST_CASE("forecasts from what was revealed", "[predictor]") {
    const TaskSet tasks = four_stages();
    const ActiveJob job = job_at(tasks, {0.5F, 0.6F});
    check_close(predict("exp", tasks, job), {0, 0.5, 0.6, 0.8, 0.9});
    check_close(predict("max", tasks, job), {0, 0.5, 0.6, 1, 1});
    check_close(predict("lin", tasks, job), {0, 0.5, 0.6, 0.7, 0.8});
    check_close(predict("mean", tasks, job), {0, 0.5, 0.6, 0.8, 0.9});
}

TEST_CASE("lin stays within [0, 1]", "[predictor]") {
    const TaskSet tasks = four_stages();
    check_close(predict("lin", tasks, job_at(tasks, {0.75F})), {0, 0.75, 1, 1, 1});
    check_close(predict("lin", tasks, job_at(tasks, {0.9F, 0.3F})), {0, 0.9, 0.3, 0, 0});
}

TEST_CASE("the oracle tells the confidences to come", "[predictor]") {
    const TaskSet tasks = four_stages();
    const FixedOracle oracle;
    check_close(predict("oracle", tasks, job_at(tasks, {}), &oracle), {0, 0.11, 0.22, 0.33, 0.44});
    check_close(predict("oracle", tasks, job_at(tasks, {0.9F}), &oracle), {0, 0.9, 0.22, 0.33, 0.44});
}

TEST_CASE("conditional tells the share that was right at about this confidence", "[predictor]") {
    const TaskSet tasks = make_tasks({make_task("task", [] {
        VariantPlan variant = make_variant({ms(1), ms(1)}, {0.25, 0.75});
        variant.calibration = two_exits();
        return variant;
    }())});
    // Bins of ten: the shares at the first exit, and at the second.
    check_close(predict("conditional", tasks, job_at(tasks, {0.1F})), {0, 0, 0.5});
    check_close(predict("conditional", tasks, job_at(tasks, {0.6F})), {0, 0, 1});
    check_close(predict("conditional", tasks, job_at(tasks, {0.9F})), {0, 1, 1});
    // The second exit has one bin: its confidence says nothing.
    check_close(predict("conditional", tasks, job_at(tasks, {0.9F, 0.9F})), {0, 0.9F, 0.75});
}

TEST_CASE("conditional never falls as the confidence rises", "[predictor]") {
    Draws draw(5);
    auto data = std::make_shared<CalibrationData>();
    data->exits = 4;
    for (int i = 0; i < 4 * 300; ++i) {
        data->confidence.push_back(static_cast<float>(draw.real()));
        data->correct.push_back(draw.real() < static_cast<double>(data->confidence.back()));
    }
    const TaskSet tasks = four_stages(data);
    std::vector<double> before(5, 0.0);
    for (int step = 0; step <= 100; ++step) {
        auto values = predict("conditional", tasks, job_at(tasks, {static_cast<float>(step) / 100}));
        for (std::size_t depth = 1; depth <= 4; ++depth) CHECK(values[depth] >= before[depth]);
        before = values;
    }
}

TEST_CASE("an unknown predictor, or an oracle without one", "[predictor]") {
    const TaskSet tasks = four_stages();
    CHECK_THROWS_AS(make_predictor("exponential", tasks, nullptr), std::invalid_argument);
    CHECK_THROWS_AS(make_predictor("oracle", tasks, nullptr), std::invalid_argument);
    for (const std::string_view name : kPredictorNames) {
        const FixedOracle oracle;
        CHECK(make_predictor(name, tasks, &oracle) != nullptr);
    }
}
