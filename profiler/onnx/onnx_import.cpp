#include "profiler/onnx/onnx_import.hpp"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "profiler/network/simplify.hpp"
#include "profiler/onnx/exits.hpp"
#include "traces/base/error.hpp"
#include "traces/base/sha256.hpp"

namespace laxity {

namespace {

std::vector<char> read_file(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        throw InputError(one_line(path + ": cannot be read; give an ONNX file, such as scripts/train.py writes"));
    }
    if (size > std::numeric_limits<std::int32_t>::max()) throw InputError(one_line(path + ": is larger than 2 GiB"));
    std::vector<char> content(size);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return content;
}

// Names that have to be imported: NAME of "NAME:AXIS" too, unless a tensor is called that.
std::vector<std::string> tensors_of(const std::vector<std::string>& exits) {
    std::vector<std::string> names;
    for (const std::string& exit : exits) names.push_back(exit_name(exit).first);
    return names;
}

}  // namespace

OnnxImport read_onnx(const std::string& path, std::span<const char> content, const OnnxOptions& options) {
    onnx::ModelProto model;
    const google::protobuf::LogSilencer silence;  // the error below says it in one line
    if (content.size() > std::numeric_limits<std::int32_t>::max() ||
        !model.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
        throw InputError(one_line(path + ": is not an ONNX file, or a damaged one; export or copy it again"));
    }
    OnnxGraph graph(path, model, options);
    const bool chosen = !options.exits.empty();
    const std::vector<std::string> names = chosen ? options.exits : graph.outputs();
    if (names.empty()) graph.fail("has no output", "export it again with torch.onnx.export");
    graph.import_all(chosen ? tensors_of(names) : names);
    const std::vector<OnnxExit> exits = find_exits(graph, names, chosen);
    OnnxReport report = graph.report();
    LayerGraph layers;
    for (const OnnxExit& exit : exits) {
        report.exits.push_back(exit.name);
        layers.exits.push_back(exit.layer);
    }
    layers.layers = graph.builder().take_layers();
    if (options.simplified) simplify(layers);
    const std::string name = std::filesystem::path(path).stem().string();
    return {Network({name, path, sha256({content.data(), content.size()})}, std::move(layers.layers), layers.exits),
            std::move(report)};
}

OnnxImport read_onnx(const std::string& path, const OnnxOptions& options) {
    return read_onnx(path, read_file(path), options);
}

Network import_onnx(const std::string& path, const OnnxOptions& options) { return read_onnx(path, options).network; }

Network import_onnx(const std::string& path, std::span<const char> content, const OnnxOptions& options) {
    return read_onnx(path, content, options).network;
}

}  // namespace laxity
