#include "sim/core/stall_process.hpp"

#include "workloads/philox.hpp"

namespace laxity {

void StallLaw::add(const Stalls& measured) {
    watched_ += measured.watched;
    for (const StallGap& gap : measured.gaps) lengths_.push_back(gap.length);
}

double StallLaw::mean_pause_ns() const {
    Duration stalled{};
    for (const Duration length : lengths_) stalled += length;
    const auto pauses = static_cast<double>((watched_ - stalled).count());
    return std::max(1.0, pauses / static_cast<double>(lengths_.size()));
}

StallProcess::StallProcess(const StallLaw& law, std::uint64_t seed, std::uint32_t lane)
    : law_(&law), seed_(seed), lane_(lane) {
    if (law.empty()) return;
    at_ = Time{};
    advance();
}

Duration StallProcess::meet(Time now, Duration work) {
    Time end = now + work;
    for (; at_ < end; advance()) {
        if (at_ + length_ > now) end += std::min(length_, at_ + length_ - now);
    }
    return end - (now + work);
}

Duration StallProcess::rest(Time now) {
    while (at_ + length_ <= now) advance();
    return at_ <= now ? at_ + length_ - now : Duration::zero();
}

void StallProcess::advance() {
    const PhiloxBlock bits = draw(seed_, Draw::kStall, lane_, number_++);
    at_ += length_ + nanoseconds_from(exponential(bits[0]) * law_->mean_pause_ns());
    length_ = law_->lengths()[below(bits[1], static_cast<std::uint32_t>(law_->lengths().size()))];
}

}  // namespace laxity
