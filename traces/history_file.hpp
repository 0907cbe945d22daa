// The parts of a trace's file that schema laxity.trace/2 adds: histories and stalls (README of this folder). Internal
// to the loader.
#pragma once

#include <cstddef>
#include <string>

#include "traces/base/json_reader.hpp"
#include "traces/history.hpp"

namespace laxity {

// Checks that the boxes of every stage lie beside each other and cover every history, and that their counts are those
// of the executions. Throws InputError.
History read_history(const JsonReader& reader, std::size_t stages);
Stalls read_stalls(const JsonReader& reader);

std::string history_text(const History& history);
std::string stalls_text(const Stalls& stalls);

}  // namespace laxity
