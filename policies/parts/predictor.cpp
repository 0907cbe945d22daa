#include "policies/parts/predictor.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "policies/parts/confidence_bins.hpp"

namespace laxity {

namespace {

constexpr int kConfidenceBins = 20;

double revealed(const ActiveJob& job, int depth) {
    return depth == 0 ? 0.0 : static_cast<double>(job.outcomes[static_cast<std::size_t>(depth - 1)].confidence);
}

// Fills what is known; a forecast fills the rest.
class RevealedThenForecast : public Predictor {
public:
    void predict(const ActiveJob& job, std::span<double> values) const final {
        for (int depth = 0; depth <= job.depth; ++depth) values[static_cast<std::size_t>(depth)] = revealed(job, depth);
        forecast(job, values);
    }

private:
    // Writes values[job.depth + 1 .. job.stages()]; may correct values[job.depth].
    virtual void forecast(const ActiveJob& job, std::span<double> values) const = 0;
};

void forecast_mean(const ActiveJob& job, std::span<double> values) {
    for (int depth = job.depth + 1; depth <= job.stages(); ++depth) {
        values[static_cast<std::size_t>(depth)] = job.plan->mean_accuracy[static_cast<std::size_t>(depth - 1)];
    }
}

class MeanPredictor final : public RevealedThenForecast {
    void forecast(const ActiveJob& job, std::span<double> values) const override { forecast_mean(job, values); }
};

// A forecast by formula from the job's own confidences: value(job, k) at k stages past its depth, its depth >= 1.
template <class Formula>
class FormulaPredictor final : public RevealedThenForecast {
public:
    explicit FormulaPredictor(Formula formula) : formula_(formula) {}

private:
    void forecast(const ActiveJob& job, std::span<double> values) const override {
        if (job.depth <= job.plan->first_exit) return forecast_mean(job, values);  // no exit has spoken yet
        for (int depth = job.depth + 1; depth <= job.stages(); ++depth) {
            values[static_cast<std::size_t>(depth)] = formula_(job, depth - job.depth);
        }
    }

    Formula formula_;
};

double halved_uncertainty(const ActiveJob& job, int stages) {
    return 1 - (1 - revealed(job, job.depth)) / static_cast<double>(1 << stages);
}

double certain(const ActiveJob&, int) { return 1; }

double linear(const ActiveJob& job, int stages) {
    const double now = revealed(job, job.depth);
    return std::clamp(now + stages * (now - revealed(job, job.depth - 1)), 0.0, 1.0);
}

template <class Formula>
std::unique_ptr<Predictor> by_formula(Formula formula) {
    return std::make_unique<FormulaPredictor<Formula>>(formula);
}

// What the exits of one trace say about its later exits.
class ConditionalTable {
public:
    explicit ConditionalTable(const CalibrationData& data) : exits_(data.exits) {
        for (int exit = 0; exit < exits_; ++exit) fit(data, exit);
    }

    // P(exit `later` is right | the confidence at `exit`), later >= exit.
    double expected(int exit, float confidence, int later) const {
        const FittedExit& fitted = fitted_[static_cast<std::size_t>(exit)];
        return fitted.right[row(later, fitted.bins) + static_cast<std::size_t>(fitted.bins.bin_of(confidence))];
    }

private:
    struct FittedExit {
        ConfidenceBins bins;
        std::vector<double> right;  // [exit][bin]; rows before this exit are not used
    };

    static std::size_t row(int exit, const ConfidenceBins& bins) {
        return static_cast<std::size_t>(exit) * static_cast<std::size_t>(bins.count());
    }

    void fit(const CalibrationData& data, int exit) {
        std::vector<float> confidence(data.count());
        for (std::size_t i = 0; i < data.count(); ++i) confidence[i] = data.confidence_at(i, exit);
        ConfidenceBins bins(confidence, kConfidenceBins);
        const auto bin_count = static_cast<std::size_t>(bins.count());

        std::vector<double> right(static_cast<std::size_t>(exits_) * bin_count), samples(bin_count);
        for (std::size_t i = 0; i < data.count(); ++i) {
            const auto bin = static_cast<std::size_t>(bins.bin_of(confidence[i]));
            samples[bin] += 1;
            for (int later = exit; later < exits_; ++later) right[row(later, bins) + bin] += data.correct_at(i, later);
        }
        for (int later = exit; later < exits_; ++later) {
            const std::span<double> shares(right.data() + row(later, bins), bin_count);
            for (std::size_t bin = 0; bin < bin_count; ++bin) shares[bin] /= samples[bin];
            make_non_decreasing(shares, samples);
        }
        fitted_.push_back({std::move(bins), std::move(right)});
    }

    int exits_;
    std::vector<FittedExit> fitted_;
};

class ConditionalPredictor final : public RevealedThenForecast {
public:
    explicit ConditionalPredictor(const TaskSet& tasks) {
        std::map<const CalibrationData*, std::shared_ptr<const ConditionalTable>> fitted;
        for (const TaskPlan& task : tasks.tasks) {
            auto& tables = tables_.emplace_back();
            for (const VariantPlan& variant : task.variants) {
                auto& table = fitted[variant.calibration.get()];
                if (table == nullptr && has_samples(variant)) {
                    table = std::make_shared<ConditionalTable>(*variant.calibration);
                }
                tables.push_back(table);
            }
        }
    }

private:
    static bool has_samples(const VariantPlan& variant) {
        return variant.calibration != nullptr && variant.calibration->count() > 0;
    }

    void forecast(const ActiveJob& job, std::span<double> values) const override {
        const ConditionalTable* table =
            tables_[static_cast<std::size_t>(job.id.task)][static_cast<std::size_t>(job.variant)].get();
        if (job.depth == 0 || table == nullptr) return forecast_mean(job, values);
        for (int depth = job.depth; depth <= job.stages(); ++depth) {
            values[static_cast<std::size_t>(depth)] = table->expected(job.depth - 1, job.confidence(), depth - 1);
        }
    }

    std::vector<std::vector<std::shared_ptr<const ConditionalTable>>> tables_;  // [task][variant]; null = no samples
};

class OraclePredictor final : public RevealedThenForecast {
public:
    explicit OraclePredictor(const Oracle& oracle) : oracle_(oracle) {}

private:
    void forecast(const ActiveJob& job, std::span<double> values) const override {
        for (int depth = job.depth + 1; depth <= job.stages(); ++depth) {
            values[static_cast<std::size_t>(depth)] = static_cast<double>(oracle_.outcome(job, depth - 1).confidence);
        }
    }

    const Oracle& oracle_;
};

}  // namespace

std::unique_ptr<Predictor> make_predictor(std::string_view name, const TaskSet& tasks, const Oracle* oracle) {
    if (name == "exp") return by_formula(halved_uncertainty);
    if (name == "max") return by_formula(certain);
    if (name == "lin") return by_formula(linear);
    if (name == "mean") return std::make_unique<MeanPredictor>();
    if (name == "conditional") return std::make_unique<ConditionalPredictor>(tasks);
    if (name != "oracle") throw std::invalid_argument("no predictor is called " + std::string(name));
    if (oracle == nullptr) throw std::invalid_argument("the predictor oracle needs an oracle");
    return std::make_unique<OraclePredictor>(*oracle);
}

}  // namespace laxity
