// What of a sweep a report is about: which policies, which points, and what stands in the columns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/study/comparison.hpp"
#include "sim/study/run_table.hpp"

namespace laxity {

// A row for the best of the policies that are like a pattern, chosen after the fact at each point.
struct BestRow {
    std::string name;
    std::string pattern;
};

// Only the points, or policies, where an axis has one of these values.
struct AxisFilter {
    std::string axis;
    std::vector<std::string> values;
};

// One result folder, and what the report calls it.
struct StudyFolder {
    std::string directory;
    std::string label;
};

// What is asked of every folder. Patterns are those of a shell: * ? [abc].
struct SelectionRequest {
    std::vector<std::string> metrics;   // each a measure, or several with '/' between: they share a cell; empty = the
                                        // usual ones of a sweep or of capacities
    std::string baseline;               // a policy or the name of a best row; empty = none
    std::vector<std::string> policies;  // patterns, in the order wanted; empty = all
    std::vector<BestRow> best;
    std::vector<AxisFilter> where;
    std::string axis;  // of the columns: one of the workload, or of a policy; empty = the first
    // For a page that is looked at: every measure is loaded, and a study without a finished run is none the less one.
    bool everything = false;
};

// Points that differ in the values of the column axes only: one table.
struct PointGroup {
    std::string title;  // the values of the other axes: ", deadline 2"; empty if there are none
    std::vector<std::string> columns;
    std::vector<std::size_t> points;  // by column
};

// Who is compared in a column. Row i of a table is entrant i of all its lineups.
struct Lineup {
    std::string column;  // a value of a policy's parameter
    std::vector<Entrant> entrants;
};

struct ReportSelection {
    std::string label;
    RunTable table;
    std::vector<std::vector<std::string>> metrics;  // by table; those of one table share its cells
    std::vector<Entrant> entrants;                  // the rows of tables, unless there are lineups, and of CSV
    std::optional<std::size_t> baseline;            // the row that the others are compared with
    std::vector<Lineup> lineups;                    // by column, where the columns are values of a policy's parameter
    std::string corner;                             // names of the column axes
    std::vector<PointGroup> groups;
    std::vector<std::size_t> points;  // all of the groups
    std::vector<std::string> notes;   // of the table, and what is special about entrants
};

// Reads a folder and picks. Throws InputError for whatever names nothing: a measure, a policy, an axis, a value; the
// error lists what there is. Without `with_lineups` an axis of a policy changes nothing: every policy is a row.
ReportSelection select_for_report(const StudyFolder& folder, const SelectionRequest& request, bool with_lineups = true);

}  // namespace laxity
