#include <unistd.h>

#include <deque>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/measure/calibration.hpp"
#include "profiler/measure/corun.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/measure/measure.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/history_table.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/text_table.hpp"
#include "sim/results/output.hpp"
#include "traces/base/error.hpp"
#include "traces/trace.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr const char* kUsage = "laxity profile --model NETWORK.onnx --data DATA -o TRACE.json [options]";

constexpr const char* kExamples =
    "The network's outputs are its exits, from the shallowest to the deepest. Latencies are taken through the path "
    "that\n"
    "`laxity live` uses. Ctrl-C ends it early and keeps what was measured so far.\n"
    "\n"
    "After the rows, which are whole passes, it runs the network as a scheduler would: several jobs in flight, to "
    "random\n"
    "depths, interleaved, with idle gaps, and other networks of the workload beside it. The trace then knows how long "
    "a\n"
    "stage takes after what, sorted into cells by the idle time of its lane, the bytes of others that ran there since "
    "it\n"
    "last did, and whether its input was produced just before.\n"
    "\n"
    "examples:\n"
    "  laxity profile --model workloads/models/fashion-ee.onnx --data fashion-mnist -o traces/mine.json\n"
    "  laxity profile --model net.onnx --data cifar10:cifar-10-batches-bin --device cpu --runs 20000 -o "
    "traces/net.json\n"
    "  laxity profile --model net.onnx --data images.json --limit 1000 -o traces/net.json\n"
    "  laxity profile --model net.onnx --data images.json --beside other.onnx,cifar10:cifar-10-batches-bin -o "
    "traces/net.json\n";

po::options_description profile_options() {
    po::options_description options("options");
    auto add = options.add_options();
    add("model,m", po::value<std::string>()->required()->value_name("FILE.onnx"), "the network");
    add("data,d", po::value<std::string>()->required()->value_name("DATA"),
        "fashion-mnist[:DIR], idx:DIR, cifar10:DIR or a descriptor PATH.json");
    add("out,o", po::value<std::string>()->required()->value_name("TRACE.json"), "the trace to write");
    add("device", po::value<std::string>()->default_value("auto")->value_name("DEVICE"),
        "cpu, cuda, cuda:N[:KEY=VALUE,...] (keys: profiler/README.md) or auto: a GPU, else the processor");
    add("runs", po::value<int>()->default_value(5000)->value_name("N"), "rows of latencies");
    add("warmup", po::value<int>()->default_value(200)->value_name("N"), "passes of the network before the first row");
    add("corun", po::value<std::string>()->value_name("K,..."),
        "also measure how much slower stages get while K of them (2 or more) run side by side, each on its own core");
    add("schedule-seconds", po::value<double>()->value_name("S"),
        "length of the schedule drawn at random; default: some 2000 executions of every stage, 3 to 20 s; 0 = none");
    add("beside", po::value<std::vector<std::string>>()->composing()->value_name("NETWORK.onnx[,DATA]"),
        "a network whose jobs run beside in that schedule, on inputs of DATA (default: those of --data); may be "
        "repeated");
    add("limit", po::value<std::size_t>()->default_value(0)->value_name("N"), "use the first N inputs only; 0 = all");
    declare_wait_option(options);
    declare_replace_option(options);
    return options;
}

// None = as long as the trace needs.
std::optional<Duration> schedule_option(const po::variables_map& values) {
    if (values.count("schedule-seconds") == 0) return std::nullopt;
    const double seconds = values["schedule-seconds"].as<double>();
    if (!(seconds == 0 || (seconds >= 0.1 && seconds <= 3600)))
        throw input_error("--schedule-seconds", "0, or 0.1 to 3600", fixed(seconds, 3));
    return nanoseconds_from(seconds * 1e9);
}

// Networks of --beside and their inputs, which the measurement borrows.
class Beside {
public:
    Beside(const po::variables_map& values, const Dataset& data) {
        if (values.count("beside") == 0) return;
        for (const std::string& text : values["beside"].as<std::vector<std::string>>()) {
            const std::size_t comma = text.find(',');
            networks_.push_back(import_onnx(text.substr(0, comma)));
            if (comma != text.npos) own_data_.push_back(open_dataset(text.substr(comma + 1)));
            list_.push_back({&networks_.back(), comma != text.npos ? &own_data_.back() : &data});
            check(text);
        }
    }
    const std::vector<BesideNetwork>& list() const { return list_; }

private:
    void check(const std::string& text) const {
        const auto& [network, data] = list_.back();
        if (data->has_shape(network->input_shape())) return;
        throw input_error("--beside " + text,
                          "images of " + network->input_shape().text() + ", which " + network->name() + " takes",
                          data->shape_text() + ", of " + data->name, "name its data: NETWORK.onnx,DATA");
    }

    std::deque<Network> networks_;  // whose elements stay where they are
    std::deque<Dataset> own_data_;
    std::vector<BesideNetwork> list_;
};

// "2,3" as numbers, each from 2 and once.
std::vector<int> corun_counts(const std::string& text) {
    std::vector<int> counts;
    std::istringstream list(text + ",");
    for (std::string item; std::getline(list, item, ',');) {
        const bool is_number = !item.empty() && item.size() <= 4 && item.find_first_not_of("0123456789") == item.npos;
        const int count = is_number ? std::stoi(item) : 0;
        if (count < 2 || count > 1024)
            throw input_error("--corun", "numbers from 2 to 1024, as in 2,3", "\"" + text + "\"");
        if (std::find(counts.begin(), counts.end(), count) != counts.end())
            throw input_error("--corun", "each number once", "\"" + text + "\"");
        counts.push_back(count);
    }
    return counts;
}

MeasureOptions measure_options(const po::variables_map& values) {
    MeasureOptions options;
    options.runs = values["runs"].as<int>();
    options.warmup = values["warmup"].as<int>();
    if (options.runs < 1 || options.runs > 1'000'000)
        throw input_error("--runs", "1 to 1000000", std::to_string(options.runs));
    if (values.count("corun") != 0) options.corun = corun_counts(values["corun"].as<std::string>());
    options.corun_cores = allowed_cores();
    check_corun({options.corun, options.corun_cores});
    options.schedule = schedule_option(values);
    if (options.schedule == Duration(0) && values.count("beside") != 0)
        throw input_error("--beside", "a schedule to run in", "--schedule-seconds 0");
    if (options.warmup < 0) throw input_error("--warmup", "0 or more", std::to_string(options.warmup));
    return options;
}

// Makes the folder, and fails before the measurement rather than after it if the file can't be written or is there.
void check_trace_file(const std::string& path, bool replace) {
    std::error_code error;  // check_file says what is wrong
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty()) fs::create_directories(folder, error);
    check_file(path, replace);
}

// Where the trace went: to `path`, or where that fails now, after minutes of measuring, to the folder for temporary
// files.
std::string save_somewhere(const Trace& trace, const std::string& path) {
    try {
        claim_file(path, true);  // what was there before, or came meanwhile
        save_trace(trace, path);
        return path;
    } catch (const std::runtime_error& failure) {
        const std::string other =
            (fs::temp_directory_path() / fs::path(path).filename()).string() + "." + std::to_string(getpid());
        save_trace(trace, other);
        throw run_error(failure.what(), "the trace is in " + other);
    }
}

// One bar after the other, as the phases come.
class Bars {
public:
    void update(std::string_view phase, std::uint64_t done, std::uint64_t total) {
        if (phase != phase_) {
            bar_.reset();
            phase_ = phase;
            bar_.emplace(phase_, total, unit());
        }
        bar_->update(done);
    }
    void finish() { bar_.reset(); }

private:
    const char* unit() const {
        if (phase_ == "predictions") return "inputs";
        return phase_ == "schedule" ? "ms" : "runs";
    }

    std::string phase_;
    std::optional<Progress> bar_;
};

void warn(const std::string& line) { std::cerr << "laxity: warning: " << line << "\n"; }

void settle_process(const CorePlan& cores, const MemoryLock& memory) {
    for (const Refusal& refusal : {memory.refusal(), pin_this_thread(cores.driver)}) {
        if (refusal) warn(*refusal);
    }
    sharpen_timers();
}

// Of the half that nothing was fitted on.
struct ExitQuality {
    double accuracy = 0;
    double confidence = 0;  // mean
    double error = 0;       // expected calibration error
};

ExitQuality quality_of(const Trace& trace, int exit) {
    std::vector<float> confidence;
    std::vector<bool> correct;
    ExitQuality quality;
    for (const std::uint32_t sample : replay_half(trace.samples.count())) {
        confidence.push_back(trace.outcome(sample, exit).confidence);
        correct.push_back(trace.correct(sample, exit));
        quality.accuracy += correct.back() ? 1 : 0;
        quality.confidence += confidence.back();
    }
    quality.accuracy /= static_cast<double>(confidence.size());
    quality.confidence /= static_cast<double>(confidence.size());
    quality.error = expected_calibration_error(confidence, correct);
    return quality;
}

void print_stage(std::ostream& out, const Trace& trace, int stage) {
    const StageInfo& info = trace.stages[static_cast<std::size_t>(stage)];
    const ExitQuality quality = quality_of(trace, stage);
    out << std::left << std::setw(9) << info.name << std::right << std::fixed << std::setprecision(2) << std::setw(8)
        << static_cast<double>(info.macs) * 1e-6 << std::setprecision(1) << std::setw(10)
        << to_us(latency_quantile(trace, stage, 0.5)) << std::setw(10) << to_us(latency_quantile(trace, stage, 0.99))
        << std::setprecision(2) << std::setw(12) << 100 * quality.accuracy << std::setw(14) << 100 * quality.confidence
        << std::setw(9) << 100 * quality.error << "\n";
}

std::string summary(const Trace& trace, const std::string& path) {
    std::ostringstream out;
    out << trace.network.name << " on " << trace.device.name << ", " << trace.device.backend << ", "
        << trace.device.threads << " thread: " << trace.stage_count() << " stages, " << trace.network.parameters
        << " parameters\n"
        << "stage        MMAC    p50 us    p99 us  accuracy %  confidence %    ECE %\n";
    for (int stage = 0; stage < trace.stage_count(); ++stage) print_stage(out, trace, stage);
    if (trace.host.measured()) {
        out << "host: pre-processing p50 " << to_us(Duration(quantile(trace.host.preprocess_ns, 0.5)))
            << " us, post-processing p50 " << to_us(Duration(quantile(trace.host.postprocess_ns, 0.5))) << " us\n";
    }
    for (const Corun& corun : trace.corun) {
        out << "slowdown with " << corun.resources << " stages side by side:" << std::setprecision(2);
        for (const double slowdown : corun.slowdown) out << " " << slowdown;
        out << "\n";
    }
    if (trace.history.measured() || trace.stalls) {
        out << "\n";
        print_history(out, trace);
        out << "\n";
    }
    out << "wrote " << one_line(path) << ": " << trace.runs() << " rows, " << trace.samples.count() << " samples of "
        << trace.samples.dataset << "; accuracy, confidence and its calibration error are of the replay half\n";
    return out.str();
}

int report(const Measurement& measurement, const std::string& path) {
    for (const std::string& line : measurement.warnings) warn(line);
    if (!measurement.missing.empty()) {
        std::cerr << "laxity: no trace was written: " << measurement.missing << "\n";
    } else {
        std::cout << summary(measurement.trace, save_somewhere(measurement.trace, path));
    }
    if (!measurement.failure.empty()) {
        std::cerr << "laxity: the device failed: " << measurement.failure << "; what was measured is kept\n";
        return kExitFailure;
    }
    if (!measurement.interrupted) return kExitOk;
    std::cerr << "laxity: interrupted after " << measurement.trace.protocol.runs << " rows\n";
    return kExitInterrupted;
}

}  // namespace

int profile_command(const Arguments& arguments) {
    const auto values = parse_options(arguments, kUsage, profile_options(), kExamples, "model");
    if (!values) return kExitOk;
    MeasureOptions options = measure_options(*values);
    const std::string path = (*values)["out"].as<std::string>();
    const Network network = import_onnx((*values)["model"].as<std::string>());
    const Dataset data = open_dataset((*values)["data"].as<std::string>(), (*values)["limit"].as<std::size_t>());
    const Beside beside(*values, data);
    options.beside = beside.list();
    check_trace_file(path, replace_option(*values));
    const Wait wait = wait_option(*values);
    options.cores = plan_cores(wait);
    if (const Refusal parked = why_parked(wait, options.cores)) warn(*parked);
    try {
        const std::string spec = (*values)["device"].as<std::string>();
        const std::unique_ptr<Device> device = open_device(spec);
        tell_device(spec, device->info());
        const MemoryLock memory;
        settle_process(options.cores, memory);
        Bars bars;
        const auto progress = [&](std::string_view phase, std::uint64_t done, std::uint64_t total) {
            bars.update(phase, done, total);
        };
        const Measurement measurement = measure(*device, network, data, options, progress);
        bars.finish();
        return report(measurement, path);
    } catch (const DeviceError& error) {
        std::cerr << "laxity: " << error.what() << "\n";
        return kExitFailure;
    }
}

}  // namespace laxity
