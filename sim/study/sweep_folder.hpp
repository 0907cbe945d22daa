// The folder of a sweep: whose results it holds, and who may go on with them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/inputs.hpp"
#include "sim/results/output.hpp"
#include "sim/study/shard.hpp"
#include "sim/study/study.hpp"

namespace laxity {

// What each policy of a study decides on a fixed set of small workloads (sim/bench/bench.hpp), by its text, as a hash.
// Of a policy with a swept parameter each combination has one (at most kMostSignatures, evenly spread); "bounds" is
// that of the bounds.
using Signatures = std::map<std::string, std::string>;
inline constexpr std::size_t kMostSignatures = 200;
Signatures signatures_of(const Study& study);

// Locks the folder for this process and checks that it is empty or holds this very study (the same configuration,
// inputs with the same content, the same shard), made by policies that behave as they do now. manifest.json (schema
// "laxity.manifest/2") says so:
//   configuration   what decides the bytes of the results: Study::configuration()
//   signatures      of the policies
//   shard, unit     "2/7" and what was dealt out, of a shard
//   expected        {runs, points}: how many runs this folder will have (with `until`: before seeds are added), of
//                   how many points of the grid: what `laxity watch` measures progress by
//   programs        [{tool, commit, clean, from_row}]: what made the rows, from which one on
//   state           {complete, rows}: whether all is there, the bounds that were asked for too; rows of runs.csv
class SweepFolder {
public:
    // Throws InputError if another process uses the folder. With `replace` whatever it holds moves aside, this very
    // study too. Without: throws InputError if it holds anything else, rows of a policy that behaves differently now
    // (named), or of a trace or workload that has changed (named).
    SweepFolder(const std::string& directory, const Study& study, const Shard& shard, bool replace);

    const std::string& directory() const { return directory_; }
    const Shard& shard() const { return shard_; }
    std::string file(const std::string& name) const { return directory_ + "/" + name; }

    // The rows so far; notes which program goes on with them if it is another one than before.
    void begin(std::uint64_t rows);
    // Notes that all rows are there. Throws RunError if an input changed while they were made: it names the file.
    void complete(const Study& study, std::uint64_t rows);

private:
    bool goes_on(const Study& study, const Signatures& signatures) const;

    std::string directory_;
    Shard shard_;
    ResultFolder lock_;
};

// A sweep's manifest as merging and --winner need it.
struct SweepManifest {
    std::string configuration;  // JSON
    std::vector<Precision> until;
    Signatures signatures;
    std::optional<Shard> shard;
    ShardUnit unit = ShardUnit::kPoint;
    bool complete = false;
    std::uint64_t rows = 0;
    std::map<std::string, std::string> inputs;  // path -> SHA-256
    std::string workload;                       // path of its file
};

// Whether two sweeps are the same one, wherever the files lie: a shard may be made on another machine, or from another
// folder. The place where two configurations differ, as "/workload/tasks/0/arrival/load"; empty if they don't.
std::string different_configuration(const std::string& a, const std::string& b);
// As changed() of what they read, but for the workload itself: what it says, after overrides, is in the configuration.
std::string different_data(InputHashes a, const std::string& workload_of_a, InputHashes b,
                           const std::string& workload_of_b);

// Throws InputError if DIR holds no sweep.
SweepManifest read_sweep_manifest(const std::string& directory);

}  // namespace laxity
