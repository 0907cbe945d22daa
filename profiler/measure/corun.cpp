#include "profiler/measure/corun.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "profiler/device/realtime.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBlocks = 10;  // alone and together, in turn

int largest(const std::vector<int>& counts) { return *std::max_element(counts.begin(), counts.end()); }

void settle_thread(Device& device, int core, bool raise_priority) {
    pin_this_thread(core);
    if (raise_priority) raise_this_thread(ThreadLoad::kMayStayBusy, "device");
    device.adopt_thread();
}

// Runs the whole network over and over, in a lane and a slot of its own, from construction to destruction.
class Neighbour {
public:
    Neighbour(Device& device, Executable& executable, const Dataset& data, int lane, int core, bool raise_priority)
        : thread_([&, lane, core, raise_priority] {
              try {
                  settle_thread(device, core, raise_priority);
                  work(executable, data, lane);
              } catch (...) {
                  error_ = std::current_exception();
                  passes_ = 1;
              }
          }) {
        while (passes_ == 0) std::this_thread::yield();
    }
    ~Neighbour() { stop(); }

    // Ends it and throws what its stages threw.
    void finish() {
        stop();
        if (error_) std::rethrow_exception(error_);
    }

private:
    void work(Executable& executable, const Dataset& data, int lane) {
        for (std::size_t image = 0; !stop_; image = (image + 1) % data.count()) {
            executable.load_input(lane, data.image(image));
            for (int stage = 0; stage < executable.stages() && !stop_; ++stage) executable.run_stage(lane, stage, lane);
            ++passes_;
        }
    }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::atomic<bool> stop_{false};
    std::atomic<long> passes_{0};
    std::exception_ptr error_;
    std::thread thread_;  // last: it uses the others
};

using Columns = std::vector<std::vector<std::int64_t>>;  // ns, by stage

class CorunMeasurer {
public:
    CorunMeasurer(Device& device, const Network& network, const Dataset& data, const CorunOptions& options)
        : device_(device),
          data_(data),
          options_(options),
          executable_(device.prepare(
              network, {.slots = largest(options.counts), .lanes = largest(options.counts), .temperature = {}})) {}

    Corun measure(int count, const std::function<void(std::uint64_t)>& progress) {
        Columns alone(stages()), together(stages());
        for (int block = 0; block < kBlocks && !interrupted(); ++block) {
            const std::size_t done = alone.front().size();
            const int lane = block % count;  // a device may prefer some to others
            add_passes(alone, lane);
            add_passes_beside(together, lane, count);
            if (progress) progress(done);
        }
        Corun corun{count, {}};
        if (alone.front().empty()) return corun;  // interrupted
        for (std::size_t k = 0; k < stages(); ++k) {
            corun.slowdown.push_back(std::max(
                1.0, static_cast<double>(quantile(together[k], 0.5)) / static_cast<double>(quantile(alone[k], 0.5))));
        }
        return corun;
    }

    void settle() { settle_thread(device_, options_.cores.back(), options_.raise_priority); }

private:
    std::size_t stages() const { return static_cast<std::size_t>(executable_->stages()); }

    // One block; at least one pass.
    void add_passes(Columns& columns, int lane) {
        const int passes = std::max(1, options_.passes / kBlocks);
        for (int pass = 0; pass < passes; ++pass) {
            for (int stage = 0; stage < executable_->stages(); ++stage) {
                const Clock::time_point start = Clock::now();
                if (stage == 0)
                    executable_->load_input(lane, data_.image(static_cast<std::size_t>(pass) % data_.count()));
                executable_->run_stage(lane, stage, lane);
                const std::chrono::nanoseconds took = Clock::now() - start;
                columns[static_cast<std::size_t>(stage)].push_back(std::max<std::int64_t>(1, took.count()));
            }
        }
    }

    void add_passes_beside(Columns& columns, int lane, int count) {
        std::vector<std::unique_ptr<Neighbour>> neighbours;
        for (int other = 0; other < count; ++other) {
            if (other == lane) continue;
            const int core = options_.cores[options_.cores.size() - 2 - neighbours.size()];
            neighbours.push_back(
                std::make_unique<Neighbour>(device_, *executable_, data_, other, core, options_.raise_priority));
        }
        add_passes(columns, lane);
        for (const auto& neighbour : neighbours) neighbour->finish();
    }

    Device& device_;
    const Dataset& data_;
    const CorunOptions& options_;
    std::unique_ptr<Executable> executable_;
};

}  // namespace

void check_corun(const CorunOptions& options) {
    if (options.counts.empty() || static_cast<std::size_t>(largest(options.counts)) <= options.cores.size()) return;
    const std::string cores = std::to_string(options.cores.size());
    throw input_error("--corun " + std::to_string(largest(options.counts)),
                      "at most " + cores + " stages side by side, one for each core that may be used",
                      std::to_string(largest(options.counts)));
}

std::vector<Corun> measure_corun(Device& device, const Network& network, const Dataset& data,
                                 const CorunOptions& options,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    check_corun(options);
    if (options.counts.empty()) return {};
    // On a thread of its own, so that neither pinning nor priority stays with the caller.
    const auto work = [&] {
        CorunMeasurer measurer(device, network, data, options);
        measurer.settle();
        const auto passes = static_cast<std::uint64_t>(options.passes), total = passes * options.counts.size();
        std::vector<Corun> coruns;
        for (const int count : options.counts) {
            const std::uint64_t before = passes * coruns.size();
            coruns.push_back(measurer.measure(count, [&](std::uint64_t done) {
                if (progress) progress(before + done, total);
            }));
            if (interrupted()) return std::vector<Corun>();
        }
        if (progress) progress(total, total);
        return coruns;
    };
    return std::async(std::launch::async, work).get();
}

}  // namespace laxity
