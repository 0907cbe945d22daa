#include <algorithm>
#include <array>
#include <charconv>

#include "sim/results/csv.hpp"
#include "sim/study/report_parts.hpp"

namespace laxity {

namespace {

constexpr std::array kBefore = {"study", "scope"};
constexpr std::array kAfter = {"policy",
                               "kind",
                               "chosen",
                               "metric",
                               "points",
                               "n",
                               "mean",
                               "low",
                               "high",
                               "q",
                               "quantile",
                               "quantile_low",
                               "quantile_high",
                               "quantile_level",
                               "baseline",
                               "difference",
                               "difference_low",
                               "difference_high",
                               "p",
                               "p_holm",
                               "variance_reduction",
                               "group",
                               "to_best",
                               "to_best_low",
                               "to_best_high",
                               "p_best",
                               "regret_least",
                               "regret_least_low",
                               "regret_least_high",
                               "regret_clairvoyant",
                               "regret_clairvoyant_low",
                               "regret_clairvoyant_high"};

std::string column_of(const std::string& axis) {
    const auto taken = [&](const char* name) { return axis == name; };
    const bool clash =
        std::any_of(kBefore.begin(), kBefore.end(), taken) || std::any_of(kAfter.begin(), kAfter.end(), taken);
    return clash ? "axis:" + axis : axis;
}

// The axes of all studies, each once.
std::vector<std::string> all_axes(const std::vector<ReportSelection>& selections) {
    std::vector<std::string> names;
    for (const ReportSelection& selection : selections) {
        for (const auto* axes : {&selection.table.workload_axes(), &selection.table.policy_axes()}) {
            for (const RunAxis& axis : *axes) {
                if (std::find(names.begin(), names.end(), axis.name) == names.end()) names.push_back(axis.name);
            }
        }
    }
    return names;
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
    StudyRows(const ReportSelection& selection, const ReportOptions& options, const std::vector<std::string>& axes)
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
        const Verdict verdict = judge(selection_.table, selection_.contenders, points, metric, settings_);
        for (std::size_t i = 0; i < selection_.contenders.size(); ++i) {
            const Contender& contender = selection_.contenders[i];
            begin(point, contender);
            line_.text(contender.name).text(contender.chosen_afterwards ? "best" : "policy");
            const Competitor* chosen = contender.chosen_afterwards ? competitor_of(contender, point) : nullptr;
            line_.text(chosen != nullptr ? chosen->label : "").text(metric);
            line_.integer(static_cast<std::int64_t>(verdict.points.size()));
            put(verdict.judgements[i], selection_.baseline && selection_.baseline != i);
        }
        if (metric == "accuracy" && selection_.table.has_bounds()) {
            add_bound("least", Bound::kLeast, verdict.points, point);
            add_bound("clairvoyant", Bound::kClairvoyant, verdict.points, point);
        }
    }

    void add_bound(const char* name, Bound bound, const std::vector<std::size_t>& points,
                   std::optional<std::size_t> point) {
        begin(point, std::nullopt);
        line_.text(name).text("bound").empty().text("accuracy").integer(static_cast<std::int64_t>(points.size()));
        Judgement judgement;
        judgement.mean = bound_mean(selection_.table, points, bound, options_.level);
        put(judgement, false);
    }

    const Competitor* competitor_of(const Contender& contender, std::optional<std::size_t> point) const {
        const auto competitor = contender.competitors[point.value_or(selection_.points.front())];
        const bool one = point || !contender.chosen_afterwards;  // over the grid a best row is several
        return one && competitor ? &selection_.table.competitors()[*competitor] : nullptr;
    }

    void begin(std::optional<std::size_t> point, const std::optional<Contender>& contender) {
        line_.text(selection_.label).text(point ? "point" : "grid");
        const Competitor* competitor = contender ? competitor_of(*contender, point) : nullptr;
        for (const std::string& axis : axes_) line_.text(value_of(axis, point, competitor));
    }

    std::string value_of(const std::string& axis, std::optional<std::size_t> point,
                         const Competitor* competitor) const {
        const RunTable& table = selection_.table;
        const auto& axes = table.workload_axes();
        const auto& policy_axes = table.policy_axes();
        const auto own = std::ranges::find(axes, axis, &RunAxis::name);
        if (own != axes.end())
            return point ? axis_value(table.points()[*point][static_cast<std::size_t>(own - axes.begin())]) : "";
        const auto policys = std::ranges::find(policy_axes, axis, &RunAxis::name);
        if (policys == policy_axes.end() || competitor == nullptr) return "";
        return axis_value(competitor->values[static_cast<std::size_t>(policys - policy_axes.begin())]);
    }

    // Everything from "n" on, and the end of the line.
    void put(const Judgement& judgement, bool compared) {
        line_.integer(static_cast<std::int64_t>(judgement.mean.count));
        put_interval(line_, judgement.mean);
        const QuantileEstimate& quantile = judgement.quantile;
        laxity::put(line_, quantile.value ? std::optional(options_.quantile) : std::nullopt);
        for (const auto& value : {quantile.value, quantile.low, quantile.high, quantile.reached_level})
            laxity::put(line_, value);
        line_.text(compared ? selection_.contenders[*selection_.baseline].name : "");
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
    const std::vector<std::string>& axes_;
    ComparisonSettings settings_;
    CsvLine line_;
    std::string text_;
};

}  // namespace

std::string report_csv(const std::vector<ReportSelection>& selections, const ReportOptions& options) {
    const std::vector<std::string> axes = all_axes(selections);
    CsvLine header;
    for (const char* name : kBefore) header.text(name);
    for (const std::string& axis : axes) header.text(column_of(axis));
    for (const char* name : kAfter) header.text(name);
    std::string text = header.take();
    for (const ReportSelection& selection : selections) text += StudyRows(selection, options, axes).text();
    return text;
}

}  // namespace laxity
