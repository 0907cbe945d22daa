#include "sim/cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

// "1.23k" from 1234.
std::string short_number(double value) {
    char text[32];
    if (value >= 1e6) {
        std::snprintf(text, sizeof text, "%.2fM", value * 1e-6);
    } else if (value >= 1e4) {
        std::snprintf(text, sizeof text, "%.1fk", value * 1e-3);
    } else {
        std::snprintf(text, sizeof text, value < 100 ? "%.3g" : "%.0f", value);
    }
    return text;
}

std::string bar(double share) {
    constexpr int kWidth = 24;
    const int filled = static_cast<int>(share * kWidth);
    return "[" + std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(kWidth - filled), '.') + "]";
}

}  // namespace

Progress::Progress(std::string title, std::uint64_t total, std::string unit)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      drawn_(start_) {}

Progress::~Progress() { finish(); }

void Progress::update(std::uint64_t done, std::uint64_t total) {
    if (!first_) first_ = done;
    done_ = done;
    total_ = total;
    const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
    if (!finished_ && Clock::now() - drawn_ >= interval) draw(false);
}

void Progress::finish() {
    if (finished_) return;
    finished_ = true;
    if (first_) draw(true);
}

void Progress::draw(bool last) {
    drawn_ = Clock::now();
    const double seconds = std::chrono::duration<double>(drawn_ - start_).count();
    const double share = total_ == 0 ? 1 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const double rate = seconds > 0 ? static_cast<double>(done_ - first_.value_or(0)) / seconds : 0;
    std::string line = title_ + " " + (terminal_ ? bar(share) + " " : "") + std::to_string(done_) + "/" +
                       std::to_string(total_) + " " + unit_ + ", " + short_number(rate) + "/s, ";
    if (last) {
        line += clock_text(seconds);
    } else {
        const double left = static_cast<double>(total_ - std::min(done_, total_));
        line += rate > 0 ? clock_text(left / rate) + " left" : "starting";
    }
    // \033[K erases what a longer line left behind.
    std::fprintf(stderr, "%s%s%s%s", terminal_ ? "\r" : "", line.c_str(), terminal_ ? "\033[K" : "",
                 last || !terminal_ ? "\n" : "");
    std::fflush(stderr);
}

}  // namespace laxity
