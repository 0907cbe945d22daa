#include "sim/cli/history_table.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "sim/cli/text_table.hpp"
#include "traces/history_cells.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;
using Times = std::vector<std::int64_t>;  // ns

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

double quantile_us(const Times& times, double q) { return static_cast<double>(quantile(times, q)) * 1e-3; }
double mean_us(const Times& times) {
    return std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size()) * 1e-3;
}

// Latencies by stage and cell.
std::vector<std::vector<Times>> latencies_of(const History& history) {
    std::vector<std::vector<Times>> latencies;
    for (const auto& cells : history.cells) latencies.emplace_back(cells.size());
    for (const Execution& execution : history.executions) {
        const auto stage = static_cast<std::size_t>(execution.stage);
        latencies[stage][cell_of(history.cells[stage], execution.before)].push_back(execution.latency.count());
    }
    return latencies;
}

Times times_of(const History& history, Duration Execution::*part) {
    Times times;
    for (const Execution& execution : history.executions) times.push_back((execution.*part).count());
    return times;
}

std::int64_t stalled_in(const History& history) {
    return std::ranges::count_if(history.executions, &Execution::stalled);
}

// --- As text ---

std::string time_text(std::int64_t ns) {
    if (ns == 0) return "0";
    if (ns < 1000) return std::to_string(ns) + " ns";
    const auto value = static_cast<double>(ns);
    return ns < 1'000'000 ? fixed(value * 1e-3, ns < 100'000 ? 1 : 0) + " us"
                          : fixed(value * 1e-6, ns < 100'000'000 ? 1 : 0) + " ms";
}

std::string bytes_text(std::int64_t bytes) {
    return bytes == 0 ? "0" : fixed(static_cast<double>(bytes) * 1e-6, bytes < 1'000'000 ? 3 : 2) + " MB";
}

template <class Text>
std::string range_text(std::int64_t from, std::int64_t below, Text text) {
    if (below == kNoLimit) return from == 0 ? "any" : "from " + text(from);
    return from == 0 ? "below " + text(below) : text(from) + " to " + text(below);
}

std::string idle_text(const HistoryCell& cell) {
    if (cell.idle_from_ns == 0 && cell.idle_below_ns == 1) return "none";
    if (cell.idle_from_ns == 1)
        return cell.idle_below_ns == kNoLimit ? "some" : "some, below " + time_text(cell.idle_below_ns);
    return range_text(cell.idle_from_ns, cell.idle_below_ns, time_text);
}

std::string input_text(const HistoryCell& cell) {
    if (!cell.continued) return "any";
    return *cell.continued ? "just produced" : "older";
}

void print_cells(std::ostream& out, const Trace& trace) {
    TextTable table("llllrrrrr",
                    {"stage", "idle before", "others since", "away", "input", "executions", "mean", "p50", "explained"},
                    {"", "", "", "", "", "", "us", "us", "%"});
    const auto latencies = latencies_of(trace.history);
    const auto shares = fit_cells(trace.history.executions, trace.stage_count()).explained_of_stage;
    for (std::size_t stage = 0; stage < latencies.size(); ++stage) {
        for (std::size_t i = 0; i < latencies[stage].size(); ++i) {
            const HistoryCell& cell = trace.history.cells[stage][i];
            const std::string share = shares[stage] ? fixed(100 * *shares[stage], 1) : "-";
            table.add({i == 0 ? trace.stages[stage].name : "", idle_text(cell),
                       range_text(cell.bytes_from, cell.bytes_below, bytes_text),
                       range_text(cell.away_from_ns, cell.away_below_ns, time_text), input_text(cell),
                       std::to_string(cell.count), fixed(mean_us(latencies[stage][i]), 1),
                       fixed(quantile_us(latencies[stage][i], 0.5), 1), i == 0 ? share : ""});
        }
    }
    table.print(out);
}

void print_times(std::ostream& out, const char* name, const Times& times) {
    if (times.empty()) return;
    out << name << ": p50 " << fixed(quantile_us(times, 0.5), 2) << " us, p99 " << fixed(quantile_us(times, 0.99), 2)
        << " us, at most " << fixed(quantile_us(times, 1), 1) << " us\n";
}

void print_stalls(std::ostream& out, const char* name, const Stalls& stalls) {
    const auto longest = std::ranges::max_element(stalls.gaps, {}, &StallGap::length);
    Duration total{};
    for (const StallGap& gap : stalls.gaps) total += gap.length;
    out << name << " beyond " << fixed(to_us(stalls.threshold), 0) << " us: " << stalls.gaps.size() << " in "
        << fixed(to_seconds(stalls.watched), 2) << " s of watching";
    if (!stalls.gaps.empty())
        out << ", " << fixed(to_ms(total), 2) << " ms in all, the longest " << fixed(to_ms(longest->length), 2)
            << " ms";
    out << "\n";
}

// --- As JSON ---

Json limit_json(std::int64_t below) { return below == kNoLimit ? Json() : Json(below); }

Json cell_json(const HistoryCell& cell, const Times& latencies) {
    return {{"idle_ns", {cell.idle_from_ns, limit_json(cell.idle_below_ns)}},
            {"bytes", {cell.bytes_from, limit_json(cell.bytes_below)}},
            {"continued", cell.continued ? Json(*cell.continued) : Json()},
            {"away_ns", {cell.away_from_ns, limit_json(cell.away_below_ns)}},
            {"count", cell.count},
            {"mean_us", mean_us(latencies)},
            {"p50_us", quantile_us(latencies, 0.5)}};
}

Json times_json(const Times& times) {
    return {
        {"p50_us", quantile_us(times, 0.5)}, {"p99_us", quantile_us(times, 0.99)}, {"max_us", quantile_us(times, 1)}};
}

Json share_json(std::optional<double> share) { return share ? Json(*share) : Json(); }

Json history_json(const Trace& trace) {
    const History& history = trace.history;
    Json json = {{"schedule", history.schedule},
                 {"executions", history.executions.size()},
                 {"stalled", stalled_in(history)},
                 {"explained", share_json(history.explained)}};
    const auto latencies = latencies_of(history);
    const auto shares = fit_cells(history.executions, trace.stage_count()).explained_of_stage;
    for (std::size_t stage = 0; stage < latencies.size(); ++stage) {
        Json cells = Json::array();
        for (std::size_t i = 0; i < latencies[stage].size(); ++i)
            cells.push_back(cell_json(history.cells[stage][i], latencies[stage][i]));
        json["stages"].push_back({{"explained", share_json(shares[stage])}, {"cells", std::move(cells)}});
    }
    return json;
}

Json stalls_json(const Stalls& stalls) {
    Times lengths;
    for (const StallGap& gap : stalls.gaps) lengths.push_back(gap.length.count());
    return {{"threshold_us", to_us(stalls.threshold)},
            {"watched_s", to_seconds(stalls.watched)},
            {"count", lengths.size()},
            {"total_us", std::accumulate(lengths.begin(), lengths.end(), 0.0) * 1e-3},
            {"longest_us", lengths.empty() ? Json() : Json(quantile_us(lengths, 1))}};
}

}  // namespace

void print_history(std::ostream& out, const Trace& trace) {
    const History& history = trace.history;
    if (history.measured()) {
        out << "history   " << history.executions.size() << " executions, " << history.schedule << "\n";
        print_cells(out, trace);
        out << "cells explain ";
        if (history.explained) {
            out << fixed(100 * *history.explained, 1) << " % of the variance within stages, on blocks left out\n";
        } else {
            out << "nothing: latencies do not vary\n";
        }
        print_times(out, "submit to start", times_of(history, &Execution::submit));
        print_times(out, "end to notice", times_of(history, &Execution::notice));
    }
    print_times(out, "lateness of releases", trace.release_lateness_ns);
    if (trace.stalls) print_stalls(out, "stalls of lanes", *trace.stalls);
    if (trace.driver_stalls) print_stalls(out, "stalls of the driver", *trace.driver_stalls);
    if (history.measured() && trace.stalls) out << "executions that a stall fell into: " << stalled_in(history) << "\n";
}

void add_history(nlohmann::ordered_json& json, const Trace& trace) {
    if (trace.history.measured()) {
        json["history"] = history_json(trace);
        json["path"] = {{"submit", times_json(times_of(trace.history, &Execution::submit))},
                        {"notice", times_json(times_of(trace.history, &Execution::notice))}};
    }
    if (!trace.release_lateness_ns.empty()) json["release_lateness"] = times_json(trace.release_lateness_ns);
    if (trace.stalls) json["stalls"] = stalls_json(*trace.stalls);
    if (trace.driver_stalls) json["driver_stalls"] = stalls_json(*trace.driver_stalls);
}

}  // namespace laxity
