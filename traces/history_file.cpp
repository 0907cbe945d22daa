#include "traces/history_file.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "traces/history_cells.hpp"
#include "traces/json_rows.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;  // what every JSON reader holds exactly
constexpr std::int64_t kMaxNs = 999'999'999'999;           // of a stage: less than 1000 s
constexpr std::size_t kMaxExecutions = 10'000'000;
constexpr std::size_t kMaxBoxes = 64;
constexpr std::size_t kMaxCorners = 1 << 17;  // of their grid, which a simulator lays out
constexpr std::size_t kColumns = 9;           // the last one may be missing from all rows

// --- Reading ---

void read_range(const JsonReader& reader, std::int64_t& from, std::int64_t& below) {
    if (reader.size() != 2) reader.fail("[from, below], with below = null where there is no limit");
    from = reader.item(0).integer(0, kMaxCount);
    if (!reader.item(1).json().is_null()) below = reader.item(1).integer(from + 1, kMaxCount);
}

HistoryCell read_cell(const JsonReader& reader) {
    reader.only_keys({"idle_ns", "bytes", "continued", "away_ns", "count"});
    HistoryCell cell;
    read_range(reader.at("idle_ns"), cell.idle_from_ns, cell.idle_below_ns);
    read_range(reader.at("bytes"), cell.bytes_from, cell.bytes_below);
    if (const auto continued = reader.find("continued")) cell.continued = continued->boolean();
    if (const auto away = reader.find("away_ns")) read_range(*away, cell.away_from_ns, cell.away_below_ns);
    cell.count = reader.at("count").integer(1, kMaxCount);
    return cell;
}

// Exactly one box holds this history.
void check_held(const JsonReader& reader, const std::vector<HistoryCell>& cells, const StageHistory& history) {
    const auto holds = std::ranges::count_if(cells, [&](const auto& cell) { return cell.holds(history); });
    if (holds == 1) return;
    std::string text = "idle_ns " + std::to_string(history.idle.count()) + ", bytes " + std::to_string(history.bytes) +
                       ", continued " + (history.continued ? "true" : "false");
    if (history.away > Duration::zero()) text += ", away_ns " + std::to_string(history.away.count());
    reader.problem("expected boxes of which exactly one holds each history, found " + std::to_string(holds) +
                   " that hold " + text);
}

// Where the boxes begin and end along one axis.
std::set<std::int64_t> boundaries(const std::vector<HistoryCell>& cells, std::int64_t HistoryCell::*from,
                                  std::int64_t HistoryCell::*below) {
    std::set<std::int64_t> all = {0};
    for (const HistoryCell& cell : cells) {
        all.insert(cell.*from);
        if (cell.*below != kNoLimit) all.insert(cell.*below);
    }
    return all;
}

// The corners of the grid that all boundaries span: what holds for them holds for every history.
void check_cover(const JsonReader& reader, const std::vector<HistoryCell>& cells) {
    const auto idle = boundaries(cells, &HistoryCell::idle_from_ns, &HistoryCell::idle_below_ns);
    const auto bytes = boundaries(cells, &HistoryCell::bytes_from, &HistoryCell::bytes_below);
    const auto away = boundaries(cells, &HistoryCell::away_from_ns, &HistoryCell::away_below_ns);
    if (idle.size() * bytes.size() * away.size() > kMaxCorners)
        reader.fail("boxes whose boundaries span a grid of at most " + std::to_string(kMaxCorners) + " cells");
    for (const std::int64_t ns : idle) {
        for (const std::int64_t b : bytes) {
            for (const bool continued : {false, true}) {
                for (const std::int64_t away_ns : away)
                    check_held(reader, cells, {Duration(ns), b, continued, Duration(away_ns)});
            }
        }
    }
}

std::vector<std::vector<HistoryCell>> read_cells(const JsonReader& reader, std::size_t stages) {
    if (reader.size() != stages) reader.fail("a list of boxes for each of the " + std::to_string(stages) + " stages");
    std::vector<std::vector<HistoryCell>> cells;
    for (const JsonReader& of_stage : reader.items()) {
        if (of_stage.size() == 0 || of_stage.size() > kMaxBoxes)
            of_stage.fail("1 to " + std::to_string(kMaxBoxes) + " boxes");
        auto& boxes = cells.emplace_back();
        for (const JsonReader& box : of_stage.items()) boxes.push_back(read_cell(box));
        check_cover(of_stage, boxes);
    }
    return cells;
}

std::vector<Execution> read_executions(const JsonReader& reader, std::size_t stages) {
    if (reader.size() == 0 || reader.size() > kMaxExecutions)
        reader.fail("1 to " + std::to_string(kMaxExecutions) + " rows");
    const std::array<ColumnRange, kColumns> columns = {{{0, static_cast<std::int64_t>(stages) - 1},
                                                        {0, kMaxCount},
                                                        {0, kMaxCount},
                                                        {0, 1},
                                                        {1, kMaxNs},
                                                        {0, kMaxNs},
                                                        {0, kMaxNs},
                                                        {0, 1},
                                                        {0, kMaxCount}}};
    const std::size_t width = reader.json()[0].size() == kColumns - 1 ? kColumns - 1 : kColumns;
    const std::vector<std::int64_t> rows = read_integer_rows(reader, std::span(columns).first(width));
    std::vector<Execution> executions;
    executions.reserve(rows.size() / width);
    for (std::size_t i = 0; i < rows.size(); i += width) {
        const Duration away(width == kColumns ? rows[i + 8] : 0);
        executions.push_back({static_cast<std::int32_t>(rows[i]),
                              {Duration(rows[i + 1]), rows[i + 2], rows[i + 3] == 1, away},
                              Duration(rows[i + 4]),
                              Duration(rows[i + 5]),
                              Duration(rows[i + 6]),
                              rows[i + 7] == 1});
    }
    return executions;
}

void check_counts(const JsonReader& reader, const History& history) {
    std::vector<std::vector<std::int64_t>> counts;
    for (const auto& cells : history.cells) counts.emplace_back(cells.size());
    for (const Execution& execution : history.executions) {
        const auto stage = static_cast<std::size_t>(execution.stage);
        ++counts[stage][cell_of(history.cells[stage], execution.before)];
    }
    for (std::size_t stage = 0; stage < counts.size(); ++stage) {
        for (std::size_t cell = 0; cell < counts[stage].size(); ++cell) {
            if (history.cells[stage][cell].count == counts[stage][cell]) continue;
            reader.item(stage).item(cell).at("count").fail("the " + std::to_string(counts[stage][cell]) +
                                                           " executions of this stage that the box holds");
        }
    }
}

// --- Writing ---

Json range_json(std::int64_t from, std::int64_t below) {
    return Json::array({Json(from), below == kNoLimit ? Json() : Json(below)});
}

Json cell_json(const HistoryCell& cell) {
    Json json = {{"idle_ns", range_json(cell.idle_from_ns, cell.idle_below_ns)},
                 {"bytes", range_json(cell.bytes_from, cell.bytes_below)},
                 {"continued", cell.continued ? Json(*cell.continued) : Json()}};
    if (cell.away_from_ns != 0 || cell.away_below_ns != kNoLimit)
        json["away_ns"] = range_json(cell.away_from_ns, cell.away_below_ns);
    json["count"] = cell.count;
    return json;
}

std::string cells_text(const std::vector<std::vector<HistoryCell>>& cells) {
    std::string text = "[";
    for (std::size_t stage = 0; stage < cells.size(); ++stage) {
        Json boxes = Json::array();
        for (const HistoryCell& cell : cells[stage]) boxes.push_back(cell_json(cell));
        text += (stage == 0 ? "\n" : ",\n") + boxes.dump();
    }
    return text + "]";
}

// Measurements that do not know for how long their stages were away are written as they were read.
std::size_t width_of(const std::vector<Execution>& executions) {
    const auto known = [](const Execution& e) { return e.before.away > Duration::zero(); };
    return std::ranges::any_of(executions, known) ? kColumns : kColumns - 1;
}

std::string executions_text(const std::vector<Execution>& executions) {
    const std::size_t width = width_of(executions);
    std::vector<std::int64_t> rows;
    rows.reserve(executions.size() * kColumns);
    for (const Execution& e : executions) {
        rows.insert(rows.end(),
                    {std::int64_t{e.stage}, e.before.idle.count(), e.before.bytes, std::int64_t{e.before.continued},
                     e.latency.count(), e.submit.count(), e.notice.count(), std::int64_t{e.stalled}});
        if (width == kColumns) rows.push_back(e.before.away.count());
    }
    return matrix_text(rows, width);
}

}  // namespace

History read_history(const JsonReader& reader, std::size_t stages) {
    reader.only_keys({"schedule", "explained", "cells", "executions"});
    History history;
    history.schedule = reader.at("schedule").string();
    if (const auto explained = reader.find("explained")) history.explained = explained->number(0, 1);
    history.cells = read_cells(reader.at("cells"), stages);
    history.executions = read_executions(reader.at("executions"), stages);
    check_counts(reader.at("cells"), history);
    return history;
}

Stalls read_stalls(const JsonReader& reader) {
    reader.only_keys({"threshold_ns", "watched_ns", "gaps"});
    Stalls stalls{Duration(reader.at("threshold_ns").integer(1, kMaxCount)),
                  Duration(reader.at("watched_ns").integer(0, kMaxCount)),
                  {}};
    const std::array<ColumnRange, 2> columns = {{{0, kMaxCount}, {stalls.threshold.count(), kMaxCount}}};
    const std::vector<std::int64_t> rows = read_integer_rows(reader.at("gaps"), columns);
    for (std::size_t i = 0; i < rows.size(); i += 2) stalls.gaps.push_back({at_ns(rows[i]), Duration(rows[i + 1])});
    return stalls;
}

std::string history_text(const History& history) {
    return "{\"schedule\":" + Json(history.schedule).dump() +
           ",\n\"explained\":" + (history.explained ? Json(*history.explained) : Json()).dump() +
           ",\n\"cells\":" + cells_text(history.cells) + ",\n\"executions\":" + executions_text(history.executions) +
           "}";
}

std::string stalls_text(const Stalls& stalls) {
    std::vector<std::int64_t> rows;
    for (const StallGap& gap : stalls.gaps) rows.insert(rows.end(), {to_ns(gap.at), gap.length.count()});
    return "{\"threshold_ns\":" + std::to_string(stalls.threshold.count()) +
           ",\"watched_ns\":" + std::to_string(stalls.watched.count()) + ",\n\"gaps\":" + matrix_text(rows, 2) + "}";
}

}  // namespace laxity
