// The files of a validation; their columns are documented in results/README.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
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
};
void write_protocol(const std::string& directory, const ProtocolFacts& facts);

// repetitions.csv: a row for every attempt, metric and set of jobs, on the disk as soon as the attempt is measured.
// Whether an attempt counts is known in the end only; the file says what the choice rests on.
class RepetitionsCsv {
public:
    explicit RepetitionsCsv(const std::string& directory);
    void add(const CellName& cell, const MeasuredAttempt& measured, const Steadiness& steadiness);
    void close() { out_.close(); }

private:
    OutputFile out_;
};

// windows.csv: a row for every window and stage, on the disk as soon as it was measured.
class WindowsCsv {
public:
    explicit WindowsCsv(const std::string& directory);
    // `number` counts from 0: attempt i of repetitions.csv lies between windows i and i + 1.
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
