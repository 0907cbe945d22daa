// The folder of a validation: whose results it holds, and who may go on with them. The rule is a sweep's
// (sim/study/sweep_folder.hpp).
#pragma once

#include <string>

#include "sim/cli/validation_plan.hpp"
#include "sim/live/validation_files.hpp"
#include "sim/results/output.hpp"

namespace laxity {

// Locked for this process. Either it is empty, or it holds this very validation: the same workload and traces, the same
// protocol on the same device, and policies that behave as they do now.
class ValidationFolder {
public:
    // Throws InputError if another process uses it, or if it holds anything but a validation and not `replace`.
    ValidationFolder(const std::string& directory, bool replace);

    // Throws InputError, in words that say what differs, if the validation that is there is another one. May be called
    // again when more is known: facts.device is compared unless it is empty. Writes nothing.
    void check(const ValidationPlan& plan, const ProtocolFacts& facts) const;
    // Whether there is one to go on with.
    bool goes_on() const { return goes_on_; }
    // Makes a new one's manifest.json and protocol.json, after moving aside what is there with `replace`.
    void begin(const ValidationPlan& plan, const ProtocolFacts& facts);
    // This program will run repetitions: `programs` of the manifest lists, in turn, which did, for another one may go
    // on where the policies behave alike. The first is the one that made the folder.
    void note_program() const;

private:
    std::string directory_;
    bool replace_;
    ResultFolder lock_;
    bool goes_on_;
};

}  // namespace laxity
