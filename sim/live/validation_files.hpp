// The files of a validation; their columns are documented in results/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/live/validation_results.hpp"
#include "sim/live/window.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

// What is going to be measured, for those who watch: protocol.json.
struct ProtocolFacts {
    ProtocolPlan plan;
    Steadiness steadiness;
    double seconds = 0, window_seconds = 0;
    int lucks = 1;
    std::vector<Margin> margins;
    std::vector<std::string> policies, points;
    bool explain = false, decisions = true;
    std::string wait, device;                       // --wait; name and precision, empty while it is not known
    std::map<std::string, std::string> signatures;  // what the policies decide (sim/bench/bench.hpp)
};
std::string protocol_json(const ProtocolFacts& facts);

// repetitions.csv: a row for every attempt, metric and set of jobs, on the disk as soon as the attempt is measured.
// Whether an attempt counts is known in the end only; the file says what the choice rests on.
inline constexpr std::string_view kRepetitionsHeader =
    "point,policy,repetition,attempt,seed,metric,unit,jobs,simulated,live,difference,drift,contended,reasons,severity,"
    "speed_change,longest_stall_ms,count,stalled_count,ci95,noisy,window";
inline constexpr std::string_view kBudgetsHeader = "point,policy,repetition,attempt,metric,unit,part,value,summed";
class RepetitionsCsv {
public:
    // kAtEnd goes on with the file that is there, if it is.
    explicit RepetitionsCsv(const std::string& directory, OutputFile::Start start = OutputFile::Start::kEmpty);
    void add(const CellName& cell, const MeasuredAttempt& measured, const Steadiness& steadiness);
    void close() { out_.close(); }

private:
    OutputFile out_;
};

// budgets.csv: the budget of every attempt, on the disk before its rows of repetitions.csv are.
class BudgetsCsv {
public:
    explicit BudgetsCsv(const std::string& directory, OutputFile::Start start = OutputFile::Start::kEmpty);
    void add(const CellName& cell, const MeasuredAttempt& measured);
    void close() { out_.close(); }

private:
    OutputFile out_;
};

// windows.csv: a row for every window and stage, on the disk as soon as it was measured.
class WindowsCsv {
public:
    explicit WindowsCsv(const std::string& directory, OutputFile::Start start = OutputFile::Start::kEmpty);
    // `number` counts from 0: an attempt whose `window` is n lies between windows n and n + 1.
    void add(std::size_t number, const MeasuredWindow& window, const std::vector<MeasurableNetwork>& networks);
    void close() { out_.close(); }

private:
    OutputFile out_;
};

// validation.csv, agreement.csv where there are policies to compare, budget.csv where there are budgets: whole files.
// Called again they are written anew. In budget.csv the parts
// that add up come first, metric by metric.
void write_validation_csv(const std::string& directory, std::span<const CellResult> results);
void write_agreement_csv(const std::string& directory, std::span<const PointAgreement> agreements);
void write_budget_csv(const std::string& directory, std::span<const BudgetLine> lines);

}  // namespace laxity
