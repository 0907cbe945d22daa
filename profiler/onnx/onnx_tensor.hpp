// Constants of ONNX files. Internal to profiler/onnx.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "profiler/network/graph_builder.hpp"

namespace laxity {

// A node cannot be imported; whoever walks the graph says which one.
class Refusal : public std::runtime_error {
public:
    explicit Refusal(const std::string& problem, std::string advice = {})
        : std::runtime_error(problem), advice_(std::move(advice)) {}
    const std::string& advice() const { return advice_; }

private:
    std::string advice_;
};

// What a name in the graph stands for, with its element type in the file, since integers divide and cast otherwise.
struct OnnxValue {
    Value value;
    int type = onnx::TensorProto::FLOAT;

    bool is_integer() const;
    bool is_constant() const { return value.is_constant(); }
};

bool is_integer_type(int type);
std::string type_name(int type);  // "float16"

// The tensor's numbers, whatever their type, in double precision. Weights of an external file are read from `folder`.
// Throws Refusal for text, complex numbers, impossible sizes, numbers missing, and paths that lead out of the folder.
OnnxValue read_tensor(const onnx::TensorProto& tensor, const std::string& folder);

OnnxValue integers_value(const std::vector<std::int64_t>& values);  // of rank 1
OnnxValue number_value(double value, int type);                     // of rank 0

}  // namespace laxity
