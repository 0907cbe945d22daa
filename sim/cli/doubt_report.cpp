#include "sim/cli/doubt_report.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "traces/base/error.hpp"
#include "traces/trace_doubts.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::string count_of(std::size_t doubts) {
    if (doubts == 0) return "nothing is doubtful";
    return std::to_string(doubts) + (doubts == 1 ? " doubt" : " doubts");
}

}  // namespace

void print_doubts(std::ostream& out, const Trace& trace) {
    for (const TraceDoubt& doubt : trace_doubts(trace)) out << "doubt: " << text_of(doubt) << "\n";
}

void print_trace_report(std::ostream& out, const Trace& trace) {
    out << one_line(trace.path) << ": " << count_of(trace_doubts(trace).size()) << " in " << trace.runs() << " rows of "
        << trace.stage_count() << " stages and " << trace.samples.count() << " samples\n";
    print_doubts(out, trace);
    for (const std::string& line : trace_lacks(trace)) out << "lacks: " << line << "\n";
}

Json doubts_json(const Trace& trace) {
    Json list = Json::array();
    for (const TraceDoubt& doubt : trace_doubts(trace))
        list.push_back({{"kind", doubt.kind},
                        {"where", doubt.where},
                        {"found", doubt.found},
                        {"meaning", doubt.meaning},
                        {"advice", doubt.advice}});
    return list;
}

Json lacks_json(const Trace& trace) { return trace_lacks(trace); }

}  // namespace laxity
