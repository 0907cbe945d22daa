// Which Laxity this is.
#pragma once

#include <string>

namespace laxity {

std::string version();  // "0.1.0"
std::string commit();   // abbreviated git commit, "+" appended if the tree had changes; "unknown" outside git
std::string tool();     // "laxity 0.1.0 (git abc1234)"

}  // namespace laxity
