#include "sim/live/protocol.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <numeric>
#include <utility>

#include "traces/base/text.hpp"
#include "workloads/philox.hpp"

namespace laxity {

namespace {

constexpr std::uint32_t kOrder = 0x76616C69;  // keeps these draws apart from others of the seed

template <class... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 80> text;
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

double as_ms(Duration duration) { return static_cast<double>(duration.count()) * 1e-6; }

// Sets `counts` whatever ends the protocol.
class Choice {
public:
    Choice(std::vector<Attempt>& attempts, const Steadiness& steadiness)
        : attempts_(attempts), steadiness_(steadiness) {}
    ~Choice() { choose_attempts(attempts_, steadiness_); }
    Choice(const Choice&) = delete;
    Choice& operator=(const Choice&) = delete;

private:
    std::vector<Attempt>& attempts_;
    const Steadiness& steadiness_;
};

}  // namespace

double speed_change(const WindowSpeed& before, const WindowSpeed& after) {
    std::vector<double> ratios;
    for (std::size_t stage = 0; stage < std::min(before.size(), after.size()); ++stage) {
        if (before[stage] > 0 && after[stage] > 0) ratios.push_back(after[stage] / before[stage]);
    }
    if (ratios.empty()) return 0;
    std::sort(ratios.begin(), ratios.end());
    const std::size_t half = ratios.size() / 2;
    return (ratios.size() % 2 == 1 ? ratios[half] : (ratios[half - 1] + ratios[half]) / 2) - 1;
}

double Steadiness::severity(const Disturbance& disturbance) const {
    const double stall = static_cast<double>(disturbance.longest_stall.count()) /
                         static_cast<double>(std::max<std::int64_t>(1, longest_stall.count()));
    const double change = std::abs(disturbance.speed_change) / std::max(speed_change, 1e-9);
    return std::max({disturbance.noisy ? 2.0 : 0.0, stall, change});
}

std::string Steadiness::reasons(const Disturbance& disturbance) const {
    std::vector<std::string> reasons;
    if (disturbance.noisy) reasons.emplace_back("others used the machine");
    if (disturbance.longest_stall > longest_stall)
        reasons.push_back(formatted("a stall of %.1f ms", as_ms(disturbance.longest_stall)));
    if (std::abs(disturbance.speed_change) > speed_change)
        reasons.push_back(
            formatted("stages took %+.1f %% more in the window after it", 100 * disturbance.speed_change));
    return joined(reasons, ", ");
}

std::vector<std::string> Steadiness::causes(const Disturbance& disturbance) const {
    std::vector<std::string> causes;
    if (disturbance.noisy) causes.emplace_back("others on the machine");
    if (disturbance.longest_stall > longest_stall) causes.emplace_back("stalls");
    if (std::abs(disturbance.speed_change) > speed_change) causes.emplace_back("a change of speed");
    return causes;
}

std::vector<LiveTurn> random_order(const ProtocolPlan& plan) {
    std::vector<LiveTurn> order;
    for (std::size_t cell = 0; cell < plan.cells; ++cell) {
        for (int repetition = 1; repetition <= plan.repetitions; ++repetition) order.push_back({cell, repetition, 1});
    }
    for (std::size_t i = order.size(); i > 1; --i) {  // Fisher and Yates
        const PhiloxBlock bits = draw(plan.seed, Draw::kOther, kOrder, i);
        std::swap(order[i - 1], order[below(bits[0], static_cast<std::uint32_t>(i))]);
    }
    return order;
}

std::vector<LiveTurn> turns_left(const ProtocolPlan& plan, std::span<const Attempt> attempts) {
    std::map<std::pair<std::size_t, int>, std::size_t> last;  // place of a repetition's last attempt
    for (std::size_t i = 0; i < attempts.size(); ++i) last[{attempts[i].turn.cell, attempts[i].turn.repetition}] = i;
    std::vector<LiveTurn> turns = random_order(plan);
    std::erase_if(turns, [&](const LiveTurn& turn) { return last.contains({turn.cell, turn.repetition}); });
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const LiveTurn& turn = attempts[i].turn;
        const bool is_last = last.at({turn.cell, turn.repetition}) == i;
        if (is_last && attempts[i].contended && turn.attempt < plan.attempts)
            turns.push_back({turn.cell, turn.repetition, turn.attempt + 1});
    }
    return turns;
}

std::size_t next_window(std::span<const Attempt> attempts) {
    return attempts.empty() ? 0 : attempts.back().window + 2;  // the one after it is measured, too
}

void choose_attempts(std::span<Attempt> attempts, const Steadiness& steadiness) {
    std::map<std::pair<std::size_t, int>, Attempt*> chosen;
    for (Attempt& attempt : attempts) {
        attempt.counts = false;
        Attempt*& best = chosen[{attempt.turn.cell, attempt.turn.repetition}];
        if (best == nullptr ||
            (best->contended && steadiness.severity(attempt.disturbance) < steadiness.severity(best->disturbance)))
            best = &attempt;
    }
    for (auto& [repetition, attempt] : chosen) attempt->counts = true;
}

void run_protocol(const ProtocolPlan& plan, const Steadiness& steadiness, ValidationWorld& world,
                  std::vector<Attempt>& attempts) {
    const Choice choice(attempts, steadiness);
    const std::vector<LiveTurn> left = turns_left(plan, attempts);
    if (left.empty()) return;
    std::deque<LiveTurn> turns(left.begin(), left.end());
    WindowSpeed before = world.window();
    for (std::size_t window = next_window(attempts); !turns.empty(); ++window) {
        Attempt attempt;
        attempt.turn = turns.front();
        attempt.window = window;
        attempt.disturbance = world.live(attempt.turn, turns.size());
        turns.pop_front();
        WindowSpeed after = world.window();
        attempt.disturbance.speed_change = speed_change(before, after);
        attempt.contended = steadiness.contended(attempt.disturbance);
        attempts.push_back(attempt);
        world.measured(attempt);
        if (attempt.contended && attempt.turn.attempt < plan.attempts)
            turns.push_back({attempt.turn.cell, attempt.turn.repetition, attempt.turn.attempt + 1});
        before = std::move(after);
    }
}

}  // namespace laxity
