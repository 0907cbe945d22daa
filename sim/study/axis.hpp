// An axis of a study: one thing that is varied.
#pragma once

#include <string>
#include <vector>

#include "policies/registry.hpp"

namespace laxity {

// As `--axis [NAME:]TARGET=VALUES` or a study file says it. TARGET is one of
//   /tasks/0/arrival/load    a JSON pointer into the workload; * stands for every element or key at its place
//   rtdeepiot/delta          a parameter of a policy; */threshold is that of every policy that has it
//   load, arrival.load, camera.load
//                            the one value of the workload, or parameter of a policy, that has this name: the names on
//                            its way may be given too, a task's in place of its index
struct AxisSpec {
    std::string name;  // of its column; empty = derived from the target
    std::string target;
    std::vector<std::string> values;  // JSON texts as parse_axis_values() gives them
};

// Throws InputError.
AxisSpec parse_axis(const std::string& text);

// The axis, resolved: what it sets.
struct Axis {
    std::string name;                   // short, and unlike any other column's
    std::string target;                 // a pointer or POLICY/PARAMETER
    std::vector<std::string> pointers;  // into the workload, all set to the same value; or
    std::string policy, parameter;      // a parameter of every policy of this name; * = of any
    std::vector<std::string> values;    // JSON texts, each once

    bool of_policy() const { return !parameter.empty(); }
    // Whether it varies this policy: its name fits, it has the parameter, and leaves it at its default.
    bool varies(const PolicySpec& spec) const;
};

// What the axis sets, a pointer or POLICY/PARAMETER, whatever it is called. Throws InputError if it names nothing, or
// two things.
std::string axis_target(const AxisSpec& spec, const std::string& workload, const std::vector<PolicySpec>& policies);

// `workload` is the workload file after overrides, as JSON text. `reserved` are the names of the other columns. Throws
// InputError for an axis that names nothing or two things, for a value given twice (unless its axis is `zipped` with
// others) or that the parameter can't have, and for a name that is taken.
std::vector<Axis> resolve_axes(const std::vector<AxisSpec>& specs, const std::string& workload,
                               const std::vector<PolicySpec>& policies, const std::vector<std::string>& zipped,
                               const std::vector<std::string>& reserved);

}  // namespace laxity
