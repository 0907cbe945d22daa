// A workload: what arrives, when, and what has to be done for it (schema "laxity.workload/1", README of this folder).
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "traces/base/time.hpp"
#include "traces/trace.hpp"
#include "workloads/energy.hpp"

namespace laxity {

// What executes stages: `slots` of them at a time.
struct Resource {
    std::string name;
    int slots = 1;
};

// --- When jobs arrive. All rates and times are resolved: no unit and no load is left. ---
struct PeriodicArrivals {
    Duration period{}, offset{}, jitter{};  // release k = offset + k * period + U[0, jitter)
};
struct SporadicArrivals {
    Duration minimum_gap{}, mean_extra{};  // gap = minimum_gap + Exp(mean_extra)
};
struct PoissonArrivals {
    double mean_gap_ns = 0;
};
struct MmppArrivals {                              // Markov-modulated Poisson process with two states
    double on_gap_ns = 0, off_gap_ns = 0;          // mean gap within a state; infinite = no arrivals in it
    double on_sojourn_ns = 0, off_sojourn_ns = 0;  // mean of the exponential stay
};
struct GammaArrivals {
    double mean_gap_ns = 0, cv = 1;  // coefficient of variation of the gap
};
struct ClosedArrivals {  // clients that wait for their reply before they ask again
    int clients = 1;
    bool next_at_deadline = false;  // else at the reply (or at the deadline, if no reply came by then)
};
// Relative deadline, uniform in [low, high]; low == high for a fixed one.
struct DeadlineRange {
    Duration low{}, high{};
};

struct LogArrivals {  // release times read from a file, ascending
    std::vector<Time> releases;
    std::string file{};  // that they were read from
    // What the log says of each release; empty where it says nothing of any.
    std::vector<Duration> deadlines{};     // relative; zero where it is drawn from `drawn_deadline`
    std::vector<std::uint32_t> samples{};  // the input: of the replayed half, in its order
    DeadlineRange drawn_deadline{};
    std::string first{}, last{};  // times as the file has them
};
struct CountArrivals {  // so many releases in each interval, each uniform within it
    Duration interval{};
    std::vector<std::uint32_t> counts;
    std::string file{};  // that they were read from
};
using Arrivals = std::variant<PeriodicArrivals, SporadicArrivals, PoissonArrivals, MmppArrivals, GammaArrivals,
                              ClosedArrivals, LogArrivals, CountArrivals>;

// One network that can serve a task.
struct Variant {
    std::string name;
    std::shared_ptr<const Trace> trace;
    int network_stages = 0;  // of a pipeline: how many of the network's stages its inference runs; else 0
};

struct Task {
    std::string name;
    std::vector<Variant> variants;  // at least one; all over the same samples and with the same labels
    Arrivals arrivals;
    DeadlineRange deadline;
    int mandatory_stages = 1;  // at least up to the first exit
    double weight = 1;
    bool pipeline = false;          // its variants' traces are pipelines (pipeline.hpp)
    std::int64_t shared_bytes = 0;  // weights that are stored whichever of its variants are kept
    int largest = 0;                // index of the variant that takes longest
    Duration full{};                // mean whole-network time of that variant; of a pipeline, of its inference alone
    double confident_from = 0;      // an answer this sure, or of full depth, counts as confident; 0 = not counted

    bool closed() const { return std::holds_alternative<ClosedArrivals>(arrivals); }
};

// A run ends its arrivals at whichever limit comes first; jobs released by then are served to their end.
struct Horizon {
    std::uint64_t jobs = std::numeric_limits<std::uint64_t>::max();  // released in all, warm-up included
    Duration length = Duration::max();
    std::uint64_t warmup_jobs = 0;  // the first so many releases are simulated but not scored
};

// What of a trace is replayed beside the rows of its whole passes, where it has measured it.
struct ReplayParts {
    bool history = true;  // stages take what they took after a like history of their lane
    bool path = true;     // handing over, noticing the end and noticing a release take time; of the rows, dispatch_ns
    bool stalls = true;   // gaps that nothing of the service caused

    bool operator==(const ReplayParts&) const = default;
};

// How stage durations are drawn from a trace (design section 4).
struct ReplayMode {
    enum class Kind { kRows, kQuantile, kMean } kind = Kind::kRows;
    double quantile = 0.99;
    ReplayParts parts{};
    std::string decisions{};  // decisions.csv with what decisions of the policies take; empty: decision_cost
};

struct Workload {
    std::string path;  // file it was read from, for messages
    std::vector<Resource> resources;
    std::vector<Task> tasks;
    Horizon horizon;
    double planning_quantile = 0.99;  // a policy's belief of a stage's cost is this quantile of the trace
    ReplayMode replay;
    std::optional<EnergyModel> energy;  // none: mains power
    Duration
        decision_cost{};  // added to every simulated stage: what a decision of the policy takes; none in a live run
};

// `--set /json/pointer=value`: the value is JSON, or a bare string if it doesn't parse. The pointer may end in a new
// key of an existing object, but not name a missing parent, except the section "replay".
struct Override {
    std::string pointer;
    std::string value;
};
// Parses "/tasks/0/arrival/load=1.6". Throws InputError.
Override parse_override(const std::string& text);

class TraceCache;

// The files that a loaded workload was read from, sorted, each once: its own, the measured traces, arrival logs,
// recordings of power. Synthetic traces have none.
std::vector<std::string> input_files(const Workload& workload);

// A workload file, read and parsed once: the way to load it often, with other values or for other seeds. Copies are
// cheap and share what was parsed. Immutable, hence thread-safe.
class WorkloadFile {
public:
    // Throws InputError if there is no such file, or it is no JSON.
    explicit WorkloadFile(const std::string& path);
    // What a file of that path held, as json() gave it: a manifest keeps it. Throws InputError if it is no JSON.
    static WorkloadFile of_json(const std::string& path, const std::string& json);

    // The same with these values changed, in their order. Throws InputError for a pointer that leads nowhere.
    WorkloadFile with(const std::vector<Override>& overrides) const;

    // Tasks are drawn (a section "generate"): load() gives another set for every seed. Otherwise it gives the same for
    // all, and one Workload serves them.
    bool depends_on_seed() const;

    // Checks and resolves the workload and every trace that it names (each trace file is read once, also across calls
    // that share `cache`). Throws InputError with file and JSON pointer.
    Workload load(std::uint64_t seed = 1, TraceCache* cache = nullptr) const;

    // The file with its changes, as JSON text: for the manifest of a result.
    std::string json() const;
    const std::string& path() const { return path_; }

private:
    struct Document;
    WorkloadFile(std::string path, std::shared_ptr<const Document> document)
        : path_(std::move(path)), document_(std::move(document)) {}

    std::string path_;
    std::shared_ptr<const Document> document_;
};

// WorkloadFile(path).with(overrides).load(seed, cache), and .json().
Workload load_workload(const std::string& path, const std::vector<Override>& overrides = {},
                       TraceCache* cache = nullptr, std::uint64_t seed = 1);
std::string resolved_workload_json(const std::string& path, const std::vector<Override>& overrides);

// Loads each trace once. Thread-safe: who asks for a trace that is being loaded waits.
class TraceCache {
public:
    std::shared_ptr<const Trace> get(const std::string& path);
    // The pipeline around that trace (pipeline_trace); its host section must be there.
    std::shared_ptr<const Trace> pipeline(const std::string& path, int exit);

private:
    std::shared_ptr<const Trace> get_locked(const std::string& path);

    std::mutex mutex_;
    std::vector<std::pair<std::string, std::shared_ptr<const Trace>>> traces_;
    std::map<std::pair<std::string, int>, std::shared_ptr<const Trace>> pipelines_;
};

}  // namespace laxity
