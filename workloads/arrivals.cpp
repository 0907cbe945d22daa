#include "workloads/arrivals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "workloads/philox.hpp"

namespace laxity {

namespace {

// Streams end here, 126 years after the start: nothing that is added to a release may overflow.
constexpr std::int64_t kEndNs = 4'000'000'000'000'000'000;

Time release_at(std::int64_t ns) { return ns < kEndNs ? at_ns(ns) : kNever; }

std::int64_t rounded(double ns) { return static_cast<std::int64_t>(ns + 0.5); }  // of ns >= 0

// Release k = offset + k * period + U[0, jitter), where jitter <= period keeps them in order.
class PeriodicStream final : public ArrivalStream {
public:
    PeriodicStream(const PeriodicArrivals& arrivals, std::uint32_t task, std::uint64_t seed)
        : arrivals_(arrivals), task_(task), seed_(seed), nominal_ns_(arrivals.offset.count()) {}

    void fill(std::span<Time> releases) override {
        for (Time& release : releases) {
            release = release_at(nominal_ns_ + jitter_ns());
            nominal_ns_ = std::min(nominal_ns_ + arrivals_.period.count(), kEndNs);
            ++number_;
        }
    }

private:
    std::int64_t jitter_ns() const {
        if (arrivals_.jitter == Duration::zero()) return 0;
        const double share = unit_interval(draw(seed_, Draw::kArrival, task_, number_)[0]);
        return static_cast<std::int64_t>(share * static_cast<double>(arrivals_.jitter.count()));
    }

    PeriodicArrivals arrivals_;
    std::uint32_t task_;
    std::uint64_t seed_;
    std::int64_t nominal_ns_;
    std::uint64_t number_ = 0;
};

// Releases with independent gaps; gap k is a function of (seed, task, k). Gaps are made 32 at a time, in loops without
// dependences, so that the processor overlaps their Philox blocks and logarithms.
class GapStream : public ArrivalStream {
public:
    void fill(std::span<Time> releases) final {
        for (Time& release : releases) {
            if (next_ == gaps_.size()) refill();
            last_ns_ = std::min(last_ns_ + gaps_[next_++], kEndNs);
            release = release_at(last_ns_);
        }
    }

protected:
    static constexpr std::size_t kBatch = 32;
    using Gaps = std::array<std::int64_t, kBatch>;

    // Gaps `first`, `first` + 1, ... in ns, each below 1e17. `first` is a multiple of kBatch.
    virtual void make_gaps(std::uint64_t first, Gaps& gaps) const = 0;

private:
    void refill() {
        make_gaps(made_, gaps_);
        made_ += kBatch;
        next_ = 0;
    }

    Gaps gaps_{};
    std::size_t next_ = kBatch;
    std::uint64_t made_ = 0;
    std::int64_t last_ns_ = 0;
};

// gap = minimum + Exp(mean). The minimum holds between releases, not before the first. Gap k takes word k mod 4 of
// block k / 4.
class ExponentialStream final : public GapStream {
public:
    ExponentialStream(Duration minimum, double mean_ns, std::uint32_t task, std::uint64_t seed)
        : minimum_ns_(minimum.count()), mean_ns_(mean_ns), task_(task), seed_(seed) {}

private:
    void make_gaps(std::uint64_t first, Gaps& gaps) const override {
        std::array<std::uint32_t, kBatch> words;
        for (std::size_t i = 0; i < kBatch; i += 4) {
            const PhiloxBlock block = draw(seed_, Draw::kArrival, task_, (first + i) / 4);
            for (std::size_t j = 0; j < 4; ++j) words[i + j] = block[j];
        }
        std::array<double, kBatch> extra_ns;
        for (std::size_t i = 0; i < kBatch; ++i) extra_ns[i] = mean_ns_ * exponential(words[i]);
        for (std::size_t i = 0; i < kBatch; ++i) gaps[i] = minimum_ns_ + rounded(extra_ns[i]);
        if (first == 0) gaps[0] -= minimum_ns_;
    }

    std::int64_t minimum_ns_;
    double mean_ns_;
    std::uint32_t task_;
    std::uint64_t seed_;
};

// Gamma-distributed gaps of shape 1 / cv^2 (Marsaglia and Tsang, "A simple method for generating gamma variables",
// ACM TOMS 26(3), 2000). Attempt i of gap k takes block 256 k + i.
class GammaStream final : public GapStream {
public:
    GammaStream(const GammaArrivals& arrivals, std::uint32_t task, std::uint64_t seed)
        : shape_(1 / (arrivals.cv * arrivals.cv)), scale_ns_(arrivals.mean_gap_ns / shape_), task_(task), seed_(seed) {}

private:
    void make_gaps(std::uint64_t first, Gaps& gaps) const override {
        for (std::size_t i = 0; i < kBatch; ++i) gaps[i] = rounded(std::min(scale_ns_ * variate(first + i), 1e17));
    }

    // Of unit scale. A shape below 1 is reached from shape + 1 by a factor U^(1/shape).
    double variate(std::uint64_t k) const {
        const bool boosted = shape_ < 1;
        const double d = (boosted ? shape_ + 1 : shape_) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
        for (std::uint64_t attempt = 0;; ++attempt) {
            const PhiloxBlock block = draw(seed_, Draw::kArrival, task_, 256 * k + attempt);
            const double x = 2 * unit_interval(block[0]) - 1, y = 2 * unit_interval(block[1]) - 1;
            const double square = x * x + y * y;
            if (square >= 1 || square == 0) continue;
            const double normal = x * std::sqrt(-2 * exact_log(square) / square);  // Marsaglia's polar method
            const double root = 1 + c * normal;
            if (root <= 0) continue;
            const double v = root * root * root;
            if (-exponential(block[2]) >= 0.5 * normal * normal + d - d * v + d * exact_log(v)) continue;
            return d * v * (boosted ? exact_exp(-exponential(block[3]) / shape_) : 1);
        }
    }

    double shape_, scale_ns_;
    std::uint32_t task_;
    std::uint64_t seed_;
};

// A Poisson process whose rate switches between two states after exponential stays. It starts in a state drawn from
// the stationary distribution. Step n (an arrival or a switch) takes block n + 1: the exponential has no memory, so an
// arrival that would fall beyond the switch is drawn anew in the next state.
class MmppStream final : public ArrivalStream {
public:
    MmppStream(const MmppArrivals& arrivals, std::uint32_t task, std::uint64_t seed)
        : arrivals_(arrivals), task_(task), seed_(seed) {
        const PhiloxBlock block = draw(seed, Draw::kArrival, task, 0);
        const double share_on = arrivals.on_sojourn_ns / (arrivals.on_sojourn_ns + arrivals.off_sojourn_ns);
        on_ = unit_interval(block[0]) < share_on;
        switch_ns_ = rounded(sojourn_ns() * exponential(block[1]));
    }

    void fill(std::span<Time> releases) override {
        for (Time& release : releases) release = next();
    }

private:
    double gap_ns() const { return on_ ? arrivals_.on_gap_ns : arrivals_.off_gap_ns; }
    double sojourn_ns() const { return on_ ? arrivals_.on_sojourn_ns : arrivals_.off_sojourn_ns; }

    Time next() {
        while (now_ns_ < kEndNs) {
            const PhiloxBlock block = draw(seed_, Draw::kArrival, task_, ++step_);
            const double gap = gap_ns() * exponential(block[0]);
            if (gap < static_cast<double>(switch_ns_ - now_ns_)) {
                now_ns_ += rounded(gap);
                return release_at(now_ns_);
            }
            now_ns_ = switch_ns_;
            on_ = !on_;
            switch_ns_ += rounded(sojourn_ns() * exponential(block[1]));
        }
        return kNever;
    }

    MmppArrivals arrivals_;
    std::uint32_t task_;
    std::uint64_t seed_;
    bool on_ = true;
    std::int64_t now_ns_ = 0, switch_ns_ = 0;
    std::uint64_t step_ = 0;
};

class LogStream final : public ArrivalStream {
public:
    explicit LogStream(const LogArrivals& arrivals) : releases_(arrivals.releases) {}

    void fill(std::span<Time> releases) override {
        for (Time& release : releases) release = next_ < releases_.size() ? releases_[next_++] : kNever;
    }

private:
    std::vector<Time> releases_;
    std::size_t next_ = 0;
};

// Interval i has counts[i] releases, uniform within it and in order. Number k of all takes two words of block k / 2, so
// that the releases of an interval are a function of (seed, task) and of the numbers of the interval's jobs alone.
class CountStream final : public ArrivalStream {
public:
    CountStream(const CountArrivals& arrivals, std::uint32_t task, std::uint64_t seed)
        : arrivals_(arrivals), task_(task), seed_(seed) {}

    void fill(std::span<Time> releases) override {
        for (Time& release : releases) release = next();
    }

private:
    Time next() {
        while (next_ == drawn_.size() && interval_ < arrivals_.counts.size()) draw_interval();
        return next_ < drawn_.size() ? release_at(drawn_[next_++]) : kNever;
    }

    void draw_interval() {
        const std::int64_t start_ns = static_cast<std::int64_t>(interval_) * arrivals_.interval.count();
        drawn_.resize(arrivals_.counts[interval_]);
        for (std::int64_t& release_ns : drawn_) release_ns = start_ns + place_ns(number_++);
        std::sort(drawn_.begin(), drawn_.end());
        next_ = 0;
        ++interval_;
    }

    std::int64_t place_ns(std::uint64_t k) const {
        const PhiloxBlock words = draw(seed_, Draw::kArrival, task_, k / 2);
        const double fine = unit_interval(words[2 * (k % 2) + 1]);
        const double share = (static_cast<double>(words[2 * (k % 2)]) + fine) * 0x1p-32;
        const std::int64_t length_ns = arrivals_.interval.count();
        return std::min(static_cast<std::int64_t>(share * static_cast<double>(length_ns)), length_ns - 1);
    }

    CountArrivals arrivals_;
    std::uint32_t task_;
    std::uint64_t seed_;
    std::vector<std::int64_t> drawn_;  // of the interval before interval_
    std::size_t next_ = 0, interval_ = 0;
    std::uint64_t number_ = 0;
};

struct MakeStream {
    std::uint32_t task;
    std::uint64_t seed;
    using Stream = std::unique_ptr<ArrivalStream>;

    Stream operator()(const PeriodicArrivals& a) const { return std::make_unique<PeriodicStream>(a, task, seed); }
    Stream operator()(const SporadicArrivals& a) const {
        return std::make_unique<ExponentialStream>(a.minimum_gap, static_cast<double>(a.mean_extra.count()), task,
                                                   seed);
    }
    Stream operator()(const PoissonArrivals& a) const {
        return std::make_unique<ExponentialStream>(Duration::zero(), a.mean_gap_ns, task, seed);
    }
    Stream operator()(const MmppArrivals& a) const { return std::make_unique<MmppStream>(a, task, seed); }
    Stream operator()(const GammaArrivals& a) const { return std::make_unique<GammaStream>(a, task, seed); }
    Stream operator()(const LogArrivals& a) const { return std::make_unique<LogStream>(a); }
    Stream operator()(const CountArrivals& a) const { return std::make_unique<CountStream>(a, task, seed); }
    Stream operator()(const ClosedArrivals&) const {
        throw std::logic_error("a closed task has no stream of arrivals: its replies decide");
    }
};

const Task& task_of(const Workload& workload, int task) { return workload.tasks[static_cast<std::size_t>(task)]; }

}  // namespace

JobFates::JobFates(const Workload& workload, int task, std::uint64_t seed)
    : seed_(seed),
      task_(static_cast<std::uint32_t>(task)),
      replay_samples_(replay_half(task_of(workload, task).variants.front().trace->samples.count())) {
    DeadlineRange drawn = task_of(workload, task).deadline;
    if (const auto* log = std::get_if<LogArrivals>(&task_of(workload, task).arrivals)) {
        logged_deadlines_ = log->deadlines;
        logged_samples_ = log->samples;
        if (!log->deadlines.empty()) drawn = log->drawn_deadline;
    }
    shortest_deadline_ns_ = drawn.low.count();
    deadline_span_ns_ = static_cast<double>((drawn.high - drawn.low).count());
}

void JobFates::apply_log(std::uint64_t k, JobFate& fate) const {
    if (k < logged_deadlines_.size() && logged_deadlines_[k] > Duration::zero())
        fate.relative_deadline = logged_deadlines_[k];
    if (k < logged_samples_.size()) fate.sample = replay_samples_[logged_samples_[k]];
}

inline JobFate JobFates::fate(std::uint32_t deadline_word, std::uint32_t sample_word, std::uint32_t row_block) const {
    const std::int64_t extra_ns = rounded(unit_interval(deadline_word) * deadline_span_ns_);
    return {Duration(shortest_deadline_ns_ + extra_ns),
            replay_samples_[below(sample_word, static_cast<std::uint32_t>(replay_samples_.size()))], row_block};
}

std::uint32_t JobFates::row_block(std::uint64_t k) const {
    return draw(seed_, Draw::kRowBlock, task_, k / kRowBlockLength)[0];
}

JobFate JobFates::at(std::uint64_t k) const {
    const PhiloxBlock words = draw(seed_, Draw::kJob, task_, k / 2);
    JobFate result = fate(words[2 * (k % 2)], words[2 * (k % 2) + 1], row_block(k));
    apply_log(k, result);
    return result;
}

void JobFates::fill(std::uint64_t first, std::span<JobFate> fates) const {
    const std::uint64_t end = first + fates.size();
    std::uint64_t k = first;
    while (k < end) {
        if (k % 2 == 1 || k + 1 == end) {  // a single one at either end
            fates[k - first] = at(k);
            ++k;
            continue;
        }
        const std::uint64_t block_end = std::min(end & ~std::uint64_t{1}, (k / kRowBlockLength + 1) * kRowBlockLength);
        const std::uint32_t rows = row_block(k);
        for (; k < block_end; k += 2) {
            const PhiloxBlock words = draw(seed_, Draw::kJob, task_, k / 2);
            fates[k - first] = fate(words[0], words[1], rows);
            fates[k - first + 1] = fate(words[2], words[3], rows);
        }
    }
    if (logged_deadlines_.empty() && logged_samples_.empty()) return;
    for (k = first; k < end; ++k) apply_log(k, fates[k - first]);
}

std::unique_ptr<ArrivalStream> make_arrival_stream(const Workload& workload, int task, std::uint64_t seed) {
    return std::visit(MakeStream{static_cast<std::uint32_t>(task), seed}, task_of(workload, task).arrivals);
}

Time first_request(const Workload& workload, int task, int client, std::uint64_t seed) {
    const PhiloxBlock words =
        draw(seed, Draw::kClient, static_cast<std::uint32_t>(task), static_cast<std::uint64_t>(client));
    const auto span_ns = static_cast<double>(task_of(workload, task).deadline.high.count());
    return at_ns(static_cast<std::int64_t>(unit_interval(words[0]) * span_ns));
}

}  // namespace laxity
