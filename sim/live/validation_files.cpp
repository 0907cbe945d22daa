#include "sim/live/validation_files.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/results/csv.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWindows =
    "window,network,stage,executions,p50_ns,p99_ns,stalled,watched_s,stalls,longest_stall_ms";
constexpr std::string_view kValidation =
    "point,policy,metric,unit,simulated,live,difference,ci95,low,high,margin,verdict,established,repetitions_more,"
    "repetitions,contended,repeated,repeatability,drift,count,stalled_count,simulated_unstalled,live_unstalled,"
    "difference_unstalled";
constexpr std::string_view kAgreement =
    "point,policy_a,policy_b,live_difference,live_ci95,p_holm,significant,simulated_difference,same_order,tau,"
    "device_best,simulated_best,loss";
constexpr std::string_view kBudget = "point,policy,metric,part,value,low,high";

CsvLine& add(CsvLine& line, const std::optional<double>& value) { return value ? line.number(*value) : line.empty(); }

std::int64_t whole(std::size_t value) { return static_cast<std::int64_t>(value); }

OutputFile open_rows(const std::string& path, std::string_view header, OutputFile::Start start) {
    std::error_code error;
    if (start == OutputFile::Start::kEmpty || std::filesystem::file_size(path, error) == 0 || error)
        return open_csv(path, header);
    return OutputFile(path, start);
}

// Which jobs a row is of.
struct JobSet {
    const char* name;
    std::optional<double> RepetitionMetric::*simulated, RepetitionMetric::*live, RepetitionMetric::*difference;
};
constexpr JobSet kAllJobs = {"all", &RepetitionMetric::simulated, &RepetitionMetric::live,
                             &RepetitionMetric::difference};
constexpr JobSet kUnstalledJobs = {"unstalled", &RepetitionMetric::unstalled_simulated,
                                   &RepetitionMetric::unstalled_live, &RepetitionMetric::unstalled_difference};

// The rows of a whole file.
class WholeCsv {
public:
    WholeCsv(const std::string& path, std::string_view header) : file_(path) {
        file_.write(std::string(header) + "\n");
    }
    void add(CsvLine& line) { file_.write(line.take()); }
    void commit() { file_.commit(); }

private:
    WholeFile file_;
};

struct StageTally {
    std::vector<std::int64_t> latencies;  // of executions that no stall touched
    std::size_t stalled = 0;              // the others
};

StageTally tally_of(const std::vector<Execution>& executions, int stage) {
    StageTally tally;
    for (const Execution& execution : executions) {
        if (execution.stage != stage) continue;
        if (execution.stalled)
            ++tally.stalled;
        else
            tally.latencies.push_back(execution.latency.count());
    }
    return tally;
}

double longest_ms(const Stalls& stalls) {
    Duration longest{};
    for (const StallGap& gap : stalls.gaps) longest = std::max(longest, gap.length);
    return static_cast<double>(longest.count()) * 1e-6;
}

void add_row(CsvLine& line, const CellResult& result, const ValidationRow& row) {
    const Equivalence& e = row.equivalence;
    line.text(row.cell.point).text(row.cell.policy).text(row.metric).text(row.unit);
    for (const auto& value : {row.simulated, row.live, e.difference.mean, row.ci95, e.low, e.high, e.margin})
        add(line, value);
    line.text(verdict_name(e.verdict)).integer(e.established);
    e.repetitions_more ? line.integer(whole(*e.repetitions_more)) : line.empty();
    line.integer(whole(result.repetitions)).integer(whole(result.contended)).integer(whole(result.repeated));
    add(add(line, e.spread), row.drift).integer(whole(result.jobs)).integer(whole(result.stalled_jobs));
    for (const auto& value : {row.unstalled_simulated, row.unstalled_live, row.unstalled_difference}) add(line, value);
}

void add_pair(CsvLine& line, const PointAgreement& point, const PairAgreement& pair) {
    line.text(point.point).text(pair.a).text(pair.b);
    for (const auto& value : {pair.live.mean, pair.live.half_width, pair.p_holm}) add(line, value);
    add(line.integer(pair.significant), pair.simulated.mean);
    pair.same_order ? line.integer(*pair.same_order) : line.empty();
    add(add(line, point.tau).text(point.device_best).text(point.simulated_best), point.loss);
}

}  // namespace

std::string protocol_json(const ProtocolFacts& facts) {
    Json margins = Json::object();
    for (const Margin& margin : facts.margins)
        margins[margin.metric] = {{"value", margin.value}, {"relative", margin.relative}};
    const Json json = {{"schema", "laxity.protocol/1"},
                       {"policies", facts.policies},
                       {"points", facts.points},
                       {"cells", facts.plan.cells},
                       {"repetitions", facts.plan.repetitions},
                       {"attempts", facts.plan.attempts},
                       {"seed", facts.plan.seed},
                       {"seconds", facts.seconds},
                       {"window_seconds", facts.window_seconds},
                       {"lucks", facts.lucks},
                       {"steady", facts.steadiness.speed_change},
                       {"longest_stall_ms", static_cast<double>(facts.steadiness.longest_stall.count()) * 1e-6},
                       {"margins", margins},
                       {"explain", facts.explain},
                       {"decisions", facts.decisions},
                       {"wait", facts.wait},
                       {"device", facts.device},
                       {"signatures", facts.signatures}};
    return json.dump(2) + "\n";
}

RepetitionsCsv::RepetitionsCsv(const std::string& directory, OutputFile::Start start)
    : out_(open_rows(directory + "/repetitions.csv", kRepetitionsHeader, start)) {}

void RepetitionsCsv::add(const CellName& cell, const MeasuredAttempt& measured, const Steadiness& steadiness) {
    const Attempt& attempt = measured.attempt;
    CsvLine line;
    for (const RepetitionMetric& metric : measured.metrics) {
        for (const JobSet& jobs : {kAllJobs, kUnstalledJobs}) {
            if (jobs.name == kUnstalledJobs.name && !(metric.*jobs.live)) continue;
            line.text(cell.point).text(cell.policy).integer(attempt.turn.repetition).integer(attempt.turn.attempt);
            line.integer(static_cast<std::int64_t>(measured.seed))
                .text(metric.metric)
                .text(metric.unit)
                .text(jobs.name);
            for (const auto value : {jobs.simulated, jobs.live, jobs.difference}) laxity::add(line, metric.*value);
            laxity::add(line, jobs.name == kAllJobs.name ? metric.drift : std::nullopt);
            line.integer(attempt.contended).text(steadiness.reasons(attempt.disturbance));
            line.number(steadiness.severity(attempt.disturbance)).number(attempt.disturbance.speed_change);
            line.number(static_cast<double>(attempt.disturbance.longest_stall.count()) * 1e-6);
            line.integer(whole(measured.jobs)).integer(whole(measured.stalled_jobs));
            laxity::add(line, jobs.name == kAllJobs.name ? metric.ci95 : std::nullopt);
            line.integer(attempt.disturbance.noisy).integer(whole(attempt.window)).write(out_);
        }
    }
    out_.sync();
}

BudgetsCsv::BudgetsCsv(const std::string& directory, OutputFile::Start start)
    : out_(open_rows(directory + "/budgets.csv", kBudgetsHeader, start)) {}

void BudgetsCsv::add(const CellName& cell, const MeasuredAttempt& measured) {
    const LiveTurn& turn = measured.attempt.turn;
    CsvLine line;
    for (const BudgetRow& row : measured.budget) {
        line.text(cell.point).text(cell.policy).integer(turn.repetition).integer(turn.attempt);
        laxity::add(line.text(row.metric).text(row.unit).text(row.part), row.value).integer(row.summed).write(out_);
    }
    out_.sync();
}

WindowsCsv::WindowsCsv(const std::string& directory, OutputFile::Start start)
    : out_(open_rows(directory + "/windows.csv", kWindows, start)) {}

void WindowsCsv::add(std::size_t number, const MeasuredWindow& window, const std::vector<MeasurableNetwork>& networks) {
    CsvLine line;
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const Trace& trace = *networks[i].trace;
        for (int stage = 0; stage < trace.stage_count(); ++stage) {
            const StageTally tally = tally_of(window.executions[i], stage);
            line.integer(whole(number))
                .text(trace.network.name)
                .text(trace.stages[static_cast<std::size_t>(stage)].name);
            line.integer(whole(tally.latencies.size() + tally.stalled));
            for (const double q : {0.5, 0.99})
                tally.latencies.empty() ? line.empty() : line.integer(quantile(tally.latencies, q));
            line.integer(whole(tally.stalled)).number(static_cast<double>(window.stalls.watched.count()) * 1e-9);
            line.integer(whole(window.stalls.gaps.size())).number(longest_ms(window.stalls)).write(out_);
        }
    }
    out_.sync();
}

void write_validation_csv(const std::string& directory, std::span<const CellResult> results) {
    WholeCsv csv(directory + "/validation.csv", kValidation);
    CsvLine line;
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows) {
            add_row(line, result, row);
            csv.add(line);
        }
    }
    csv.commit();
}

void write_agreement_csv(const std::string& directory, std::span<const PointAgreement> agreements) {
    WholeCsv csv(directory + "/agreement.csv", kAgreement);
    CsvLine line;
    for (const PointAgreement& point : agreements) {
        for (const PairAgreement& pair : point.pairs) {
            add_pair(line, point, pair);
            csv.add(line);
        }
    }
    csv.commit();
}

void write_budget_csv(const std::string& directory, std::span<const BudgetLine> lines) {
    WholeCsv csv(directory + "/budget.csv", kBudget);
    CsvLine line;
    for (const BudgetLine& row : lines) {
        line.text(row.cell.point).text(row.cell.policy).text(row.metric).text(row.part);
        add(add(add(line, row.value), row.low), row.high);
        csv.add(line);
    }
    csv.commit();
}

}  // namespace laxity
