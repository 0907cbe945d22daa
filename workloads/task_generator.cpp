#include "workloads/task_generator.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "workloads/philox.hpp"

namespace laxity {

namespace {

// What a block of Draw::kTaskSet is drawn for: its index. Attempt a at a set of utilisations takes kFirstAttempt + a.
enum : std::uint64_t { kPeriod = 0, kDeadline = 1, kMandatoryShare = 2, kOffset = 3, kFirstAttempt = 16 };

// Uniform in (0, 1), never 0 or 1, with 52 random bits.
double fine_unit_interval(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (std::uint64_t{high} << 32 | low) >> 12;
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

double uniform(std::uint64_t seed, int task, std::uint64_t index) {
    const PhiloxBlock block = draw(seed, Draw::kTaskSet, static_cast<std::uint32_t>(task), index);
    return fine_unit_interval(block[0], block[1]);
}

double attempt_uniform(std::uint64_t seed, int element, int attempt) {
    return uniform(seed, element, kFirstAttempt + static_cast<std::uint64_t>(attempt));
}

// --- Utilisations ---

// Bini & Buttazzo 2005, figure 4: what is left for the elements after i, as a share of what is left with i, is the
// largest of n - i uniforms.
std::vector<double> uunifast(int n, double total, std::uint64_t seed, int attempt) {
    std::vector<double> u;
    double left = total;
    for (int i = 1; i < n; ++i) {
        const double after = left * exact_exp(exact_log(attempt_uniform(seed, i - 1, attempt)) / (n - i));
        u.push_back(left - after);
        left = after;
    }
    u.push_back(left);
    return u;
}

void divide(std::vector<double>& values, double divisor) {
    for (double& value : values) value /= divisor;
}

std::vector<double> flat_dirichlet(int n, std::uint64_t seed, int attempt) {
    std::vector<double> w;
    for (int i = 0; i < n; ++i) w.push_back(-exact_log(attempt_uniform(seed, i, attempt)));
    divide(w, std::accumulate(w.begin(), w.end(), 0.0));
    return w;
}

// A vector uniform over { w >= 0, sum 1, w_i <= bounds_i }, moved into { w_i <= bound } by blowing up the simplices
// that it lies in. The bounds are at least `bound`, at first infinite.
class Rescaling {
public:
    Rescaling(std::vector<double> w, double bound) : w_(std::move(w)), bounds_(w_.size(), kUnbounded), bound_(bound) {}

    // False if the vector can't be made valid without leaving uniformity, or not with enough bits.
    bool run() {
        while (std::any_of(w_.begin(), w_.end(), [&](double w) { return w > bound_; }))
            if (!blow_up()) return false;
        return true;
    }

    const std::vector<double>& vector() const { return w_; }

private:
    static constexpr double kUnbounded = 1e300, kLeastScale = 0x1p-20;

    bool blow_up() {
        double scale = 1;
        for (const double w : w_) scale -= w > bound_ ? bound_ : 0;
        scale_ *= scale;
        if (scale_ < kLeastScale) return false;
        for (std::size_t i = 0; i < w_.size(); ++i) {
            if (w_[i] > bound_) {
                w_[i] -= bound_;
                bounds_[i] -= bound_;
            }
            bounds_[i] /= scale;
            if (bounds_[i] < bound_) return false;
        }
        divide(w_, std::accumulate(w_.begin(), w_.end(), 0.0));
        return true;
    }

    std::vector<double> w_, bounds_;
    double bound_;
    double scale_ = 1;  // product of all
};

// Uniform over { u : sum of u = total, 0 <= u_i <= high }.
std::optional<std::vector<double>> dirichlet_rescale(int n, double total, double high, std::uint64_t seed,
                                                     int attempt) {
    if (total <= 0) return std::vector<double>(static_cast<std::size_t>(n), 0.0);
    Rescaling rescaling(flat_dirichlet(n, seed, attempt), high / total);
    if (!rescaling.run()) return std::nullopt;
    std::vector<double> u = rescaling.vector();
    for (double& value : u) value *= total;
    return u;
}

bool within(const std::vector<double>& u, double low, double high) {
    return std::all_of(u.begin(), u.end(), [&](double value) { return value >= low && value <= high; });
}

std::optional<std::vector<double>> attempt_utilisations(UtilisationMethod method, int n, double total, double low,
                                                        double high, std::uint64_t seed, int attempt) {
    if (method == UtilisationMethod::kUUniFastDiscard) {
        std::vector<double> u = uunifast(n, total, seed, attempt);
        if (within(u, low, high)) return u;
        return std::nullopt;
    }
    const double from_low = total - n * low, from_high = n * high - total;
    const bool mirrored = from_high < from_low;
    auto u = dirichlet_rescale(n, std::min(from_low, from_high), high - low, seed, attempt);
    if (u)
        for (double& value : *u) value = mirrored ? high - value : low + value;
    return u;
}

// --- Times ---

Duration floor_ns(double ns) { return Duration(static_cast<std::int64_t>(ns)); }  // of ns >= 0

double share_of(const Range& range, double x) { return range.low + x * (range.high - range.low); }

Duration draw_period(const GeneratorOptions& options, std::uint64_t seed, int task) {
    const PhiloxBlock block = draw(seed, Draw::kTaskSet, static_cast<std::uint32_t>(task), kPeriod);
    if (!options.choose.empty())
        return options.choose[below(block[0], static_cast<std::uint32_t>(options.choose.size()))];
    const auto shortest = static_cast<double>(options.shortest), longest = static_cast<double>(options.longest);
    const double x = fine_unit_interval(block[0], block[1]);
    const auto units = static_cast<std::int64_t>(shortest * exact_exp(x * exact_log((longest + 1) / shortest)));
    return options.granularity * std::clamp(units, options.shortest, options.longest);
}

// Adds `count` stages that end at equal shares of the way from `begin` to `end`.
void add_stages(std::vector<Duration>& stages, int count, std::int64_t begin, std::int64_t end) {
    for (int k = 0; k < count; ++k) stages.emplace_back((end - begin) * (k + 1) / count - (end - begin) * k / count);
}

std::vector<Duration> split(const GeneratorOptions& options, std::int64_t wcet_ns, double x) {
    std::vector<Duration> stages;
    const int mandatory = options.mandatory_stages, optional = options.stages - mandatory;
    if (optional == 0 || !options.mandatory_share) {
        add_stages(stages, options.stages, 0, wcet_ns);
        return stages;
    }
    const auto drawn = static_cast<std::int64_t>(share_of(*options.mandatory_share, x) * static_cast<double>(wcet_ns));
    const std::int64_t part = std::clamp<std::int64_t>(drawn, mandatory, wcet_ns - optional);
    add_stages(stages, mandatory, 0, part);
    add_stages(stages, optional, part, wcet_ns);
    return stages;
}

GeneratedTask generate_task(const GeneratorOptions& options, double utilisation, std::uint64_t seed, int index) {
    GeneratedTask task;
    task.name = options.name + std::to_string(index + 1);
    task.utilisation = utilisation;
    task.period = draw_period(options, seed, index);
    const std::int64_t period_ns = task.period.count();
    const std::int64_t wcet_ns =
        std::max<std::int64_t>(options.stages, static_cast<std::int64_t>(utilisation * static_cast<double>(period_ns)));
    task.stages = split(options, wcet_ns, uniform(seed, index, kMandatoryShare));
    const double share = share_of(options.deadline_share, uniform(seed, index, kDeadline));
    task.deadline = Duration(wcet_ns) + (share < 1 ? floor_ns(share * static_cast<double>(period_ns - wcet_ns))
                                                   : Duration(period_ns - wcet_ns));
    if (options.random_offsets) task.offset = floor_ns(uniform(seed, index, kOffset) * static_cast<double>(period_ns));
    return task;
}

}  // namespace

Duration GeneratedTask::wcet() const { return std::accumulate(stages.begin(), stages.end(), Duration::zero()); }

std::optional<std::vector<double>> draw_utilisations(UtilisationMethod method, int n, double total, double low,
                                                     double high, std::uint64_t seed, int attempts) {
    assert(n >= 1 && 0 <= low && low <= high);
    for (int attempt = 0; attempt < attempts; ++attempt)
        if (auto u = attempt_utilisations(method, n, total, low, high, seed, attempt)) return u;
    return std::nullopt;
}

std::optional<std::vector<GeneratedTask>> generate_tasks(const GeneratorOptions& options, std::uint64_t seed) {
    const auto u = draw_utilisations(options.method, options.tasks, options.utilisation, options.min_task_utilisation,
                                     options.max_task_utilisation, seed);
    if (!u) return std::nullopt;
    std::vector<GeneratedTask> tasks;
    for (int i = 0; i < options.tasks; ++i)
        tasks.push_back(generate_task(options, (*u)[static_cast<std::size_t>(i)], seed, i));
    return tasks;
}

}  // namespace laxity
