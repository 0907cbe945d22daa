#include "sim/study/job_follower.hpp"

#include <algorithm>
#include <array>

namespace laxity {

namespace {

constexpr std::size_t kBatches = 40;
constexpr std::array kFields = {"task", "release_ns", "exit_ns", "left_ns", "correct", "missed"};
enum Field : std::size_t { kTask, kRelease, kExit, kLeft, kCorrect, kMissed };

}  // namespace

void BatchMean::add(double value) {
    total_ += value;
    filling_ += value;
    ++count_;
    if (++filled_ < size_) return;
    sums_.push_back(filling_);
    filling_ = 0;
    filled_ = 0;
    if (sums_.size() < kBatches) return;
    for (std::size_t i = 0; i < kBatches / 2; ++i) sums_[i] = sums_[2 * i] + sums_[2 * i + 1];
    sums_.resize(kBatches / 2);
    size_ *= 2;
}

Estimate BatchMean::estimate(double level) const {
    Estimate mean;
    mean.count = static_cast<std::size_t>(count_);
    if (count_ == 0) return mean;
    mean.mean = total_ / static_cast<double>(count_);
    if (sums_.size() < kBatches / 2) return mean;
    std::vector<double> means;
    for (const double sum : sums_) means.push_back(sum / static_cast<double>(size_));
    mean.half_width = laxity::estimate(means, level).half_width;
    return mean;
}

bool JobFollower::read_on() {
    if (!file_.look()) return false;
    if (file_.csv() == nullptr) return true;
    CsvColumns& csv = *file_.csv();
    if (columns_.empty()) {
        for (const char* field : kFields) columns_.push_back(csv.at(field));
    }
    while (csv.next()) add(csv);
    return true;
}

void JobFollower::add(const CsvColumns& csv) {
    const std::string_view name = csv.field(columns_[kTask]);
    auto task = std::ranges::find(tasks_, name, &JobTally::task);
    if (task == tasks_.end()) task = tasks_.insert(tasks_.end(), {std::string(name), 0, {}, {}, {}});
    const auto number = [&](Field field) { return csv.number(columns_[field]); };
    const bool missed = number(kMissed) == 1.0;
    for (JobTally* tally : {&all_, &*task}) {
        ++tally->jobs;
        tally->misses.add(missed ? 1 : 0);
        tally->accuracy.add(number(kCorrect) == 1.0 ? 1 : 0);
        if (missed || !number(kExit)) continue;
        const auto ns = csv.count(columns_[kExit]) - csv.count(columns_[kRelease]);
        tally->responses.add(Duration(static_cast<std::int64_t>(ns)));
    }
    if (number(kLeft)) last_ns_ = static_cast<std::int64_t>(csv.count(columns_[kLeft]));
}

}  // namespace laxity
