#include "sim/live/live_service.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "profiler/measure/pipeline.hpp"
#include "profiler/measure/trace_check.hpp"
#include "profiler/network/network.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "traces/base/error.hpp"
#include "traces/base/sha256.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;

constexpr int kMostSlots = 4096;

std::vector<std::string> places_of_model(const Trace& trace) {
    const std::string file = trace.network.name + ".onnx";
    const fs::path folder = fs::path(trace.path).parent_path();
    return {(folder / file).string(), (folder / ".." / "workloads" / "models" / file).lexically_normal().string(),
            "workloads/models/" + file};
}

void check_hash(const std::string& path, const Trace& trace) {
    const std::string found = sha256_of_file(path);
    if (found == trace.network.sha256) return;
    throw input_error(
        path,
        "the network that " + trace.path + " was measured with (SHA-256 " + trace.network.sha256.substr(0, 12) + "...)",
        found.substr(0, 12) + "...",
        "profile this file with `laxity profile --model " + path + "`, or name the right one with --model");
}

// What a live run can't do is refused before anything is prepared.
void check_workload(const Workload& workload) {
    for (const Task& task : workload.tasks) {
        for (const Variant& variant : task.variants) {
            if (variant.trace->device.kind == "synthetic") {
                throw input_error(workload.path + ": task " + task.name,
                                  "variants with a measured trace for a live run", "a synthetic one",
                                  "name a trace made with `laxity profile`");
            }
            const auto on_host = [](const StageInfo& stage) { return stage.resource == "host"; };
            if (!task.pipeline && std::ranges::any_of(variant.trace->stages, on_host)) {
                throw input_error(variant.trace->path, "stages on the accelerator for a live run", "one on the host",
                                  "only pre- and post-processing run there, of tasks with \"pipeline\": true");
            }
        }
    }
}

// Planning costs of another kind of device would mislead every policy.
void check_device(const Workload& workload, const DeviceInfo& device) {
    for (const Task& task : workload.tasks) {
        for (const Variant& variant : task.variants) {
            const DeviceInfo& measured = variant.trace->device;
            if (measured.kind == device.kind) continue;
            throw input_error(variant.trace->path, "a trace of the device that runs it (" + device.kind + ")",
                              "one of " + measured.kind,
                              "profile the network on this device, or choose another with --device");
        }
    }
}

}  // namespace

std::string find_model(const Trace& trace, const std::map<std::string, std::string>& models) {
    if (const auto named = models.find(trace.network.name); named != models.end()) {
        check_hash(named->second, trace);
        return named->second;
    }
    std::string looked;
    for (const std::string& place : places_of_model(trace)) {
        if (!fs::exists(place)) {
            looked += (looked.empty() ? "" : ", ") + place;
            continue;
        }
        check_hash(place, trace);
        return place;
    }
    throw input_error(trace.path, "the ONNX file of network \"" + trace.network.name + "\"",
                      "none (looked at " + looked + ")", "name it with --model " + trace.network.name + "=FILE");
}

int activation_slots(const Workload& workload) {
    double jobs = 0;
    const TaskSet tasks = make_task_set(workload);
    for (std::size_t task = 0; task < workload.tasks.size(); ++task) {
        if (const auto* closed = std::get_if<ClosedArrivals>(&workload.tasks[task].arrivals)) {
            jobs += closed->clients;
        } else if (tasks.tasks[task].period.count() > 0) {
            jobs += static_cast<double>(workload.tasks[task].deadline.high.count()) /
                    static_cast<double>(tasks.tasks[task].period.count());
        } else {
            jobs += 64;
        }
    }
    return static_cast<int>(std::min<double>(std::ceil(jobs + 10 * std::sqrt(jobs)) + 16, kMostSlots));
}

struct LiveService::Network {
    const Trace* trace = nullptr;
    const Dataset* data = nullptr;
    std::unique_ptr<Executable> executable;
    std::unique_ptr<PipelineExecutable> pipeline;  // around it, where the task is one

    Executable* entry() const {
        if (pipeline) return pipeline.get();
        return executable.get();
    }
};

namespace {

// By exit of the network. A pipeline's trace knows that of its last exit alone, and the others are not asked for.
std::vector<double> temperatures_of(const Variant& variant) {
    const std::vector<double>& measured = variant.trace->calibration.temperature;
    if (variant.network_stages == 0) return measured;
    std::vector<double> temperatures(static_cast<std::size_t>(variant.network_stages), 1.0);
    temperatures.back() = measured.back();
    return temperatures;
}

std::unique_ptr<Dataset> open_by_name(const Trace& trace) {
    try {
        return std::make_unique<Dataset>(open_dataset(trace.samples.dataset));
    } catch (const InputError&) {
        throw input_error(trace.path, "the data set \"" + trace.samples.dataset + "\", which it was measured with",
                          "none of that name", "name it with --data, as for `laxity profile`");
    }
}

int accelerator_slots(const Workload& workload) {
    for (const Resource& resource : workload.resources) {
        if (resource.name == "accelerator") return resource.slots;
    }
    return 1;
}

}  // namespace

LiveService::LiveService(const Workload& workload, const LiveServiceOptions& options)
    : LiveService(std::vector{&workload}, options) {}

LiveService::LiveService(const std::vector<const Workload*>& workloads, const LiveServiceOptions& options) {
    for (const Workload* workload : workloads) check_workload(*workload);
    device_ = open_device(options.device);
    for (const Workload* workload : workloads) {
        check_device(*workload, device_->info());
        slots_ = std::max(slots_, options.slots > 0 ? options.slots : activation_slots(*workload));
        lanes_ = std::max(lanes_, accelerator_slots(*workload));
    }
    for (const Workload* workload : workloads) serve(*workload, options);
}

void LiveService::serve(const Workload& workload, const LiveServiceOptions& options) {
    Served served;
    for (const Task& task : workload.tasks) {
        auto& variants = served.by_variant.emplace_back();
        for (const Variant& variant : task.variants) variants.push_back(&network_for(variant, options));
        served.trace_of_task.push_back(task.variants.front().trace.get());
        served.by_task.push_back(&dataset_for(*served.trace_of_task.back(), options));
    }
    served_.push_back(std::move(served));
}

LiveService::~LiveService() = default;

LiveService::Network& LiveService::network_for(const Variant& variant, const LiveServiceOptions& options) {
    const Trace& trace = *variant.trace;
    for (const auto& network : networks_) {
        if (network->trace == &trace) return *network;
    }
    const auto imported = import_onnx(find_model(trace, options.models));
    auto network = std::make_unique<Network>();
    network->trace = &trace;
    network->data = &dataset_for(trace, options);
    const std::vector<double> temperature = temperatures_of(variant);
    network->executable = device_->prepare(imported, {.slots = slots_, .lanes = lanes_, .temperature = temperature});
    if (variant.network_stages > 0) {
        network->pipeline = std::make_unique<PipelineExecutable>(*network->executable, variant.network_stages,
                                                                 *network->data, temperature.back());
    }
    networks_.push_back(std::move(network));
    return *networks_.back();
}

// The data set must hold the very samples of the trace, in its order.
const Dataset& LiveService::dataset_for(const Trace& trace, const LiveServiceOptions& options) {
    const auto fits = [&](const Dataset& data) {
        return data.count() >= trace.samples.count() &&
               std::equal(trace.samples.label.begin(), trace.samples.label.end(), data.labels.begin());
    };
    const auto loaded = [&](const auto& data) { return data->name == trace.samples.dataset; };
    auto place = std::find_if(datasets_.begin(), datasets_.end(), loaded);
    for (auto spec = options.data.begin(); place == datasets_.end() && spec != options.data.end(); ++spec) {
        auto data = std::make_unique<Dataset>(open_dataset(*spec));
        if (data->name == trace.samples.dataset) place = datasets_.insert(datasets_.end(), std::move(data));
    }
    if (place == datasets_.end()) {
        place = datasets_.insert(datasets_.end(), open_by_name(trace));
    }
    if (fits(**place)) return **place;
    throw input_error(trace.path, "the data set \"" + trace.samples.dataset + "\" with the labels of the trace",
                      "other labels",
                      "name the data that the trace was made with: --data SPEC, see `laxity profile --help`");
}

std::vector<std::string> LiveService::notes() const {
    std::vector<std::string> notes;
    const std::string here = name_and_precision(device_->info());
    for (const auto& network : networks_) {
        const std::string there = name_and_precision(network->trace->device);
        if (there == here) continue;
        notes.push_back(
            network->trace->path + " was measured on " + there + ", and this is " + here +
            ": planning costs, loads and deadlines in \"full\" are those of the other; profile the network here");
    }
    return notes;
}

std::vector<LiveTask> LiveService::tasks(std::size_t workload) const {
    std::vector<LiveTask> tasks;
    const Served& served = served_[workload];
    for (std::size_t task = 0; task < served.by_variant.size(); ++task) {
        LiveTask live;
        for (const Network* network : served.by_variant[task]) live.variants.push_back(network->entry());
        live.input = [data = served.by_task[task], networks = served.by_variant[task]](int variant, std::int32_t slot,
                                                                                       std::uint32_t sample) {
            PipelineExecutable* const pipeline = networks[static_cast<std::size_t>(variant)]->pipeline.get();
            if (pipeline == nullptr) return data->image(sample);
            pipeline->take_sample(slot, sample);
            return std::span<const float>();
        };
        live.labels = &served.trace_of_task[task]->samples.label;
        tasks.push_back(std::move(live));
    }
    return tasks;
}

std::vector<MeasurableNetwork> LiveService::measurable_networks() const {
    std::vector<MeasurableNetwork> networks;
    for (const auto& network : networks_) {
        if (network->pipeline) continue;
        networks.push_back({network->trace, {network->executable.get(), network->data, network->trace->stages}});
    }
    return networks;
}

}  // namespace laxity
