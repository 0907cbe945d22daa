// One table of those that several studies have.
#include <algorithm>

#include "sim/study/report_parts.hpp"

namespace laxity {

namespace {

// Tables of one title, and the studies that they are of.
struct Siblings {
    std::vector<std::string> labels;
    std::vector<ReportTable> tables;

    bool same(std::string ReportTable::*part) const {
        return std::all_of(tables.begin(), tables.end(),
                           [&](const ReportTable& table) { return table.*part == tables.front().*part; });
    }
    bool one_column_each() const {
        return std::all_of(tables.begin(), tables.end(), [](const ReportTable& t) { return t.columns.size() == 1; });
    }
};

std::vector<Siblings> siblings_of(const std::vector<ReportSelection>& selections,
                                  std::vector<std::vector<ReportTable>> tables) {
    std::vector<Siblings> all;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (ReportTable& table : tables[i]) {
            const auto same = [&](const Siblings& some) { return some.tables.front().title == table.title; };
            auto siblings = std::find_if(all.begin(), all.end(), same);
            if (siblings == all.end()) siblings = all.insert(all.end(), Siblings{});
            siblings->labels.push_back(selections[i].label);
            siblings->tables.push_back(std::move(table));
        }
    }
    return all;
}

// The studies, where each has one column; else every study's columns under its name.
void join_columns(const Siblings& siblings, ReportTable& joined) {
    const bool same_axis = siblings.same(&ReportTable::corner);
    joined.corner = same_axis ? siblings.tables.front().corner : "policy";
    if (siblings.one_column_each()) {
        const std::string& column = siblings.tables.front().columns.front();
        const auto same = [&](const ReportTable& table) { return table.columns.front() == column; };
        const bool same_column = same_axis && std::all_of(siblings.tables.begin(), siblings.tables.end(), same);
        if (same_column && column != "all" && column != "mean") joined.title += ", " + joined.corner + " " + column;
        for (std::size_t i = 0; i < siblings.tables.size(); ++i) {
            const ReportTable& table = siblings.tables[i];
            joined.columns.push_back(siblings.labels[i]);
            if (!same_column) joined.columns.back() += ": " + table.corner + " " + table.columns.front();
        }
        if (same_column) joined.corner = "policy";
        return;
    }
    for (std::size_t i = 0; i < siblings.tables.size(); ++i) {
        const ReportTable& table = siblings.tables[i];
        joined.spans.push_back({siblings.labels[i] + (same_axis ? "" : ", " + table.corner), table.columns.size()});
        joined.columns.insert(joined.columns.end(), table.columns.begin(), table.columns.end());
    }
}

// A row for each name that a table has, policies before bounds; cells without numbers where a table has no such row.
void join_rows(const Siblings& siblings, ReportTable& joined) {
    const auto find = [](const ReportTable& table, const ReportRow& row) {
        const auto same = [&](const ReportRow& other) { return other.name == row.name && other.aside == row.aside; };
        return std::find_if(table.rows.begin(), table.rows.end(), same);
    };
    for (const bool aside : {false, true}) {
        for (const ReportTable& table : siblings.tables) {
            for (const ReportRow& row : table.rows) {
                if (row.aside == aside && find(joined, row) == joined.rows.end())
                    joined.rows.push_back({row.name, aside, {}});
            }
        }
    }
    for (ReportRow& row : joined.rows) {
        for (const ReportTable& table : siblings.tables) {
            const auto own = find(table, row);
            std::vector<ReportCell> cells(table.columns.size());
            if (own != table.rows.end()) cells = own->cells;
            row.cells.insert(row.cells.end(), cells.begin(), cells.end());
        }
    }
}

// What all say once, what some say under their names.
void join_notes(const Siblings& siblings, ReportTable& joined) {
    const auto says = [](const ReportTable& table, const std::string& note) {
        return std::find(table.notes.begin(), table.notes.end(), note) != table.notes.end();
    };
    for (std::size_t i = 0; i < siblings.tables.size(); ++i) {
        for (const std::string& note : siblings.tables[i].notes) {
            const auto all_say = std::all_of(siblings.tables.begin(), siblings.tables.end(),
                                             [&](const ReportTable& table) { return says(table, note); });
            if (!all_say) joined.notes.push_back("in " + siblings.labels[i] + ": " + note);
            if (all_say && i == 0) joined.notes.push_back(note);
        }
    }
    joined.notes.emplace_back("tests and marks are within a study; an empty cell: the policy is not in it");
}

// The meaning of a mark: once, or each study's.
std::string join_meanings(const Siblings& siblings, std::string ReportTable::*meaning) {
    if (siblings.same(meaning)) return siblings.tables.front().*meaning;
    std::string text;
    for (std::size_t i = 0; i < siblings.tables.size(); ++i)
        text += (text.empty() ? "in " : "; in ") + siblings.labels[i] + ": " + siblings.tables[i].*meaning;
    return text;
}

ReportTable joined(const Siblings& siblings) {
    ReportTable table;
    table.title = siblings.tables.front().title;
    join_columns(siblings, table);
    join_rows(siblings, table);
    for (const auto meaning :
         {&ReportTable::best_note, &ReportTable::tied_note, &ReportTable::bold_note, &ReportTable::established_note}) {
        table.*meaning = join_meanings(siblings, meaning);
    }
    join_notes(siblings, table);
    return table;
}

}  // namespace

std::vector<ReportTable> joined_tables(const std::vector<ReportSelection>& selections,
                                       std::vector<std::vector<ReportTable>> tables) {
    std::vector<ReportTable> all;
    for (Siblings& siblings : siblings_of(selections, std::move(tables))) {
        if (siblings.tables.size() > 1) {
            all.push_back(joined(siblings));
            continue;
        }
        all.push_back(std::move(siblings.tables.front()));
        all.back().title = siblings.labels.front() + ": " + all.back().title;
    }
    return all;
}

}  // namespace laxity
