#include "sim/cli/decision_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/bench/decision_cost.hpp"
#include "sim/results/csv.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "sim/study/axis_values.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// Whole nanoseconds, as the clock has them.
void put_times(CsvLine& line, const DecisionCost::Event& event) {
    if (event.count == 0) {
        line.empty().empty().empty();
    } else {
        line.integer(std::llround(event.median_ns)).integer(std::llround(event.p99_ns));
        line.integer(std::llround(event.mean_ns));
    }
}

std::string csv_rows(const std::string& policy, int jobs, const DecisionCost& cost) {
    std::string rows;
    for (const auto& [name, event] : {std::pair("release", cost.release), {"stage_end", cost.stage_end}}) {
        CsvLine line;
        line.text(policy).text(name).integer(jobs).integer(static_cast<std::int64_t>(event.count));
        put_times(line, event);
        rows += line.take();
    }
    return rows;
}

std::string cells(const DecisionCost::Event& event) {
    if (event.count == 0) return "        -         -";
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%9.0f %9.0f", event.median_ns, event.p99_ns);
    return text.data();
}

void print_heading(const DecisionTable& table) {
    if (table.csv) {
        std::printf("%s\n", kDecisionColumns);
        return;
    }
    std::printf("ns per decision, one core, %d decisions of each kind       job arrives         stage ends\n",
                table.situations);
    std::printf("%-36s %12s  %9s %9s  %9s %9s\n", "policy", "active jobs", "median", "p99", "median", "p99");
}

void print_cell(const DecisionTable& table, const std::string& policy, int jobs, const DecisionCost& cost) {
    if (table.csv) {
        std::fputs(csv_rows(policy, jobs, cost).c_str(), stdout);
    } else {
        std::printf("%-36s %12d  %s  %s\n", policy.c_str(), jobs, cells(cost.release).c_str(),
                    cells(cost.stage_end).c_str());
    }
    std::fflush(stdout);
}

std::string configuration(const DecisionTable& table) {
    Json json = {{"kind", "decisions"}, {"policies", Json::array()}, {"active_jobs", table.active_jobs}};
    for (const PolicySpec& policy : table.policies) json["policies"].push_back(policy.text);
    json["situations"] = table.situations;
    return json.dump();
}

// The result folder, from the first cell on.
class DecisionFolder {
public:
    explicit DecisionFolder(const DecisionTable& table) : folder_(table.out) {
        folder_.claim(table.replace);
        write_manifest(folder_.path(), {command_line(), configuration(table), {}, "costs of decisions"});
        rows_.emplace(open_csv(folder_.path() + "/decisions.csv", kDecisionColumns));
    }

    void add(const std::string& rows) {
        rows_->write(rows);
        rows_->flush();
    }
    void close() { rows_->close(); }

private:
    ResultFolder folder_;
    std::optional<OutputFile> rows_;  // once the folder is ours
};

int active_jobs_of(const std::string& value) {
    int jobs = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), jobs);
    if (error != std::errc() || end != value.data() + value.size() || jobs < 1 || jobs > kMostActiveJobs) {
        throw input_error("--active", "whole numbers from 1 to " + std::to_string(kMostActiveJobs), shortened(value),
                          "give a list or a range, as 10,100 or 10..50:10");
    }
    return jobs;
}

}  // namespace

std::vector<int> active_jobs_option(const std::string& text) {
    std::vector<int> jobs;
    for (const std::string& value : parse_axis_values(text, "--active")) {
        const int count = active_jobs_of(value);
        if (std::find(jobs.begin(), jobs.end(), count) != jobs.end())
            throw input_error("--active", "each number once", value + " twice");
        jobs.push_back(count);
    }
    return jobs;
}

void measure_decisions(const DecisionTable& table) {
    std::optional<DecisionFolder> folder;
    if (!table.out.empty()) folder.emplace(table);
    print_heading(table);
    for (const PolicySpec& policy : table.policies) {
        for (const int jobs : table.active_jobs) {
            if (interrupted()) throw Interrupted();
            const DecisionCost cost = decision_cost(policy, jobs, table.situations);
            print_cell(table, policy.text, jobs, cost);
            if (folder) folder->add(csv_rows(policy.text, jobs, cost));
        }
    }
    if (folder) folder->close();
}

}  // namespace laxity
