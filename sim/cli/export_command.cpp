#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/results/output.hpp"
#include "sim/results/timeline.hpp"
#include "traces/base/error.hpp"

namespace laxity {

int export_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    options.add_options()("results", po::value<std::string>()->required()->value_name("DIR"),
                          "folder that `simulate --out` or `live --out` wrote")(
        "out,o", po::value<std::string>()->required()->value_name("FILE"), "timeline to write (JSON)")(
        "from", po::value<double>()->default_value(0)->value_name("MS"),
        "start of the window, in ms since the start of the run")("to", po::value<double>()->value_name("MS"),
                                                                 "end of the window; default: the end of the run");
    declare_replace_option(options);
    const std::string examples =
        "Open the file in https://ui.perfetto.dev or chrome://tracing: one track per resource slot with its stages, "
        "one per job\n"
        "from release to leaving, deadlines as instants, missed jobs and overruns in categories of their own.\n"
        "\nexample:\n"
        "  laxity export results/edf -o edf.json --from 1000 --to 2000\n";
    const auto values = parse_options(arguments, "laxity export DIR -o FILE [options]", options, examples, "results");
    if (!values) return kExitOk;

    TimeWindow window{Time(nanoseconds_from((*values)["from"].as<double>() * 1e6)), kNever};
    if (values->count("to") != 0) window.to = Time(nanoseconds_from((*values)["to"].as<double>() * 1e6));
    if (window.to <= window.from)
        throw input_error("--to", "a time after --from", std::to_string(to_ms(window.to - Time{})) + " ms");
    const std::string out = (*values)["out"].as<std::string>();
    const bool replace = replace_option(*values);
    check_file(out, replace);
    RecordNames names;
    const RecordList records = read_records((*values)["results"].as<std::string>(), names);
    claim_file(out, replace);
    write_timeline(out, records, names, window);
    std::cout << "wrote " << one_line(out) << ": " << records.jobs.size() << " jobs, " << records.stages.size()
              << " stages read; open it in https://ui.perfetto.dev\n";
    return kExitOk;
}

}  // namespace laxity
