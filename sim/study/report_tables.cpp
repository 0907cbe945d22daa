#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "sim/study/report_parts.hpp"

namespace laxity {

namespace {

// `digits` after the point, the same in every locale; no "-0.00".
std::string fixed_digits(double value, int digits) {
    std::array<char, 400> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits).ptr;
    std::string text(buffer.data(), end);
    if (text.starts_with('-') && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
    return text;
}

// The fewest digits that say it: "4.3", "120".
std::string short_number(double value) {
    std::array<char, 32> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 3).ptr;
    return {buffer.data(), end};
}

std::string level_text(double level) {
    std::array<char, 32> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), 100 * level, std::chars_format::general, 6).ptr;
    return std::string(buffer.data(), end) + " %";
}

bool is_share(std::string_view measure) {
    const std::string_view name = measure.substr(measure.rfind('.') + 1);
    return name.ends_with("accuracy") || name.ends_with("_ratio") || name == "utilisation" || name == "accepted" ||
           name == "schedulable";
}

std::string title_of(const std::string& measure) {
    const std::size_t dot = measure.rfind('.') + 1;
    return measure.substr(0, dot) + (measure.substr(dot) == "miss_ratio" ? "misses" : measure.substr(dot));
}

// How a measure is written: shares in percent.
struct Scale {
    double factor = 1;
    int digits = 0;

    std::string operator()(const std::optional<double>& value) const {
        return value ? fixed_digits(factor * *value, digits) : "";
    }
    std::string difference(const std::optional<double>& value) const {
        const std::string text = (*this)(value);
        return text.empty() || text.starts_with('-') ? text : "+" + text;
    }
};

// A column of a table: one point, or the mean over several, and who is compared there.
struct Column {
    std::string name;
    std::vector<std::size_t> points;
    const std::vector<Entrant>* entrants;
};

// Every measure of a table in every column.
struct Judged {
    Column column;
    std::vector<Ranking> rankings;  // by measure
};

// Four significant digits of the largest mean.
Scale scale_of(const std::string& measure, std::size_t index, const std::vector<Judged>& columns) {
    if (is_share(measure)) return {100, 2};
    double largest = 0;
    for (const Judged& column : columns) {
        for (const Judgement& judgement : column.rankings[index].judgements)
            largest = std::max(largest, std::abs(judgement.mean.mean.value_or(0)));
    }
    const int before_point = largest > 0 ? static_cast<int>(std::floor(std::log10(largest))) + 1 : 1;
    return {1, std::clamp(4 - before_point, 0, 9)};
}

// The tables about one group of points.
class GroupTables {
public:
    GroupTables(const ReportSelection& selection, const ReportOptions& options, std::string title,
                const std::vector<Column>& columns)
        : selection_(selection), options_(options), title_(std::move(title)), columns_(columns) {}

    std::vector<ReportTable> all() {
        std::vector<ReportTable> tables;
        for (const auto& metrics : selection_.metrics) {
            judge_all(metrics);
            tables.push_back(means(metrics));
            for (std::size_t i = 0; i < metrics.size(); ++i) {
                if (metrics[i] == "accuracy" && selection_.table.has_bounds()) tables.push_back(regret(i));
            }
            for (std::size_t i = 0; selection_.baseline && i < metrics.size(); ++i)
                tables.push_back(differences(metrics[i], i));
            const bool has_points = columns_.front().points.size() == 1;
            for (std::size_t i = 0; options_.quantiles && has_points && i < metrics.size(); ++i)
                tables.push_back(quantiles(metrics[i], i));
        }
        return tables;
    }

private:
    // What the rows are called, whichever the column.
    const std::vector<Entrant>& rows() const { return *columns_.front().entrants; }

    bool has_mean() const { return columns_.back().points.size() > 1; }  // the last column, if any

    void judge_all(const std::vector<std::string>& metrics) {
        judged_.clear();
        scales_.clear();
        const ComparisonSettings settings = settings_of(selection_, options_);
        for (const Column& column : columns_) {
            Judged& judged = judged_.emplace_back(Judged{column, {}});
            for (const std::string& metric : metrics) {
                judged.rankings.push_back(judge(selection_.table, *column.entrants, column.points, metric, settings));
            }
        }
        for (std::size_t i = 0; i < metrics.size(); ++i) scales_.push_back(scale_of(metrics[i], i, judged_));
    }

    ReportTable empty_table(const std::string& title) const {
        ReportTable table;
        table.title = title + title_;
        table.corner = selection_.corner.empty() ? "policy" : selection_.corner;
        for (const Column& column : columns_) table.columns.push_back(column.name);
        return table;
    }

    // A row per entrant; `cell(judgement, ranking of each measure)` makes one cell.
    template <class MakeCell>
    void add_rows(ReportTable& table, const MakeCell& cell, std::optional<std::size_t> without = {}) const {
        for (std::size_t i = 0; i < rows().size(); ++i) {
            if (i == without) continue;
            ReportRow& row = table.rows.emplace_back(ReportRow{rows()[i].name, false, {}});
            for (const Judged& judged : judged_) row.cells.push_back(cell(judged, i));
        }
    }

    ReportTable means(const std::vector<std::string>& metrics) const {
        std::string title, unit;
        bool shares = true;
        for (const std::string& metric : metrics) {
            title += (title.empty() ? "" : " / ") + title_of(metric);
            shares = shares && is_share(metric);
        }
        ReportTable table = empty_table(title + (shares ? ", %" : ""));
        add_rows(table, [&](const Judged& judged, std::size_t entrant) {
            ReportCell cell;
            for (std::size_t i = 0; i < metrics.size(); ++i) cell.push_back(mean_of(judged.rankings[i], entrant, i));
            return cell;
        });
        const auto accuracy = std::find(metrics.begin(), metrics.end(), "accuracy");
        if (accuracy != metrics.end()) add_bounds(table, static_cast<std::size_t>(accuracy - metrics.begin()));
        const std::string level = level_text(1 - options_.level);
        table.best_note =
            "every other policy that is ranked and has a value is worse, by paired t tests corrected after Holm, at " +
            level;
        table.tied_note = "the best, and those that cannot be told from it by such tests, at " + level;
        table.bold_note =
            "the best of a column and all that cannot be told from it, by paired t tests corrected after "
            "Holm, at " +
            level + "; where one stands alone, every other that is ranked and has a value is worse";
        add_notes(table, metrics);
        return table;
    }

    ReportNumber mean_of(const Ranking& ranking, std::size_t entrant, std::size_t measure) const {
        const Judgement& judgement = ranking.judgements[entrant];
        ReportNumber number{scales_[measure](judgement.mean.mean), {}, Mark::kNone};
        if (options_.intervals) number.half_width = scales_[measure](judgement.mean.half_width);
        if (judgement.among_best && ranking.marks()) number.mark = ranking.best_count == 1 ? Mark::kBest : Mark::kTied;
        return number;
    }

    void add_bounds(ReportTable& table, std::size_t measure) const {
        if (!selection_.table.has_bounds()) return;
        for (const auto& [name, bound] :
             {std::pair("least bound", Bound::kLeast), {"clairvoyant", Bound::kClairvoyant}}) {
            ReportRow& row = table.rows.emplace_back(ReportRow{name, true, {}});
            for (const Judged& judged : judged_) {
                const Estimate mean =
                    bound_mean(selection_.table, judged.rankings[measure].points, bound, options_.level);
                row.cells.push_back({{scales_[measure](mean.mean), {}, Mark::kNone}});
            }
        }
    }

    // Seeds, widest interval, points left out, and what the selection says.
    void add_notes(ReportTable& table, const std::vector<std::string>& metrics) const {
        if (const std::string seeds = seeds_note(); !seeds.empty()) table.notes.push_back(seeds);
        for (std::size_t i = 0; i < metrics.size(); ++i) add_no_values(table, metrics[i], i);
        if (options_.intervals) {
            table.notes.push_back(std::string(1, kPlusMinus) + " is half the " + level_text(options_.level) +
                                  " interval of each mean");
        } else if (const std::string widest = widest_note(metrics); !widest.empty()) {
            table.notes.push_back(widest);
        }
        for (std::size_t i = 0; i < metrics.size(); ++i) add_left_out(table, metrics[i], i);
        table.notes.insert(table.notes.end(), selection_.notes.begin(), selection_.notes.end());
    }

    std::string seeds_note() const {
        std::size_t fewest = SIZE_MAX, most = 0;
        for (const Judged& judged : judged_) {
            if (judged.column.points.size() > 1) continue;
            for (const Judgement& judgement : judged.rankings.front().judgements) {
                if (judgement.mean.count == 0) continue;
                fewest = std::min(fewest, judgement.mean.count);
                most = std::max(most, judgement.mean.count);
            }
        }
        if (most == 0)
            return selection_.groups.size() > 1 && has_mean() ? "means over the points of the tables above" : "";
        const std::string seeds = std::to_string(most) + (most == 1 ? " seed" : " seeds") + " a point";
        return (fewest == most ? "" : std::to_string(fewest) + " to ") + seeds +
               (most == 1 ? ": no intervals, no tests" : "");
    }

    void add_no_values(ReportTable& table, const std::string& metric, std::size_t measure) const {
        const auto has_value = [](const Judgement& judgement) { return judgement.mean.mean.has_value(); };
        const auto has_values = [&](const Judged& judged) {
            return std::ranges::any_of(judged.rankings[measure].judgements, has_value);
        };
        if (std::ranges::none_of(judged_, has_values))
            table.notes.push_back(metric + " has no value in any run" + (has_value_elsewhere(metric) ? " here" : ""));
    }

    bool has_value_elsewhere(const std::string& metric) const {
        const RunTable& table = selection_.table;
        for (std::size_t point = 0; point < table.points().size(); ++point) {
            for (std::size_t i = 0; i < table.competitors().size(); ++i) {
                if (!table.values(point, i, metric).empty()) return true;
            }
        }
        return false;
    }

    std::string widest_note(const std::vector<std::string>& metrics) const {
        std::string widths;
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            std::optional<double> widest;
            for (const Judged& judged : judged_) {
                for (const Judgement& judgement : judged.rankings[i].judgements) {
                    if (judgement.mean.half_width) widest = std::max(widest.value_or(0), *judgement.mean.half_width);
                }
            }
            if (!widest) return {};
            widths += (widths.empty() ? "" : " / ") + scales_[i](widest);
        }
        return "half the " + level_text(options_.level) + " interval of a mean is at most " + widths;
    }

    void add_left_out(ReportTable& table, const std::string& metric, std::size_t measure) const {
        for (const Judged& judged : judged_) {
            const Ranking& ranking = judged.rankings[measure];
            if (ranking.left_out.empty()) continue;
            const std::string& name = judged.column.name;
            table.notes.push_back("the mean " + (name == "mean" ? "" : "at " + name + " ") + "of " + title_of(metric) +
                                  " is over " + std::to_string(ranking.points.size()) + " of " +
                                  std::to_string(judged.column.points.size()) +
                                  " points: where a policy has no value, the point is left out for all");
        }
    }

    ReportTable regret(std::size_t measure) const {
        ReportTable table = empty_table("regret to the least bound / to clairvoyant, points of accuracy");
        add_rows(table, [&](const Judged& judged, std::size_t entrant) {
            const Judgement& judgement = judged.rankings[measure].judgements[entrant];
            ReportCell cell;
            for (const Estimate* behind : {&judgement.behind_least, &judgement.behind_clairvoyant}) {
                cell.push_back({scales_[measure](behind->mean), {}, Mark::kNone});
                if (options_.intervals) cell.back().half_width = scales_[measure](behind->half_width);
            }
            return cell;
        });
        table.notes.push_back("bound - accuracy, paired by seed; no number where the bound is not defined");
        return table;
    }

    ReportTable differences(const std::string& metric, std::size_t measure) const {
        const std::string& baseline = rows()[*selection_.baseline].name;
        ReportTable table = empty_table(title_of(metric) + " minus that of " + baseline +
                                        (is_share(metric) ? ", points" : "") + ", paired by seed");
        std::vector<double> reductions;
        const auto cell = [&](const Judged& judged, std::size_t entrant) {
            const Judgement& judgement = judged.rankings[measure].judgements[entrant];
            const PairedTest& test = judgement.to_baseline;
            if (test.variance_reduction) reductions.push_back(*test.variance_reduction);
            const bool real = judgement.p_holm && *judgement.p_holm <= 1 - options_.level;
            return ReportCell{{scales_[measure].difference(test.difference.mean),
                               scales_[measure](test.difference.half_width), real ? Mark::kEstablished : Mark::kNone}};
        };
        add_rows(table, cell, selection_.baseline);
        const std::size_t others = rows().size() - 1;
        table.established_note = "not zero by a paired t test, corrected after Holm for the " + std::to_string(others) +
                                 " of a column, at " + level_text(1 - options_.level);
        table.notes.push_back(std::string(1, kPlusMinus) + " is half the " + level_text(options_.level) +
                              " interval of each difference alone");
        if (const std::string note = reduction_note(std::move(reductions)); !note.empty()) table.notes.push_back(note);
        return table;
    }

    static std::string reduction_note(std::vector<double> reductions) {
        if (reductions.empty()) return {};
        std::sort(reductions.begin(), reductions.end());
        if (reductions.size() == 1)
            return "variance reduction by common random numbers: " + short_number(reductions[0]);
        return "variance reduction by common random numbers: " + short_number(reductions[(reductions.size() - 1) / 2]) +
               " (median of " + std::to_string(reductions.size()) + " differences; " +
               short_number(reductions.front()) + " to " + short_number(reductions.back()) + ")";
    }

    // Of single points only: a mean over points has no sample of its own.
    ReportTable quantiles(const std::string& metric, std::size_t measure) const {
        ReportTable table = empty_table(short_number(options_.quantile) + "-quantile over the seeds of " +
                                        title_of(metric) + (is_share(metric) ? ", %" : "") + ": value / low / high");
        double reached = 1;
        add_rows(table, [&](const Judged& judged, std::size_t entrant) {
            const QuantileEstimate& quantile = judged.rankings[measure].judgements[entrant].quantile;
            reached = std::min(reached, quantile.reached_level.value_or(1));
            ReportCell cell;
            for (const auto& value : {quantile.value, quantile.low, quantile.high})
                cell.push_back({scales_[measure](value), {}, Mark::kNone});
            return cell;
        });
        if (has_mean()) {
            table.columns.pop_back();
            for (ReportRow& row : table.rows) row.cells.pop_back();
        }
        table.notes.push_back("order statistics, whatever the distribution: they hold the quantile with at least " +
                              level_text(std::max(options_.level, std::floor(reached * 1000) / 1000)) +
                              "; none where the seeds are too few for " + level_text(options_.level));
        return table;
    }

    const ReportSelection& selection_;
    const ReportOptions& options_;
    std::string title_;
    std::vector<Column> columns_;
    std::vector<Judged> judged_;
    std::vector<Scale> scales_;  // by measure
};

// Points beside each other, or all that there are at each value of a policy's parameter.
std::vector<Column> columns_of(const ReportSelection& selection, const PointGroup& group) {
    std::vector<Column> columns;
    for (const Lineup& lineup : selection.lineups) columns.push_back({lineup.column, group.points, &lineup.entrants});
    if (!columns.empty()) return columns;
    for (std::size_t i = 0; i < group.points.size(); ++i)
        columns.push_back({group.columns[i], {group.points[i]}, &selection.entrants});
    if (group.points.size() > 1) columns.push_back({"mean", group.points, &selection.entrants});
    return columns;
}

}  // namespace

std::vector<ReportTable> report_tables(const ReportSelection& selection, const ReportOptions& options) {
    std::vector<ReportTable> tables;
    const auto add = [&](const std::string& title, const std::vector<Column>& columns) {
        for (ReportTable& table : GroupTables(selection, options, title, columns).all())
            tables.push_back(std::move(table));
    };
    for (const PointGroup& group : selection.groups) add(group.title, columns_of(selection, group));
    if (selection.groups.size() == 1) return tables;
    std::vector<Column> columns = {{"mean", selection.points, &selection.entrants}};
    if (!selection.lineups.empty()) columns = columns_of(selection, {{}, {}, selection.points});
    add(", over the whole grid", columns);
    return tables;
}

}  // namespace laxity
