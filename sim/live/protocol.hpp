// The order in which a validation measures, and which of its live runs count.
//
// A machine drifts, and others use it. So every cell is run several times, all of them in an order drawn at random; a
// window before and after every live run measures the stages anew; and what was disturbed is repeated. Whether it was
// is judged by the windows, by stalls and by the system's counters, never by a result: nothing is thrown away because
// it does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

struct ProtocolPlan {
    std::size_t cells = 1;  // a point and a policy
    int repetitions = 5;
    int attempts = 3;  // live runs for one repetition at most
    std::uint64_t seed = 1;
};

// One live run: the n-th attempt at a repetition of a cell. Repetitions and attempts count from 1.
struct LiveTurn {
    std::size_t cell = 0;
    int repetition = 1, attempt = 1;
};

// What a window says of the machine's speed: the median time of every stage, in an order of its own that all windows
// share; 0 where one did not run. Empty without windows.
using WindowSpeed = std::vector<double>;

// Median over the stages of after / before - 1; 0 if they have none in common.
double speed_change(const WindowSpeed& before, const WindowSpeed& after);

// What disturbed a live run.
struct Disturbance {
    bool noisy = false;        // other processes, or the host (LiveReport::noisy)
    Duration longest_stall{};  // of any of its threads
    double speed_change = 0;   // between the windows around it
};

// From where on a disturbance makes a run contended.
struct Steadiness {
    double speed_change = 0.03;
    Duration longest_stall = std::chrono::milliseconds(2);

    // How far beyond it, as a multiple: above 1 is contended.
    double severity(const Disturbance& disturbance) const;
    bool contended(const Disturbance& disturbance) const { return severity(disturbance) > 1; }
    // What was beyond its limit, in kinds: "others on the machine", "stalls", "a change of speed".
    std::vector<std::string> causes(const Disturbance& disturbance) const;
    // "speed +4.1 % between its windows, a stall of 12.3 ms"; empty if nothing.
    std::string reasons(const Disturbance& disturbance) const;
};

struct Attempt {
    LiveTurn turn;
    std::size_t window = 0;  // the one before it; the one after it follows
    Disturbance disturbance;
    bool contended = false;
    bool counts = false;  // the first that was not contended, else the least contended of all attempts
};

// What is measured. Tests give one without a device.
class ValidationWorld {
public:
    virtual ~ValidationWorld() = default;
    // Measures the stages now.
    virtual WindowSpeed window() = 0;
    // Runs; what it noted of stalls and of others on the machine. `left`: runs still to come, this one included, if
    // none is repeated.
    virtual Disturbance live(const LiveTurn& turn, std::size_t left) = 0;
    // The window after the live run is there: what it is compared with is known. `counts` of the attempt is not yet.
    virtual void measured(const Attempt& attempt) = 0;
};

// Every repetition of every cell once, in an order drawn from the seed.
std::vector<LiveTurn> random_order(const ProtocolPlan& plan);

// What is left of it after these attempts, in the order in which it comes: what never ran, then the contended ones
// that may be repeated.
std::vector<LiveTurn> turns_left(const ProtocolPlan& plan, std::span<const Attempt> attempts);
// The number of the first window after these attempts: one that was measured when they ended says nothing of the
// machine when it goes on.
std::size_t next_window(std::span<const Attempt> attempts);

// Windows and live runs in turn; the contended ones again behind all others, in the order in which they were. Goes on
// with `attempts` that are there, of the same plan, and measures nothing if none is left. What the world throws ends
// it; `attempts` then holds what was measured. In the end it is known which of them count.
void run_protocol(const ProtocolPlan& plan, const Steadiness& steadiness, ValidationWorld& world,
                  std::vector<Attempt>& attempts);

// Sets Attempt::counts, of repetitions that were cut short too. run_protocol() does it in any case.
void choose_attempts(std::span<Attempt> attempts, const Steadiness& steadiness);

}  // namespace laxity
