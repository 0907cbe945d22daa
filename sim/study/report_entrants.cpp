#include "sim/study/report_entrants.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

std::vector<std::string> labels_of(const RunTable& table) {
    std::vector<std::string> labels;
    for (const Competitor& competitor : table.competitors()) labels.push_back(competitor.label);
    return labels;
}

// A name as it is, or a shell's pattern.
bool like(const std::string& name, const std::string& pattern) {
    return name == pattern || ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

Indices competitors_like(const RunTable& table, const std::string& option, const std::string& pattern) {
    Indices found;
    const std::vector<std::string> labels = labels_of(table);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (like(labels[i], pattern)) found.push_back(i);
    }
    if (found.empty())
        fail_unknown(option, "a policy of " + table.directory() + ", or a pattern like one", pattern, labels);
    return found;
}

// Which of the competitors have rows, in the order of the patterns.
Indices chosen_competitors(const RunTable& table, const std::vector<std::string>& patterns, const Indices& kept) {
    Indices chosen;
    for (const std::string& pattern : patterns.empty() ? std::vector<std::string>{"*"} : patterns) {
        for (const std::size_t i : competitors_like(table, "--policies", pattern)) {
            const bool is_kept = std::find(kept.begin(), kept.end(), i) != kept.end();
            if (is_kept && std::find(chosen.begin(), chosen.end(), i) == chosen.end()) chosen.push_back(i);
        }
    }
    return chosen;
}

// What the best of several is chosen by.
std::string deciding_measure(const ReportSelection& selection) {
    return selection.table.has_measure("accuracy") ? "accuracy" : selection.metrics.front().front();
}

// Adds the rows of --best to entrants that hold the others. Of the competitors like a pattern those count that `counts`
// says.
template <class Counts>
void add_best_rows(const ReportSelection& selection, const std::vector<BestRow>& rows, const Counts& counts,
                   std::vector<Entrant>& entrants) {
    for (const BestRow& row : rows) {
        if (std::ranges::find(entrants, row.name, &Entrant::name) != entrants.end())
            throw input_error("--best", "a name of its own", "\"" + row.name + "\", which is a row already",
                              "choose another");
        Indices among = competitors_like(selection.table, "--best", row.pattern);
        std::erase_if(among, [&](std::size_t i) { return !counts(i); });
        entrants.push_back(best_contender(selection.table, row.name, among, deciding_measure(selection)));
    }
}

void note_specials(ReportSelection& selection, const std::vector<Entrant>& rows, const std::vector<BestRow>& best) {
    std::vector<std::string> oracles;
    for (const Entrant& entrant : rows) {
        if (!entrant.ranked && !entrant.chosen_afterwards) oracles.push_back(entrant.name);
    }
    if (!oracles.empty())
        selection.notes.push_back("not ranked, since it knows what cannot be known: " + joined(oracles, ", "));
    for (const BestRow& row : best) {
        selection.notes.push_back(
            "chosen after the fact at each point, which flatters it, and not ranked: " + row.name + ", the best of " +
            std::to_string(competitors_like(selection.table, "--best", row.pattern).size()) + " policies in " +
            deciding_measure(selection));
    }
}

std::optional<std::size_t> baseline_among(const std::vector<Entrant>& rows, const std::string& name) {
    if (name.empty()) return std::nullopt;
    const auto baseline = std::ranges::find(rows, name, &Entrant::name);
    if (baseline != rows.end()) return static_cast<std::size_t>(baseline - rows.begin());
    std::vector<std::string> names;
    for (const Entrant& entrant : rows) names.push_back(entrant.name);
    fail_unknown("--baseline", "one of the rows", name, names);
}

// --- A policy's parameter as the columns ---

// A row: a policy at each value of the parameter, or one without it, which is the same in every column.
struct Family {
    std::string name;  // the policy's label without the parameter
    Indices members;
};

std::vector<Family> families_of(const RunTable& table, const Indices& chosen, std::size_t axis) {
    std::vector<Family> families;
    for (const std::size_t i : chosen) {
        Competitor competitor = table.competitors()[i];
        competitor.values[axis].clear();
        const std::string name = competitor_label(competitor, table.policy_axes());
        auto family = std::ranges::find(families, name, &Family::name);
        if (family == families.end()) family = families.insert(families.end(), {name, {}});
        family->members.push_back(i);
    }
    return families;
}

// A family in the column of a value; without runs where it has none of that value.
Entrant member_at(const RunTable& table, const Family& family, std::size_t axis, const std::string& value) {
    for (const std::size_t i : family.members) {
        const std::string& own = table.competitors()[i].values[axis];
        if (!own.empty() && own != value) continue;
        Entrant entrant = plain_contender(table, i);
        entrant.name = family.name;
        return entrant;
    }
    Entrant nobody{family.name, {}, false, true};
    nobody.competitors.resize(table.points().size());
    return nobody;
}

void note_families(ReportSelection& selection, const std::vector<Family>& families, std::size_t axis) {
    std::vector<std::string> without;
    for (const Family& family : families) {
        if (selection.table.competitors()[family.members.front()].values[axis].empty()) without.push_back(family.name);
    }
    const std::string& name = selection.table.policy_axes()[axis].name;
    if (!without.empty())
        selection.notes.push_back("the same number in every column, having no " + name + ": " + joined(without, ", "));
    selection.notes.emplace_back("marks and tests compare within a column");
}

void add_lineups(ReportSelection& selection, const SelectionRequest& request, const Indices& chosen, std::size_t axis) {
    const RunTable& table = selection.table;
    const std::vector<Family> families = families_of(table, chosen, axis);
    for (const std::size_t i : chosen) {
        const std::string& value = table.competitors()[i].values[axis];
        const auto same = [&](const Lineup& lineup) { return lineup.column == axis_value(value); };
        if (value.empty() || std::any_of(selection.lineups.begin(), selection.lineups.end(), same)) continue;
        Lineup& lineup = selection.lineups.emplace_back(Lineup{axis_value(value), {}});
        for (const Family& family : families) lineup.entrants.push_back(member_at(table, family, axis, value));
        const auto counts = [&](std::size_t other) {
            const std::string& own = table.competitors()[other].values[axis];
            return own.empty() || own == value;
        };
        add_best_rows(selection, request.best, counts, lineup.entrants);
    }
    if (selection.lineups.empty())
        throw input_error("--axis " + table.policy_axes()[axis].name, "policies that have it", "none of the rows",
                          "choose others with --policies or --where");
    note_specials(selection, selection.lineups.front().entrants, request.best);
    note_families(selection, families, axis);
    selection.baseline = baseline_among(selection.lineups.front().entrants, request.baseline);
}

}  // namespace

void fail_unknown(const std::string& option, const std::string& expected, const std::string& name,
                  const std::vector<std::string>& known) {
    const std::string near = closest(name, known);
    throw input_error(option, expected, "\"" + shortened(name) + "\"",
                      known.empty() ? "there is none"
                                    : (near.empty() ? "" : "did you mean " + near + "? ") + "There are " +
                                          shortened(joined(known, ", "), 600));
}

void add_entrants(ReportSelection& selection, const SelectionRequest& request, const Indices& kept,
                  std::optional<std::size_t> axis) {
    const Indices chosen = chosen_competitors(selection.table, request.policies, kept);
    if (chosen.empty()) throw input_error("--policies", "policies that --where leaves", "none");
    if (axis) {
        add_lineups(selection, request, chosen, *axis);
        return;
    }
    for (const std::size_t i : chosen) selection.entrants.push_back(plain_contender(selection.table, i));
    add_best_rows(
        selection, request.best, [](std::size_t) { return true; }, selection.entrants);
    note_specials(selection, selection.entrants, request.best);
    selection.baseline = baseline_among(selection.entrants, request.baseline);
}

}  // namespace laxity
