// Which Laxity this is.
#pragma once

#include <optional>
#include <string>

namespace laxity {

std::string version();        // "0.1.0"
std::string commit();         // abbreviated git commit; "unknown" outside git
std::optional<bool> clean();  // whether the tree was that commit's when this was built; none if that isn't known
std::string tool();           // "laxity 0.1.0 (git abc1234)", with abc1234+ if the tree was not clean

}  // namespace laxity
