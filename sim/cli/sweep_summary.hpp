// What a finished sweep shows.
#pragma once

#include <string>

namespace laxity {

// Writes DIR/summary.json, prints it on stdout unless that is a terminal, and a table of the policies with what should
// be doubted on stderr.
void finish_sweep(const std::string& directory);

}  // namespace laxity
