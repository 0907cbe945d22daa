// Ctrl-C (SIGINT) and SIGTERM as a flag that long work polls: what was measured so far is kept.
#pragma once

#include <stdexcept>

namespace laxity {

// Thrown by work that can't give a partial result when it is interrupted.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

// Installs the handlers. A second signal kills the process at once. Called once, by main().
void catch_interrupts();
// Whether a signal has arrived. Lock-free; may be called from any thread.
bool interrupted();
// For tests: behave as if a signal had arrived (or had not).
void set_interrupted(bool value);

}  // namespace laxity
