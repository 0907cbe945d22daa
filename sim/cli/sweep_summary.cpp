#include "sim/cli/sweep_summary.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "sim/study/run_table.hpp"
#include "sim/study/study_summary.hpp"
#include "sim/study/sweep_doubts.hpp"
#include "sim/study/sweep_folder.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

namespace {

// "0.7312 +- 0.0021"; "-" where there is no number.
std::string text(const Estimate& estimate) {
    std::array<char, 64> field{};
    if (!estimate.mean) return "-";
    if (estimate.half_width) {
        std::snprintf(field.data(), field.size(), "%.4f +- %.4f", *estimate.mean, *estimate.half_width);
    } else {
        std::snprintf(field.data(), field.size(), "%.4f", *estimate.mean);
    }
    return field.data();
}

std::string percent(const std::optional<double>& share) {
    std::array<char, 32> field{};
    if (!share) return "-";
    std::snprintf(field.data(), field.size(), "%.4f %%", 100 * *share);
    return field.data();
}

std::string remark(const PolicySummary& policy, const StudySummary& summary) {
    std::string text;
    const auto add = [&](const char* bound, const std::optional<Estimate>& behind) {
        std::array<char, 64> field{};
        if (behind && behind->mean) std::snprintf(field.data(), field.size(), "  %.4f below %s", *behind->mean, bound);
        text += field.data();
    };
    add("the least bound", policy.behind_least);
    add("clairvoyant", policy.behind_clairvoyant);
    if (policy.policy == summary.winner) return text + "  <- winner";
    if (policy.among_winners && policy.behind_winner.p) return text + "  <- can't be told from the winner";
    return policy.live ? text : text + "  (oracle)";
}

void print_table(const StudySummary& summary) {
    std::size_t width = 6;
    for (const PolicySummary& policy : summary.policies) width = std::max(width, policy.policy.size());
    std::fprintf(stderr, "%-*s  %16s  %10s  %22s\n", static_cast<int>(width), "policy", "accuracy (95 %)", "misses",
                 "behind winner (paired)");
    for (const PolicySummary& policy : summary.policies) {
        std::fprintf(stderr, "%-*s  %16s  %10s  %22s%s\n", static_cast<int>(width), policy.policy.c_str(),
                     text(policy.accuracy).c_str(), percent(policy.miss_ratio.mean).c_str(),
                     text(policy.behind_winner.difference).c_str(), remark(policy, summary).c_str());
    }
    for (const std::string& note : summary.notes) std::cerr << "laxity: note: " << note << "\n";
}

}  // namespace

void finish_sweep(const std::string& directory) {
    const std::vector<Precision> until = read_sweep_manifest(directory).until;
    std::vector<std::string> measures = {"accuracy", "miss_ratio", "jobs", "missed", "backlog_trend"};
    for (const Precision& precision : until) measures.push_back(precision.measure);
    const RunTable table = load_run_table(directory, measures);
    StudySummary summary = summarise(table);
    for (std::string& line : unreached(table, until)) summary.notes.push_back(std::move(line));
    for (std::string& doubt : doubts(table)) summary.notes.push_back(std::move(doubt));
    const std::string json = summary_json(summary);
    write_file(directory + "/summary.json", json);
    print_table(summary);
    if (::isatty(STDOUT_FILENO) == 0) std::cout << json;  // people have the table
}

}  // namespace laxity
