// One suite over every policy of the registry: whatever it decides, the invariants of design and policy.hpp hold. A new
// policy adds its row to kPolicies.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/core/invariants.hpp"
#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

const std::vector<std::string> kPolicies = {
    "fifo",
    "fifo:skip=true",
    "rr",
    "rr:skip=true",
    "sjf",
    "sjf:skip=true",
    "edf",
    "edf:skip=true",
    "edf:depth=m",
    "edf:depth=2,skip=true",
    "edf:threshold=0.8",
    "dm",
    "dm:skip=true,variant=smallest",
    "dm:depth=m",
    "dm:mandfirst=true,skip=true,variant=smallest",
    "um",
    "um:skip=true,variant=smallest",
    "um:order=smallest",
    "rm",
    "rm:skip=true",
    "rm:depth=2",
    "rm:mandfirst=true",
    "llf",
    "llf:skip=true",
    "lcf",
    "lcf:skip=true",
    "zygarde",
    "zygarde:threshold=0.5,utility=margin,skip=true",
    "zygarde:queue=3",
    "rtdeepiot",
    "rtdeepiot:update=none",
    "rtdeepiot:update=resolve",
    "rtdeepiot:reclaim=false",
    "rtdeepiot:delta=0.02,predictor=conditional",
    "rtdeepiot:predictor=max",
    "rtdeepiot:predictor=lin",
    "rtdeepiot:predictor=mean",
    "rtdeepiot:predictor=oracle",
    "rtmdl",
    "rtmdl:epsilon=0",
    "clockwork",
    "clockwork:exits=last",
    "dnnsam",
    "dnnsam:order=slack",
    "pantheon",
    "daris",
    "daris:skip=true,window=1",
    "apparate",
    "apparate:order=edf,threshold=0.6,skip=true",
    "random",
    "random:seed=2",
    "toll",
    "toll:levels=9,fast=0",
    "gittins",
    "density",
    "density:predictor=oracle,price=0",
};

// Forms that refuse a job that cannot have its whole network, be its mandatory part in time or not: the paper's rule.
const std::set<std::string> kServeWholeNetworks = {"clockwork:exits=last"};

// --- Workloads: on a grid of ms, so that events often coincide ---

std::vector<float> random_confidences(Draws& draw, int exits) {
    std::vector<float> confidence;
    double value = draw.real(0.2, 0.9);
    for (int exit = 0; exit < exits; ++exit) {
        confidence.push_back(static_cast<float>(value));
        value += (1 - value) * draw.real(-0.1, 0.7);
    }
    return confidence;
}

std::shared_ptr<const CalibrationData> random_calibration(Draws& draw, int exits) {
    auto data = std::make_shared<CalibrationData>();
    data->exits = exits;
    for (int sample = 0; sample < 200; ++sample) {
        for (const float confidence : random_confidences(draw, exits)) {
            data->confidence.push_back(confidence);
            data->correct.push_back(draw.real() < static_cast<double>(confidence) ? 1 : 0);
        }
    }
    return data;
}

VariantPlan random_variant(Draws& draw, int stages, int resources) {
    std::vector<Duration> cost;
    std::vector<double> accuracy;
    std::vector<int> resource;
    for (int s = 0; s < stages; ++s) {
        cost.push_back(ms(draw.integer(1, 4)));
        accuracy.push_back(0.9 - 0.4 / (1 + s));
        resource.push_back(static_cast<int>(draw.integer(0, resources - 1)));
    }
    VariantPlan variant = make_variant(cost, accuracy, resource);
    variant.calibration = random_calibration(draw, stages);
    return variant;
}

// Three tasks, one of them with a choice of variants and one with two mandatory stages; about 1.3 times the work that
// one resource can do. Stages take up to a third more or less than planned.
Script random_script(std::uint64_t seed, const std::vector<Resource>& resources) {
    Draws draw(seed);
    Script script;
    script.tasks.resources = resources;
    for (int t = 0; t < 3; ++t) {
        const int stages = static_cast<int>(draw.integer(2, 5)), kinds = static_cast<int>(resources.size());
        TaskPlan task = make_task("task" + std::to_string(t), random_variant(draw, stages, kinds), t == 1 ? 2 : 1);
        if (t == 2) task.variants.push_back(random_variant(draw, stages, kinds));
        if (t != 0) task.period = ms(draw.integer(5, 50));
        script.tasks.tasks.push_back(task);
    }
    Time release{};
    for (int j = 0; j < 40; ++j) {
        ScriptedJob job;
        job.task = static_cast<int>(draw.integer(0, 2));
        const TaskPlan& task = script.tasks.tasks[static_cast<std::size_t>(job.task)];
        release += ms(draw.integer(0, 15));
        job.release = release;
        job.deadline = release + ms(draw.integer(2, 40));
        job.confidence = random_confidences(draw, task.variants[0].stages());
        for (const Duration cost : task.variants[0].cost) job.taken.push_back(cost * draw.integer(2, 4) / 3);
        script.jobs.push_back(job);
    }
    std::stable_sort(script.jobs.begin(), script.jobs.end(), [](const ScriptedJob& a, const ScriptedJob& b) {
        return a.release != b.release ? a.release < b.release : a.task < b.task;
    });
    return script;
}

const std::vector<Script>& scripts() {
    static const std::vector<Script> all = [] {
        std::vector<Script> made;
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            made.push_back(random_script(seed, {{"accelerator", 1}}));
            made.push_back(random_script(seed + 10, {{"accelerator", 2}}));
            made.push_back(random_script(seed + 20, {{"accelerator", 1}, {"host", 1}}));
        }
        return made;
    }();
    return all;
}

// --- The properties ---

using Violations = std::set<std::string>;

// INV-1: every released job leaves exactly once, after its release.
bool jobs_are_conserved(const Run& run) {
    std::vector<JobId> active;
    std::size_t released = 0, left = 0;
    for (const Event& event : run.events) {
        if (event.kind == Event::Kind::kRelease) active.push_back(event.job), ++released;
        if (event.kind == Event::Kind::kLeave && std::erase(active, event.job) == 1) ++left;
    }
    const auto leaves = std::count_if(run.events.begin(), run.events.end(),
                                      [](const Event& event) { return event.kind == Event::Kind::kLeave; });
    return active.empty() && left == released && static_cast<std::size_t>(leaves) == left;
}

// INV-2: time never goes back.
bool time_is_monotone(const Run& run) {
    return std::is_sorted(run.events.begin(), run.events.end(),
                          [](const Event& a, const Event& b) { return a.at < b.at; });
}

// INV-3: no resource runs more stages than it has slots.
bool slots_suffice(const Script& script, const Run& run) {
    std::vector<int> running(script.tasks.resources.size());
    for (const Event& event : run.events) {
        if (event.resource < 0) continue;
        int& count = running[static_cast<std::size_t>(event.resource)];
        count += event.kind == Event::Kind::kStart ? 1 : -1;
        if (count > script.tasks.resources[static_cast<std::size_t>(event.resource)].slots) return false;
    }
    return true;
}

// INV-4: a stage starts after its predecessor ended and its job was released; INV-5: a job leaves with its deepest exit
// that was finished by its deadline, or with the one exit finished by then that it replied with.
Violations check_jobs(const Script& script, const Run& run) {
    Violations found;
    std::map<int, std::uint64_t> number;
    for (const ScriptedJob& job : script.jobs) {
        const JobId id{job.task, number[job.task]++};
        int started = 0, ended = 0, in_time = 0, answered = 0;
        for (const Event& event : run.events) {
            if (event.job != id) continue;
            if (event.kind == Event::Kind::kStart) {
                if (event.stage != started++ || started != ended + 1 || event.at < job.release) found.insert("INV-4");
            }
            if (event.kind == Event::Kind::kEnd) {
                ++ended;
                if (event.counted) ++in_time;
                if (event.counted && event.at > job.deadline) found.insert("INV-5");
            }
            if (event.kind == Event::Kind::kReply) {
                if (answered != 0 || event.depth == 0 || event.depth != in_time) found.insert("INV-5");
                answered = event.depth;
            }
            if (event.kind == Event::Kind::kLeave && event.answered != answered) found.insert("INV-5");
            if (event.kind == Event::Kind::kLeave && (event.depth != in_time || event.at > job.deadline)) {
                found.insert("INV-5");
            }
        }
    }
    return found;
}

Violations check_run(const Script& script, const Run& run) {
    Violations found = check_jobs(script, run);
    if (!jobs_are_conserved(run)) found.insert("INV-1");
    if (!time_is_monotone(run)) found.insert("INV-2");
    if (!slots_suffice(script, run)) found.insert("INV-3");
    return found;
}

// A lone job whose mandatory part ends exactly at its deadline is served: equality at the deadline counts.
bool serves_up_to_the_deadline(const PolicyMaker& maker) {
    for (int mandatory = 1; mandatory <= 3; ++mandatory) {
        Script script;
        script.tasks = make_tasks({make_task("lone", make_variant({ms(3), ms(4), ms(5)}, {0.5, 0.7, 0.9}), mandatory)});
        const Time release = at_ms(7);
        const Duration needed = script.tasks.tasks[0].variants[0].cost_between(0, mandatory);
        script.jobs = {{0, release, release + needed, {}, {}, {}}};
        const Event left = play(script, maker).leave({0, 0});
        if (left.missed || left.depth != mandatory) return false;
    }
    return true;
}

// `script`, but what had not been seen at `now` is another job's: outcomes of stages that had not ended, durations of
// stages that had not started, deadlines of jobs that had not come.
Script with_another_future(const Script& script, const Run& run, Time now, Draws& draw) {
    Script other = script;
    std::map<int, std::uint64_t> number;
    for (ScriptedJob& job : other.jobs) {
        const JobId id{job.task, number[job.task]++};
        std::size_t started = 0, ended = 0;
        for (const Event& event : run.events) {
            if (event.job != id || event.at > now) continue;
            started += event.kind == Event::Kind::kStart;
            ended += event.kind == Event::Kind::kEnd;
        }
        const auto fresh = random_confidences(draw, static_cast<int>(job.confidence.size()));
        for (std::size_t k = ended; k < fresh.size(); ++k) job.confidence[k] = fresh[k];
        for (std::size_t k = started; k < job.taken.size(); ++k) job.taken[k] = ms(draw.integer(1, 6));
        if (job.release > now) job.deadline = job.release + ms(draw.integer(2, 40));
    }
    return other;
}

// INV-8: what is decided up to any instant does not depend on what was unseen then.
bool ignores_the_future(const Script& script, const Run& run, const PolicyMaker& maker) {
    Draws draw(99);
    for (std::size_t d = 0; d < run.decisions.size(); d += 7) {
        const Time now = run.decisions[d].at;
        const auto seen = static_cast<std::ptrdiff_t>(
            std::count_if(run.decisions.begin(), run.decisions.end(), [&](const Decision& x) { return x.at <= now; }));
        const Run again = play(with_another_future(script, run, now, draw), maker);
        if (again.decisions.size() < static_cast<std::size_t>(seen)) return false;
        if (!std::equal(run.decisions.begin(), run.decisions.begin() + seen, again.decisions.begin())) return false;
    }
    return true;
}

// The names of the properties that a policy violates. An oracle is exempt from INV-8.
Violations violations_of(const PolicyMaker& maker, bool is_oracle = false) try {
    Violations found;
    if (!serves_up_to_the_deadline(maker)) found.insert("deadline");
    for (const Script& script : scripts()) {
        const Run run = play(script, maker);
        found.merge(check_run(script, run));
        if (play(script, maker) != run) found.insert("INV-7");
        if (!is_oracle && !ignores_the_future(script, run, maker)) found.insert("INV-8");
    }
    return found;
} catch (const ContractViolation& violation) {
    return {violation.property};
}

}  // namespace

TEST_CASE("every policy conforms", "[conformance]") {
    for (const std::string& policy : kPolicies) {
        INFO(policy);
        Violations found = violations_of(maker_of(policy), parse_policy(policy).needs_oracle());
        if (kServeWholeNetworks.count(policy) != 0) CHECK(found.erase("deadline") == 1);
        CAPTURE(found);
        CHECK(found.empty());
    }
}

TEST_CASE("every row of the registry is in the suite", "[conformance]") {
    for (const PolicyInfo& info : policy_registry()) {
        INFO(info.name);
        CHECK(std::any_of(kPolicies.begin(), kPolicies.end(),
                          [&](const std::string& policy) { return parse_policy(policy).info == &info; }));
    }
}

// --- The suite can fail: one bad policy for every property that a policy can violate ---

namespace {

// Runs the first job that may run.
class Plain : public Policy {
public:
    explicit Plain(const PolicyContext&) {}
    Action next(const View& view, int resource) override {
        for (const ActiveJob* job : view.jobs()) {
            if (!job->running && job->next_resource() == resource && eligible(view, *job)) return Action::run(*job);
        }
        return Action::wait();
    }

private:
    virtual bool eligible(const View&, const ActiveJob&) { return true; }
};

class NamesJobThatLeft final : public Plain {
public:
    using Plain::Plain;
    void left(const View&, const ActiveJob& job) override { gone_ = &job; }
    Action next(const View& view, int resource) override {
        return gone_ != nullptr ? Action::stop(*gone_) : Plain::next(view, resource);
    }

private:
    const ActiveJob* gone_ = nullptr;
};

class RunsRunningJob final : public Plain {
public:
    using Plain::Plain;
    Action next(const View& view, int) override { return Action::run(*view.jobs().front()); }
};

class IgnoresResource final : public Plain {
public:
    using Plain::Plain;
    Action next(const View& view, int) override {
        for (const ActiveJob* job : view.jobs()) {
            if (!job->running) return Action::run(*job);
        }
        return Action::wait();
    }
};

class RemembersOtherRuns final : public Plain {
public:
    using Plain::Plain;

private:
    bool eligible(const View&, const ActiveJob&) override {
        static int calls = 0;
        return ++calls % 3 != 0;
    }
};

class RepliesTwice final : public Plain {
public:
    using Plain::Plain;
    Action next(const View& view, int resource) override {
        for (const ActiveJob* job : view.jobs()) {
            if (!job->running && job->depth > 1) return Action::reply(*job);
        }
        return Plain::next(view, resource);
    }
};

class MissesEquality final : public Plain {
public:
    using Plain::Plain;

private:
    bool eligible(const View& view, const ActiveJob& job) override {
        return view.now() + job.next_cost() < job.deadline;
    }
};

class PeeksAtOutcomes final : public Plain {
public:
    explicit PeeksAtOutcomes(const PolicyContext& context) : Plain(context), oracle_(context.oracle) {}

private:
    bool eligible(const View&, const ActiveJob& job) override {
        return oracle_->outcome(job, job.depth).confidence > 0.45F;
    }
    const Oracle* oracle_;
};

template <class BadPolicy>
Violations violations_of_class() {
    return violations_of([](const PolicyContext& context) { return std::make_unique<BadPolicy>(context); });
}

}  // namespace

TEST_CASE("the suite passes a plain policy and catches bad ones", "[conformance]") {
    CHECK(violations_of_class<Plain>().empty());
    CHECK(violations_of_class<NamesJobThatLeft>() == Violations{"INV-1"});
    CHECK(violations_of_class<RunsRunningJob>() == Violations{"INV-4"});
    CHECK(violations_of_class<IgnoresResource>() == Violations{"INV-3"});
    CHECK(violations_of_class<RepliesTwice>() == Violations{"INV-5"});
    CHECK(violations_of_class<RemembersOtherRuns>().count("INV-7") == 1);
    CHECK(violations_of_class<MissesEquality>() == Violations{"deadline"});
    CHECK(violations_of_class<PeeksAtOutcomes>() == Violations{"INV-8"});
}

TEST_CASE("the suite catches runs that a scheduler may not make", "[conformance]") {
    const Script& script = scripts().front();
    const Run good = play(script, "edf");
    REQUIRE(check_run(script, good).empty());
    const auto first = [](Run& run, Event::Kind kind) {
        return std::find_if(run.events.begin(), run.events.end(),
                            [&](const Event& event) { return event.kind == kind; });
    };

    Run run = good;
    run.events.erase(first(run, Event::Kind::kLeave));
    CHECK(check_run(script, run).count("INV-1") == 1);
    run = good;
    run.events.insert(run.events.end(), *first(run, Event::Kind::kLeave));
    CHECK(check_run(script, run).count("INV-1") == 1);
    run = good;
    std::swap(run.events.front(), run.events.back());
    CHECK(check_run(script, run).count("INV-2") == 1);
    run = good;
    run.events.erase(first(run, Event::Kind::kEnd));
    CHECK(check_run(script, run).count("INV-3") == 1);
    run = good;
    first(run, Event::Kind::kStart)->stage = 1;
    CHECK(check_run(script, run).count("INV-4") == 1);
    run = good;
    ++first(run, Event::Kind::kLeave)->depth;
    CHECK(check_run(script, run).count("INV-5") == 1);
}
