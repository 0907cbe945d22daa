// The invariants of a run, by name. They are checked where LAXITY_CHECK_INVARIANTS is defined (presets dev, asan and
// tsan, hence all tests) and cited by the tests that guard them.
//
//   INV-1  every released job leaves exactly once
//   INV-2  time never goes back
//   INV-3  a resource runs no more stages than it has slots
//   INV-4  a stage starts after its predecessor ended and its job was released
//   INV-5  a job's result is an exit finished by its deadline
//   INV-6  busy + idle time = capacity x duration
//   INV-7  same seed, same bytes
//   INV-8  decisions do not depend on unseen outcomes
//   INV-9  no policy beats a bound
//   INV-10 the capacitor holds from nothing to its capacity; initial + harvested = used + spilled + held
#pragma once

#include <stdexcept>
#include <string>

namespace laxity {

// A broken invariant: a bug in Laxity or in a policy, never in the user's input.
class InvariantViolation : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

}  // namespace laxity

#ifdef LAXITY_CHECK_INVARIANTS
#define LAXITY_INVARIANT(name, condition)                                                                 \
    do {                                                                                                  \
        if (!(condition)) throw ::laxity::InvariantViolation(std::string(name) + " broken: " #condition); \
    } while (false)
#else
#define LAXITY_INVARIANT(name, condition) \
    do {                                  \
    } while (false)
#endif
