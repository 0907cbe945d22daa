#include "sim/cli/network_options.hpp"

#include <charconv>
#include <string>
#include <vector>

#include "profiler/onnx/onnx_import.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

std::vector<std::string> items(const std::string& list) {
    std::vector<std::string> items;
    std::size_t begin = 0;
    for (std::size_t comma; (comma = list.find(',', begin)) != std::string::npos; begin = comma + 1)
        items.push_back(list.substr(begin, comma - begin));
    items.push_back(list.substr(begin));
    return items;
}

// Larger ones would be refused by their memory; this keeps the arithmetic on them exact.
constexpr std::int64_t kMostExtent = std::int64_t{1} << 28;

std::int64_t extent(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= kMostExtent) return value;
    throw input_error("--input-shape", "extents of the input without the batch, as in 3,32,32",
                      "\"" + shortened(text) + "\"");
}

std::string exit_name(const std::string& text) {
    if (!text.empty()) return text;
    throw input_error("--exits", "names of tensors, shallow to deep, as in early,middle,last", "an empty one");
}

template <class Read>
auto list_option(const po::variables_map& values, const char* name, Read read) {
    std::vector<decltype(read(std::string()))> list;
    if (values.count(name) == 0) return list;
    for (const std::string& item : items(values[name].as<std::string>())) list.push_back(read(item));
    return list;
}

}  // namespace

void declare_network_options(po::options_description& options) {
    options.add_options()("input-shape", po::value<std::string>()->value_name("N,..."),
                          "extents of one input, without the batch, where the network's file leaves them open")(
        "exits", po::value<std::string>()->value_name("NAME,..."),
        "the tensors that are exits, shallow to deep; NAME:AXIS for one that holds several exits along that axis "
        "(default: found from the graph's outputs)");
}

OnnxOptions network_options(const po::variables_map& values) {
    OnnxOptions options;
    options.input_shape = list_option(values, "input-shape", extent);
    if (options.input_shape.size() >= kMaxRank)
        throw input_error("--input-shape", "at most " + std::to_string(kMaxRank - 1) + " extents",
                          std::to_string(options.input_shape.size()));
    options.exits = list_option(values, "exits", exit_name);
    return options;
}

}  // namespace laxity
