#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/results/output.hpp"
#include "sim/study/watch.hpp"
#include "sim/study/watch_text.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;
using Phase = WatchState::Phase;

const char* const kWatchHelp =
    "Shows how far a sweep, a live or simulated run or a validation is, from the files that it\n"
    "writes: it only reads, and may be started and ended at any time, on any machine that sees the\n"
    "folder. Points (or shards) that are done, runs per second and time left; the policies so far,\n"
    "with 95 % intervals of one measure, the best first, and which cannot be told from the best (the\n"
    "tests of `laxity report`); what should be doubted. A folder of `sweep_slurm`, or several folders\n"
    "that are shards of one sweep, are shown as one. A grid has a letter for each point or shard:\n"
    "# done, a digit for the tenths that are done, . not begun. A live run's records come in blocks\n"
    "of about 700 jobs.\n"
    "\n"
    "On a terminal the view is drawn anew; elsewhere stdout has a line for every change and the whole\n"
    "view in the end, and stderr what depends on the moment: rate and time left.\n"
    "Exit codes: 0 it is finished (with --once also: it is running), 1 it was stopped before its end,\n"
    "2 there is nothing to watch, 130 Ctrl-C.\n"
    "\nexamples:\n"
    "  laxity watch results/paper\n"
    "  laxity watch results/paper --metric miss_ratio --every 10\n"
    "  laxity watch results/study --wait          # a job of a cluster that has not begun\n"
    "  laxity watch results/part-*                # the shards of one sweep\n"
    "  laxity watch results/live --once\n";

struct WatchOptions {
    std::vector<std::string> folders;
    std::string metric;
    double every = 1;
    bool once = false, wait = false;
};

WatchOptions watch_options(const po::variables_map& values) {
    WatchOptions options;
    options.folders = values["results"].as<std::vector<std::string>>();
    for (std::string& folder : options.folders) {
        while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
        if (folder.empty()) throw input_error("DIR", "a result folder", "an empty name");
    }
    options.metric = values["metric"].as<std::string>();
    options.every = values["every"].as<double>();
    if (!(options.every >= 0.1 && options.every <= 86400))
        throw input_error("--every", "from 0.1 to 86400 seconds", std::to_string(options.every));
    options.once = values["once"].as<bool>();
    options.wait = values["wait"].as<bool>();
    return options;
}

// A positive number in the environment, 0 if there is none.
std::size_t number_in_environment(const char* name) {
    const char* const text = std::getenv(name);
    const long number = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
    return number > 0 ? static_cast<std::size_t>(number) : 0;
}

// The terminal's size now: people resize it.
WatchLook look_of_terminal() {
    WatchLook look;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        look.width = size.ws_col;
        look.height = size.ws_row > 2 ? size.ws_row - 1U : 24;
    }
    const char* const no_colour = std::getenv("NO_COLOR");
    look.colour = no_colour == nullptr || *no_colour == '\0';
    return look;
}

// For files and pipes: everything, as wide as $COLUMNS says.
WatchLook look_of_pipe() {
    WatchLook look;
    const std::size_t columns = number_in_environment("COLUMNS");
    look.width = columns > 0 ? columns : 200;
    look.height = 1'000'000;
    look.clock = false;
    return look;
}

// Draws over what it drew before.
class Screen {
public:
    void draw(const WatchState& state) {
        const auto lines = watch_lines(state, look_of_terminal());
        std::string text = drawn_ > 0 ? "\033[" + std::to_string(drawn_) + "A\r\033[J" : "";
        for (const std::string& line : lines) text += line + "\n";
        std::cout << text << std::flush;
        drawn_ = lines.size();
    }

private:
    std::size_t drawn_ = 0;
};

// A line for every change; what depends on the moment goes to stderr.
class Lines {
public:
    void draw(const WatchState& state) {
        const std::string line = watch_line(state);
        if (line == last_) return;
        last_ = line;
        std::cout << line << std::endl;
        if (const std::string clock = watch_clock(state); !clock.empty()) std::cerr << clock << "\n";
    }
    void draw_whole(const WatchState& state) {
        for (const std::string& line : watch_lines(state, look_of_pipe())) std::cout << line << "\n";
        if (const std::string clock = watch_clock(state); !clock.empty()) std::cerr << clock << "\n";
    }

private:
    std::string last_;
};

// False if Ctrl-C came meanwhile.
bool pause(double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (!interrupted() && Clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return !interrupted();
}

double now() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }

// The first state, after waiting for the folder if that is asked; none after Ctrl-C.
std::optional<WatchState> first_state(FolderWatch& watch, const WatchOptions& options) {
    for (bool told = false;;) {
        try {
            if (auto state = watch.look(now())) return state;
            if (!options.wait)
                throw input_error(options.folders.front(), "a result folder", "none",
                                  "check the name, or --wait until it is there");
        } catch (const InputError&) {
            const bool may_come = options.wait && !holds_results(options.folders.front());
            if (!may_come) throw;
        }
        if (!told) std::cerr << "waiting for " << one_line(options.folders.front()) << "\n";
        told = true;
        if (!pause(options.every)) return std::nullopt;
    }
}

int exit_code(const WatchState& state) { return state.phase == Phase::kStopped ? kExitFailure : kExitOk; }

int watch_in_terminal(FolderWatch& watch, std::optional<WatchState> state, const WatchOptions& options) {
    Screen screen;
    for (;;) {
        if (state) {
            screen.draw(*state);
            if (options.once || state->phase == Phase::kFinished || state->phase == Phase::kStopped)
                return exit_code(*state);
        }
        if (!pause(options.every)) return kExitInterrupted;
        state = watch.look(now());  // none: the folder is being replaced
    }
}

int watch_in_lines(FolderWatch& watch, std::optional<WatchState> state, const WatchOptions& options) {
    Lines lines;
    for (;;) {
        if (state) {
            const bool ended = state->phase == Phase::kFinished || state->phase == Phase::kStopped;
            if (ended || options.once) {
                lines.draw_whole(*state);
                return exit_code(*state);
            }
            lines.draw(*state);
        }
        if (!pause(options.every)) return kExitInterrupted;
        state = watch.look(now());
    }
}

}  // namespace

int watch_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("results", po::value<std::vector<std::string>>()->required()->value_name("DIR"),
                          "result folder, or the shards of one sweep")(
        "metric,m", po::value<std::string>()->default_value("accuracy")->value_name("MEASURE"),
        "what the policies of a sweep are ranked by")(
        "every", po::value<double>()->default_value(1)->value_name("SECONDS"), "how often to look")(
        "once", po::bool_switch(), "show it once and end")("wait", po::bool_switch(),
                                                           "wait for a folder that is not there yet");
    const auto values =
        parse_options(arguments, "laxity watch DIR... [options]", options, kWatchHelp, "results", kAnyNumber);
    if (!values) return kExitOk;
    const WatchOptions asked = watch_options(*values);
    FolderWatch watch(asked.folders, asked.metric);
    auto state = first_state(watch, asked);
    if (!state) return kExitInterrupted;
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    return (terminal ? watch_in_terminal : watch_in_lines)(watch, std::move(state), asked);
}

}  // namespace laxity
