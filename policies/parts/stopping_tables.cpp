#include "policies/parts/stopping_tables.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string>

#include "workloads/philox.hpp"

namespace laxity {

namespace {

constexpr double kNoGain = 1e-12;  // going on has to gain more: rounding is no reason
// The least that an answer in time is worth, even if the samples never show it right: it is no miss.
constexpr double kAnswer = 1e-6;

std::vector<double> geometric_prices(double top) {
    constexpr int kSteps = StoppingTables::kPrices - 2;
    constexpr double kLnThousand = 6.907755278982137;
    std::vector<double> prices;
    for (int i = 0; i <= kSteps; ++i) prices.push_back(top * exact_exp(-kLnThousand * i / kSteps));
    prices.push_back(0);
    return prices;
}

}  // namespace

// The calibration samples as the induction needs them; without samples, one that is right as often as the mean.
struct StoppingTables::Paths {
    std::size_t count = 1;
    std::vector<std::vector<double>> value;      // [depth][sample]; depth 0 is worth 0
    std::vector<std::vector<std::uint8_t>> bin;  // [depth][sample]
    std::vector<std::vector<double>> samples;    // [depth][bin]

    Paths(const VariantPlan& variant, std::span<const ConfidenceBins> bins, int mandatory, double measured) {
        const bool sampled = !bins.empty();
        if (sampled) count = variant.calibration->count();
        for (int depth = 0; depth <= variant.stages(); ++depth) {
            value.emplace_back(count, 0.0);
            bin.emplace_back(count, std::uint8_t{0});
            if (depth > 0 && sampled) read_exit(*variant.calibration, depth, bins[index(depth) - 1], measured);
            if (depth > 0 && !sampled) value.back()[0] = variant.mean_accuracy[index(depth) - 1];
            for (double& v : value.back()) v = depth < mandatory ? 0.0 : std::max(v, kAnswer);
            count_bins(depth, sampled && depth > 0 ? bins[index(depth) - 1].count() : 1);
        }
    }

    double mean_value(int depth) const {
        const auto& values = value[index(depth)];
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(count);
    }

private:
    static std::size_t index(int depth) { return static_cast<std::size_t>(depth); }

    void read_exit(const CalibrationData& data, int depth, const ConfidenceBins& bins, double measured) {
        const int exit = depth - 1;
        std::vector<std::uint32_t> order(count);
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return data.confidence_at(a, exit) < data.confidence_at(b, exit);
        });
        std::vector<double> isotonic;
        for (const std::uint32_t i : order) isotonic.push_back(data.correct_at(i, exit) ? 1 : 0);
        make_non_decreasing(isotonic, std::vector<double>(count, 1.0));
        for (std::size_t rank = 0; rank < count; ++rank) {
            const std::uint32_t i = order[rank];
            value.back()[i] = measured * (data.correct_at(i, exit) ? 1 : 0) + (1 - measured) * isotonic[rank];
            bin.back()[i] = static_cast<std::uint8_t>(bins.bin_of(data.confidence_at(i, exit)));
        }
    }

    void count_bins(int depth, int bins) {
        auto& in_bin = samples.emplace_back(bins, 0.0);
        for (const std::uint8_t b : bin[index(depth)]) in_bin[b] += 1;
    }
};

// Backward induction for one reach and a few neighbouring prices at once, which the compiler turns into vectors.
class StoppingTables::Induction {
public:
    static constexpr std::size_t kLanes = 8;
    using Lanes = std::array<double, kLanes>;

    Induction(StoppingTables& tables, const Paths& paths, std::span<const double> charge,
              const StoppingOptions& options)
        : tables_(tables),
          paths_(paths),
          charge_(charge),
          options_(options),
          answer_(paths.count),
          time_(paths.count) {}

    // Fills the states with this reach at prices first .. first + kLanes - 1.
    void run(int reach, int first) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const std::size_t price = std::min<std::size_t>(static_cast<std::size_t>(first) + lane, kPrices - 1);
            price_[lane] = tables_.prices_[price];
        }
        first_ = static_cast<std::size_t>(first);
        for (std::size_t i = 0; i < paths_.count; ++i) {
            answer_[i].fill(paths_.value[static_cast<std::size_t>(reach)][i]);
            time_[i].fill(0);
        }
        for (int depth = reach - 1; depth >= 0; --depth) step(depth, reach);
        record_fresh(reach);
    }

private:
    // Decides in every bin at `depth` whether to go on, and lets the samples follow.
    void step(int depth, int reach) {
        add_up(depth);
        decide(depth);
        for (std::size_t bin = 0; bin < goes_on_.size(); ++bin) record_work(depth, static_cast<int>(bin), reach);
        follow(depth);
    }

    // gain_ = mean gain of going on before it pays for anything else; work_ = mean time; by bin.
    void add_up(int depth) {
        const auto k = static_cast<std::size_t>(depth);
        const std::vector<double>& samples = paths_.samples[k];
        gain_.assign(samples.size(), Lanes{});
        work_.assign(samples.size(), Lanes{});
        const double charge = charge_[k];
        for (std::size_t i = 0; i < paths_.count; ++i) {
            const std::size_t bin = paths_.bin[k][i];
            const double stop = paths_.value[k][i];
            Lanes &gain = gain_[bin], &work = work_[bin];
            const Lanes &answer = answer_[i], &time = time_[i];
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const double total = charge + time[lane];
                gain[lane] += (answer[lane] - stop) - price_[lane] * total;
                work[lane] += total;
            }
        }
        for (std::size_t bin = 0; bin < samples.size(); ++bin) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                gain_[bin][lane] /= samples[bin];
                work_[bin][lane] /= samples[bin];
            }
        }
    }

    void decide(int depth) {
        const auto k = static_cast<std::size_t>(depth);
        const std::vector<double>& samples = paths_.samples[k];
        goes_on_.assign(samples.size(), Lanes{});
        for (std::size_t bin = 0; bin < samples.size(); ++bin) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const double gain = options_.smooth && depth > 0 ? smoothed(bin, lane, samples) : gain_[bin][lane];
                goes_on_[bin][lane] = gain > kNoGain ? 1 : 0;
            }
        }
    }

    double smoothed(std::size_t bin, std::size_t lane, const std::vector<double>& samples) const {
        double sum = 2 * samples[bin] * gain_[bin][lane], weight = 2 * samples[bin];
        if (bin > 0) sum += samples[bin - 1] * gain_[bin - 1][lane], weight += samples[bin - 1];
        if (bin + 1 < samples.size()) sum += samples[bin + 1] * gain_[bin + 1][lane], weight += samples[bin + 1];
        return sum / weight;
    }

    void record_work(int depth, int bin, int reach) {
        const auto state = static_cast<std::size_t>((reach * (tables_.stages_ + 1) + depth) * tables_.most_bins_ + bin);
        for (std::size_t lane = 0; lane < kLanes && first_ + lane < kPrices; ++lane) {
            const auto b = static_cast<std::size_t>(bin);
            tables_.work_[state * kPrices + first_ + lane] =
                goes_on_[b][lane] != 0 ? static_cast<float>(work_[b][lane]) : 0.0F;
        }
    }

    void follow(int depth) {
        const auto k = static_cast<std::size_t>(depth);
        const double charge = charge_[k];
        for (std::size_t i = 0; i < paths_.count; ++i) {
            const Lanes& goes_on = goes_on_[paths_.bin[k][i]];
            const double stop = paths_.value[k][i];
            Lanes &answer = answer_[i], &time = time_[i];
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                answer[lane] = goes_on[lane] != 0 ? answer[lane] : stop;
                time[lane] = goes_on[lane] != 0 ? time[lane] + charge : 0;
            }
        }
    }

    void record_fresh(int reach) {
        Lanes value{}, square{};
        for (std::size_t i = 0; i < paths_.count; ++i) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                value[lane] += answer_[i][lane];
                square[lane] += time_[i][lane] * time_[i][lane];
            }
        }
        const auto samples = static_cast<double>(paths_.count);
        for (std::size_t lane = 0; lane < kLanes && first_ + lane < kPrices; ++lane) {
            tables_.fresh_value_[static_cast<std::size_t>(reach) * kPrices + first_ + lane] = value[lane] / samples;
            if (reach == tables_.stages_) tables_.fresh_square_[first_ + lane] = square[lane] / samples;
        }
    }

    StoppingTables& tables_;
    const Paths& paths_;
    std::span<const double> charge_;
    const StoppingOptions& options_;
    std::size_t first_ = 0;  // price of lane 0
    Lanes price_{};
    std::vector<Lanes> answer_, time_;          // by sample: value of the answer it ends with, time until then
    std::vector<Lanes> gain_, work_, goes_on_;  // by bin
};

namespace {

std::vector<ConfidenceBins> fit_bins(const VariantPlan& variant, int bins) {
    std::vector<ConfidenceBins> fitted;
    if (variant.calibration == nullptr || variant.calibration->count() == 0) return fitted;
    const CalibrationData& data = *variant.calibration;
    for (int exit = 0; exit < data.exits; ++exit) {
        std::vector<float> confidence(data.count());
        for (std::size_t i = 0; i < confidence.size(); ++i) confidence[i] = data.confidence_at(i, exit);
        fitted.emplace_back(std::move(confidence), bins);
    }
    return fitted;
}

}  // namespace

StoppingTables::StoppingTables(const VariantPlan& variant, std::span<const double> charge, int mandatory,
                               const StoppingOptions& options)
    : stages_(variant.stages()), bins_(fit_bins(variant, options.bins)) {
    for (const ConfidenceBins& bins : bins_) most_bins_ = std::max(most_bins_, bins.count());
    const Paths paths(variant, bins_, mandatory, options.measured);

    double top = 0, taken = 0;
    for (int depth = 1; depth <= stages_; ++depth) {
        taken += charge[static_cast<std::size_t>(depth) - 1];
        top = std::max(top, 1.1 * paths.mean_value(depth) / taken);
    }
    prices_ = geometric_prices(top);
    const auto state_count = static_cast<std::size_t>(states());
    work_.resize(state_count * kPrices);
    index_.resize(state_count);
    fresh_value_.resize(static_cast<std::size_t>(stages_ + 1) * kPrices);
    fresh_square_.resize(kPrices);

    Induction induction(*this, paths, charge, options);
    for (int reach = mandatory; reach <= stages_; ++reach) {
        for (int first = 0; first < kPrices; first += static_cast<int>(Induction::kLanes)) induction.run(reach, first);
    }
    for (std::size_t state = 0; state < state_count; ++state) {
        float* const work = work_.data() + state * kPrices;
        for (std::size_t price = 0; price < kPrices; ++price) {
            // The lower the price, the more is bought, which the noise of few samples must not deny.
            if (price > 0) work[price] = std::max(work[price], work[price - 1]);
            if (work[price] > 0 && index_[state] == 0) index_[state] = std::max(prices_[price], prices_.front() * 1e-6);
        }
    }
}

int StoppingTables::price_at_most(double price) const {
    const double limit = price * (1 + 1e-9);  // a price of another network's scale, rounded, finds its equal
    return static_cast<int>(std::find_if(prices_.begin(), prices_.end() - 1, [&](double p) { return p <= limit; }) -
                            prices_.begin());
}

int StoppingTables::state(int depth, float confidence, int reach) const {
    const bool known = depth > 0 && !bins_.empty();
    const int bin = known ? bins_[static_cast<std::size_t>(depth) - 1].bin_of(confidence) : 0;
    return (reach * (stages_ + 1) + depth) * most_bins_ + bin;
}

std::shared_ptr<const StoppingTables> shared_stopping_tables(const VariantPlan& variant, std::span<const double> charge,
                                                             int mandatory) {
    const auto make = [&] { return StoppingTables(variant, charge, mandatory); };
    if (variant.calibration == nullptr) return std::make_shared<const StoppingTables>(make());
    std::string key = std::to_string(mandatory);
    for (const double ns : charge) key += ' ' + std::to_string(ns);
    return variant.calibration->derived.get<StoppingTables>(key, make);
}

}  // namespace laxity
