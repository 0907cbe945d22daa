// Several shards of one sweep become what the unsharded sweep would have been.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace laxity {

struct MergeOptions {
    bool replace = false;
    std::function<void(std::uint64_t rows, std::uint64_t total)> progress{};
};

// Writes runs.csv, responses.csv and bounds.csv (if the shards have it) of the whole into `directory`, the same bytes
// as without shards, and a manifest. Reads every row once and keeps one row per shard: linear in the rows, constant in
// memory but for the n open files. A merge that was broken off can be started again. The only shard of one, which is a
// whole sweep, may be merged too.
//
// Throws InputError if shards are missing (all of them are named), are not complete, are of different sweeps, or were
// made by policies that behave differently, or more than the system lets be open; nothing is written then. The same if
// a shard's rows are not what its manifest says, but the folder is begun then.
void merge_shards(const std::vector<std::string>& shards, const std::string& directory, const MergeOptions& options);

}  // namespace laxity
