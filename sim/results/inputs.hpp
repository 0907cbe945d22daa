// What a result was made from, by content: a trace that is measured again under the same name is another one.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace laxity {

// SHA-256 by path. Of a workload: hashes_of(input_files(workload)).
using InputHashes = std::map<std::string, std::string>;

// Reads the files as they are now. Throws InputError if one can't be read.
InputHashes hashes_of(const std::vector<std::string>& paths);

// What of these files is not as it was, as a phrase that names the first of them in the order of their paths:
// "traces/a.json has changed", "traces/a.json is gone". Empty if all are the same.
std::string changed(const InputHashes& then);

// The same for two lists, of which the second may have more or fewer files: "... is new", "... is not used any more".
std::string changed(const InputHashes& then, const InputHashes& now);

}  // namespace laxity
