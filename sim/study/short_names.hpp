// Long names told apart by as little as tells them apart.
#pragma once

#include <string>
#include <vector>

namespace laxity {

// Of names that are paths (all have a '/'), what is left without their common beginning and end, in whole words:
// "../../traces/fashion-ee-cpu.json" and "../../traces/cifar-ee-cpu.json" become "fashion" and "cifar". One path alone
// becomes the name of its file without its extension. Other names, and paths of which nothing would be left, stay as
// they are. In the order given.
std::vector<std::string> short_names(const std::vector<std::string>& names);

}  // namespace laxity
