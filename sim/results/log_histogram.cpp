#include "sim/results/log_histogram.hpp"

#include <cmath>
#include <stdexcept>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint64_t>::max();

// The standard library writes and reads integers of 64 bits at most.
std::string decimal(Uint128 value) {
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    return digits;
}

// Reads a text from left to right; every function says whether what it wanted was there, and skips it then.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool skip(char expected) {
        if (rest_.empty() || rest_.front() != expected) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // A decimal number up to `limit`.
    bool number(Uint128& value, Uint128 limit) {
        value = 0;
        std::size_t digits = 0;
        for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
            const auto digit = static_cast<unsigned>(rest_[digits] - '0');
            if (value > limit / 10 || digit > limit - 10 * value) return false;
            value = 10 * value + digit;
        }
        rest_.remove_prefix(digits);
        return digits > 0;
    }
    template <class Integer>
    bool number(Integer& value, Integer limit = std::numeric_limits<Integer>::max()) {
        Uint128 wide = 0;
        if (!number(wide, static_cast<Uint128>(limit))) return false;
        value = static_cast<Integer>(wide);
        return true;
    }

private:
    std::string_view rest_;
};

}  // namespace

void LogHistogram::merge(const LogHistogram& other) {
    if (other.count_ > kMaxCount - count_) throw std::overflow_error("more than 2^64 - 1 values in one histogram");
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t bucket = 0; bucket < other.counts_.size(); ++bucket) counts_[bucket] += other.counts_[bucket];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

std::optional<double> LogHistogram::mean_ns() const {
    if (count_ == 0) return std::nullopt;
    return static_cast<double>(sum_) / static_cast<double>(count_);
}

std::optional<Duration> LogHistogram::min() const { return count_ == 0 ? std::nullopt : std::optional(Duration(min_)); }

std::optional<Duration> LogHistogram::max() const { return count_ == 0 ? std::nullopt : std::optional(Duration(max_)); }

std::int64_t LogHistogram::middle_of(std::size_t bucket) {
    if (bucket < (2U << kBits)) return static_cast<std::int64_t>(bucket);
    const auto shift = static_cast<int>(bucket >> kBits) - 1;
    const auto mantissa = static_cast<std::int64_t>((bucket & ((1U << kBits) - 1)) + (1U << kBits));
    return (mantissa << shift) + ((std::int64_t{1} << shift) / 2);
}

std::optional<Duration> LogHistogram::quantile(double q) const {
    if (count_ == 0) return std::nullopt;
    const auto count = static_cast<double>(count_);
    const double rank = std::ceil(q * count * (1 - 1e-15));  // 0.07 * 100 is a little more than 7
    if (!(rank > 1)) return Duration(min_);
    if (rank >= count) return Duration(max_);
    const auto wanted = static_cast<std::uint64_t>(rank);
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while ((seen += counts_[bucket]) < wanted) ++bucket;
    return Duration(std::clamp(middle_of(bucket), min_, max_));
}

std::optional<double> LogHistogram::fraction_up_to(Duration value) const {
    if (count_ == 0) return std::nullopt;
    if (value.count() < min_) return 0.0;
    const std::size_t end = std::min(bucket_of(value.count()) + 1, counts_.size());
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < end; ++bucket) seen += counts_[bucket];
    return static_cast<double>(seen) / static_cast<double>(count_);
}

std::string LogHistogram::text() const {
    if (count_ == 0) return {};
    std::string text = std::to_string(min_) + ":" + std::to_string(max_) + ":" + decimal(sum_);
    char separator = '|';
    std::size_t last = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
        if (counts_[bucket] == 0) continue;
        text += separator + std::to_string(bucket - last);
        if (counts_[bucket] != 1) text += "*" + std::to_string(counts_[bucket]);
        separator = ';';
        last = bucket;
    }
    return text;
}

LogHistogram LogHistogram::parse(std::string_view text, std::string_view place) {
    LogHistogram histogram;
    if (text.empty()) return histogram;
    if (!histogram.read(text) || !histogram.is_consistent()) {
        throw input_error(place, "a histogram, MIN:MAX:SUM|BUCKET*COUNT;DELTA*COUNT;...", "\"" + shortened(text) + "\"",
                          "results/README.md says how it is written; is the file damaged?");
    }
    return histogram;
}

// The form; is_consistent() checks the content.
bool LogHistogram::read(std::string_view text) {
    Scanner scanner(text);
    if (!scanner.number(min_) || !scanner.skip(':') || !scanner.number(max_) || !scanner.skip(':')) return false;
    if (!scanner.number(sum_, ~Uint128{0}) || !scanner.skip('|')) return false;
    counts_.resize(bucket_of(max_) + 1);
    std::size_t bucket = 0;
    do {
        std::size_t delta = 0;
        std::uint64_t count = 1;
        if (!scanner.number(delta, counts_.size() - 1 - bucket)) return false;
        if (scanner.skip('*') && !scanner.number(count, kMaxCount - count_)) return false;
        bucket += delta;
        if (count == 0 || count > kMaxCount - count_ || counts_[bucket] != 0) return false;
        counts_[bucket] = count;
        count_ += count;
    } while (scanner.skip(';'));
    return scanner.at_end();
}

// Smallest and largest value lie in the first and the last bucket, and the sum between count times either.
bool LogHistogram::is_consistent() const {
    const auto first = std::find_if(counts_.begin(), counts_.end(), [](std::uint64_t count) { return count != 0; });
    if (min_ > max_ || counts_.back() == 0) return false;
    if (static_cast<std::size_t>(first - counts_.begin()) != bucket_of(min_)) return false;
    if (count_ == 1 && min_ != max_) return false;
    return sum_ >= Uint128{count_} * static_cast<std::uint64_t>(min_) &&
           sum_ <= Uint128{count_} * static_cast<std::uint64_t>(max_);
}

}  // namespace laxity
