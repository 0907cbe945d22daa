#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>

#include "profiler/device/device.hpp"
#include "sim/cli/command.hpp"
#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/version.hpp"

namespace {

using namespace laxity;

constexpr std::array kCommands = {
    Command{"profile", "measure a network on a device: latency of every stage, what every exit says", profile_command},
    Command{"import", "make a trace of what was measured elsewhere: times, scores, labels", import_command},
    Command{"show", "print what a trace or a workload holds", show_command},
    Command{"check", "say what is doubtful about a trace, and whether it is this device's", check_command},
    Command{"policies", "list the policies, or explain one", policies_command},
    Command{"plan", "choose variants, depths and priorities before the run, for rtmdl", plan_command},
    Command{"simulate", "replay a workload under one policy", simulate_command},
    Command{"sweep", "replay a grid of workloads x policies x seeds on all cores", sweep_command},
    Command{"merge", "make one sweep of its shards", merge_command},
    Command{"watch", "show how far a sweep or a live run is, and who leads", watch_command},
    Command{"report", "tables and statistics of a sweep: means, paired differences, the best", report_command},
    Command{"capacity", "find the highest load at which a policy keeps its promises", capacity_command},
    Command{"bound", "print what no policy can beat on a workload", bound_command},
    Command{"schedulable", "say which policies are sure to meet all deadlines, by analysis", schedulable_command},
    Command{"live", "run a workload under a policy on the device itself", live_command},
    Command{"validate", "simulate and run live, side by side, and show the differences", validate_command},
    Command{"replay", "check a live run's decisions in virtual time, or ask what another policy would have done",
            replay_command},
    Command{"export", "turn recorded runs into a Perfetto / Chrome timeline", export_command},
    Command{"bench", "print the behaviour signature, or measure the simulator's speed", bench_command},
};

void print_help(std::ostream& out) {
    out << "laxity: profile early-exit networks, simulate real-time scheduling policies on the traces, run the winner "
           "live\n\n"
           "usage: laxity COMMAND [options]      laxity COMMAND --help\n\n";
    for (const Command& command : kCommands) {
        std::string name = command.name;
        name.resize(13, ' ');
        out << "  " << name << command.summary << "\n";
    }
    out << "\nexample:\n"
           "  laxity simulate --workload workloads/scenarios/quickstart.json --policy edf --set "
           "/tasks/0/arrival/load=1.2\n\n"
           "exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted (what was measured is kept)\n";
}

const Command& find_command(const std::string& name) {
    const auto command =
        std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return name == c.name; });
    if (command != kCommands.end()) return *command;
    std::vector<std::string> names;
    for (const Command& known : kCommands) names.emplace_back(known.name);
    const auto begun =
        std::find_if(names.begin(), names.end(), [&](const std::string& n) { return n.starts_with(name); });
    const std::string near = begun != names.end() ? *begun : closest(name, names);
    throw InputError("unknown command \"" + name + "\"; " +
                     (near.empty() ? "see `laxity --help`" : "did you mean `laxity " + near + "`?"));
}

int run(const Arguments& arguments) {
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
        print_help(arguments.empty() ? std::cerr : std::cout);
        return arguments.empty() ? kExitBadInput : kExitOk;
    }
    if (arguments[0] == "--version") {
        std::cout << tool() << "\n";
        return kExitOk;
    }
    return find_command(arguments[0]).run({arguments.begin() + 1, arguments.end()});
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    remember_command_line(argc, argv);
    catch_interrupts();
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error that names it, and not the end
    try {
        const int code = run({argv + 1, argv + argc});
        std::cout.flush();
        if (std::cout) return code;
        std::cerr << "laxity: the output could not be written\n";
        return kExitFailure;
    } catch (const InputError& error) {
        std::cerr << "laxity: " << error.what() << "\n";
        return kExitBadInput;
    } catch (const RunError& error) {
        std::cerr << "laxity: " << error.what() << "\n";
        return kExitFailure;
    } catch (const DeviceError& error) {
        std::cerr << "laxity: the device failed: " << error.what() << "\n";
        return kExitFailure;
    } catch (const Interrupted&) {
        std::cerr << "laxity: interrupted\n";
        return kExitInterrupted;
    } catch (const std::exception& error) {
        std::cerr << "laxity: internal error: " << error.what() << "\n";
        return kExitFailure;
    }
}
