#include <algorithm>
#include <array>
#include <charconv>

#include "sim/results/csv.hpp"
#include "sim/study/report_parts.hpp"

namespace laxity {

namespace {

// The columns before the axes of the workload, between those and the axes of policies, and after these.
constexpr std::string_view kFirst = "study,scope", kPolicy = "policy",
                           kLast =
                               "kind,chosen,metric,points,n,mean,low,high,q,quantile,quantile_low,quantile_high,"
                               "quantile_level,baseline,difference,difference_low,difference_high,p,p_holm,"
                               "variance_reduction,group,to_best,to_best_low,to_best_high,p_best,regret_least,"
                               "regret_least_low,regret_least_high,regret_clairvoyant,regret_clairvoyant_low,"
                               "regret_clairvoyant_high";

// Names of the axes of all studies, each once.
struct AxisColumns {
    std::vector<std::string> workload, policy;
};

AxisColumns all_axes(const std::vector<ReportSelection>& selections) {
    AxisColumns columns;
    const auto add = [](std::vector<std::string>& names, const std::vector<RunAxis>& axes) {
        for (const RunAxis& axis : axes) {
            if (std::find(names.begin(), names.end(), axis.name) == names.end()) names.push_back(axis.name);
        }
    };
    for (const ReportSelection& selection : selections) {
        add(columns.workload, selection.table.workload_axes());
        add(columns.policy, selection.table.policy_axes());
    }
    return columns;
}

std::string header_of(const AxisColumns& axes) {
    const std::string fixed = "," + std::string(kFirst) + "," + std::string(kPolicy) + "," + std::string(kLast) + ",";
    std::string header(kFirst);
    const auto add = [&](const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            CsvLine cell;
            cell.text((fixed.find("," + name + ",") != std::string::npos ? "axis:" : "") + name);
            header += "," + cell.take();
            header.pop_back();  // the newline
        }
    };
    add(axes.workload);
    header += "," + std::string(kPolicy);
    add(axes.policy);
    return header + "," + std::string(kLast) + "\n";
}

// Twelve digits: more than any figure shows, and few enough that the last bit of a logarithm does not show.
void put(CsvLine& line, const std::optional<double>& value) {
    if (!value) {
        line.empty();
        return;
    }
    std::array<char, 32> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), *value, std::chars_format::general, 12).ptr;
    line.text({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void put_interval(CsvLine& line, const Estimate& estimate) {
    put(line, estimate.mean);
    const bool known = estimate.half_width.has_value();
    put(line, known ? std::optional(*estimate.mean - *estimate.half_width) : std::nullopt);
    put(line, known ? std::optional(*estimate.mean + *estimate.half_width) : std::nullopt);
}

// Writes the rows of one study.
class StudyRows {
public:
    StudyRows(const ReportSelection& selection, const ReportOptions& options, const AxisColumns& axes)
        : selection_(selection), options_(options), axes_(axes), settings_(settings_of(selection, options)) {}

    std::string text() {
        for (const auto& group : selection_.metrics) {
            for (const std::string& metric : group) {
                for (const std::size_t point : selection_.points) add(metric, {point}, point);
                add(metric, selection_.points, std::nullopt);
            }
        }
        return std::move(text_);
    }

private:
    // `point` is none for the mean over the whole grid.
    void add(const std::string& metric, const std::vector<std::size_t>& points, std::optional<std::size_t> point) {
        Ranking ranking = judge(selection_.table, selection_.entrants, points, metric, settings_);
        for (Judgement& judgement : ranking.judgements) judgement.among_best = judgement.among_best && ranking.marks();
        for (std::size_t i = 0; i < selection_.entrants.size(); ++i) {
            const Entrant& entrant = selection_.entrants[i];
            const Competitor* competitor = competitor_of(entrant, point);
            begin(point, entrant.name, competitor);
            line_.text(entrant.chosen_afterwards ? "best" : "policy");
            line_.text(entrant.chosen_afterwards && competitor != nullptr ? competitor->label : "").text(metric);
            line_.integer(static_cast<std::int64_t>(ranking.points.size()));
            put(ranking.judgements[i], selection_.baseline && selection_.baseline != i);
        }
        if (metric == "accuracy" && selection_.table.has_bounds()) {
            add_bound("least", Bound::kLeast, ranking.points, point);
            add_bound("clairvoyant", Bound::kClairvoyant, ranking.points, point);
        }
    }

    void add_bound(const char* name, Bound bound, const std::vector<std::size_t>& points,
                   std::optional<std::size_t> point) {
        begin(point, name, nullptr);
        line_.text("bound").empty().text("accuracy").integer(static_cast<std::int64_t>(points.size()));
        Judgement judgement;
        judgement.mean = bound_mean(selection_.table, points, bound, options_.level);
        put(judgement, false);
    }

    // Null for a best row over the whole grid: there it is several.
    const Competitor* competitor_of(const Entrant& entrant, std::optional<std::size_t> point) const {
        if (!point && entrant.chosen_afterwards) return nullptr;
        const auto competitor = entrant.competitors[point.value_or(selection_.points.front())];
        return competitor ? &selection_.table.competitors()[*competitor] : nullptr;
    }

    // Everything up to the axes of policies.
    void begin(std::optional<std::size_t> point, const std::string& policy, const Competitor* competitor) {
        const RunTable& table = selection_.table;
        line_.text(selection_.label).text(point ? "point" : "grid");
        put_axes(axes_.workload, table.workload_axes(), point ? &table.points()[*point] : nullptr);
        line_.text(policy);
        put_axes(axes_.policy, table.policy_axes(), competitor != nullptr ? &competitor->values : nullptr);
    }

    // `values` are of the axes `own`; null = none.
    void put_axes(const std::vector<std::string>& columns, const std::vector<RunAxis>& own,
                  const std::vector<std::string>* values) {
        for (const std::string& column : columns) {
            const auto axis = std::ranges::find(own, column, &RunAxis::name);
            const bool there = values != nullptr && axis != own.end();
            line_.text(there ? axis_value((*values)[static_cast<std::size_t>(axis - own.begin())]) : "");
        }
    }

    // Everything from "n" on, and the end of the line.
    void put(const Judgement& judgement, bool compared) {
        line_.integer(static_cast<std::int64_t>(judgement.mean.count));
        put_interval(line_, judgement.mean);
        const QuantileEstimate& quantile = judgement.quantile;
        laxity::put(line_, quantile.value ? std::optional(options_.quantile) : std::nullopt);
        for (const auto& value : {quantile.value, quantile.low, quantile.high, quantile.reached_level})
            laxity::put(line_, value);
        line_.text(compared ? selection_.entrants[*selection_.baseline].name : "");
        put_interval(line_, judgement.to_baseline.difference);
        for (const auto& value :
             {judgement.to_baseline.p, judgement.p_holm, judgement.to_baseline.variance_reduction}) {
            laxity::put(line_, value);
        }
        line_.text(judgement.among_best ? "best" : "");
        put_interval(line_, judgement.to_best.difference);
        laxity::put(line_, judgement.p_best);
        put_interval(line_, judgement.behind_least);
        put_interval(line_, judgement.behind_clairvoyant);
        text_ += line_.take();
    }

    const ReportSelection& selection_;
    const ReportOptions& options_;
    const AxisColumns& axes_;
    ComparisonSettings settings_;
    CsvLine line_;
    std::string text_;
};

}  // namespace

std::string report_csv(const std::vector<ReportSelection>& selections, const ReportOptions& options) {
    const AxisColumns axes = all_axes(selections);
    std::string text = header_of(axes);
    for (const ReportSelection& selection : selections) text += StudyRows(selection, options, axes).text();
    return text;
}

}  // namespace laxity
