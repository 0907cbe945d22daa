#include "profiler/cuda/compiler.hpp"

#include <cuda_fp16.h>

#include <array>
#include <cstring>

#include "profiler/cuda/convolution.hpp"
#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

constexpr float kOne = 1, kZero = 0;

cudnnDataType_t data_type(Precision precision) {
    return precision == Precision::kFp16 ? CUDNN_DATA_HALF : CUDNN_DATA_FLOAT;
}

}  // namespace

std::size_t bytes_of(cudnnDataType_t type) { return type == CUDNN_DATA_HALF ? sizeof(__half) : sizeof(float); }

std::size_t DeviceTensor::bytes() const { return static_cast<std::size_t>(shape.elements()) * bytes_of(type); }

Images images(const Shape& shape) {
    const int last = shape.rank() - 1;
    return {static_cast<int>(shape[0]), static_cast<int>(shape[1]), last > 2 ? static_cast<int>(shape[2]) : 1,
            static_cast<int>(shape[last])};
}

Compiler::Compiler(const Network& network, const std::vector<double>& temperature, const Options& options, Queue& queue)
    : network_(network),
      temperature_(temperature),
      options_(options),
      queue_(queue),
      type_(data_type(options.precision)),
      tensor_of_(network.layers().size(), -1),
      readers_(network.layers().size(), 0) {}

Program Compiler::run() {
    count_readers();
    tensor_of(0) = new_tensor(network_.input_shape());
    program_.input = tensor(tensor_of(0)).storage;
    upload_constants();
    std::size_t k = 0;
    for (const Stage& stage : network_.stages()) compile_stage(stage, temperature_[k++]);
    place();
    return std::move(program_);
}

void Compiler::count_readers() {
    for (const Layer& layer : network_.layers()) {
        for (const int input : layer.inputs) ++readers_[static_cast<std::size_t>(input)];
    }
    for (const Stage& stage : network_.stages()) ++readers_[static_cast<std::size_t>(stage.exit)];
}

void Compiler::upload_constants() {
    for (current_ = 0; current_ < static_cast<int>(network_.layers().size()); ++current_) {
        const auto* constant = now().as<laxity::Constant>();
        if (constant != nullptr) tensor_of(current_) = new_constant(constant->value, type_);
    }
}

void Compiler::compile_stage(const Stage& stage, double temperature) {
    program_.stages.emplace_back();
    stage_ = &program_.stages.back();
    stage_exit_ = stage.exit;
    for (const int layer : stage.layers) compile_layer(layer);
    current_ = stage.exit;
    for (const int layer : stage.reads) stage_->reads.push_back(tensor(tensor_of(layer)).storage);
    for (const int layer : stage.carried) stage_->carried.push_back(tensor(tensor_of(layer)).storage);
    const int scores = as_scores(tensor_of(stage.exit));
    stage_->scores = tensor(scores).storage;
    answer(scores, temperature);
}

int Compiler::compile_operation() {
    return std::visit([this](const auto& operation) { return compile(operation); }, now().operation);
}

void Compiler::compile_layer(int index) {
    current_ = index;
    try {
        tensor_of(index) = compile_operation();
    } catch (const NoImplementation& error) {
        fail(error.what());
    } catch (const CallError& error) {
        if (error.not_supported()) fail(std::string("cannot be executed by cuDNN: ") + error.what());
        throw DeviceError("preparing '" + now().name + "': " + error.what());
    }
}

void Compiler::fail(const std::string& problem) const {
    const NetworkOrigin& origin = network_.origin();
    throw InputError(one_line((origin.file.empty() ? origin.name : origin.file) + ": '" + now().name + "' " + problem));
}

int Compiler::new_tensor(const Shape& shape, cudnnDataType_t type) {
    tensors_.push_back({shape, type, static_cast<int>(program_.storages.size()), nullptr});
    program_.storages.push_back({tensors_.back().bytes()});
    return static_cast<int>(tensors_.size()) - 1;
}

int Compiler::new_constant(const Weights& weights, cudnnDataType_t type) {
    tensors_.push_back({weights.shape, type, -1, upload(*weights.values, type)});
    return static_cast<int>(tensors_.size()) - 1;
}

int Compiler::alias(int t, const Shape& shape) {
    DeviceTensor same = tensor(t);
    same.shape = shape;
    tensors_.push_back(same);
    return static_cast<int>(tensors_.size()) - 1;
}

// What is uploaded never moves: the steps hold its address.
std::byte* Compiler::upload(const void* values, std::size_t bytes) {
    const Buffer& buffer =
        program_.weights.emplace_back(Buffer::Place::kDevice, bytes, "weights of '" + now().name + "'");
    LAXITY_CUDA(cudaMemcpyAsync, buffer.data(), values, bytes, cudaMemcpyHostToDevice, queue_.stream.get());
    LAXITY_CUDA(cudaStreamSynchronize, queue_.stream.get());
    program_.weight_bytes += buffer.bytes();
    return buffer.data();
}

std::byte* Compiler::upload(std::span<const float> values, cudnnDataType_t type) {
    std::vector<std::byte> converted(values.size() * bytes_of(type));
    convert(values, type == CUDNN_DATA_HALF ? Precision::kFp16 : Precision::kFp32, converted.data());
    return upload(converted.data(), converted.size());
}

void Compiler::emit(const std::vector<int>& tensors, std::function<void(const Operands&)> enqueue) {
    std::vector<int> storages;
    for (const int t : tensors) {
        if (t >= 0 && tensor(t).storage >= 0) storages.push_back(tensor(t).storage);
    }
    stage_->steps.push_back({now().name, std::move(storages), std::move(enqueue)});
}

// The exit's scores as 32-bit floats of a storage of their own.
int Compiler::as_scores(int t) {
    const bool is_input = tensor(t).storage == program_.input;
    if (tensor(t).type == CUDNN_DATA_FLOAT && tensor(t).storage >= 0 && !is_input) return t;
    const int to = new_tensor(tensor(t).shape, CUDNN_DATA_FLOAT);
    convert_elements(t, to);
    return to;
}

// Softmax of scores / temperature, its largest element and that one's class.
void Compiler::answer(int scores, double temperature) {
    const int probabilities = new_tensor(tensor(scores).shape, CUDNN_DATA_FLOAT);
    const TensorDescriptor classes = make_tensor({1, network_.classes(), 1, 1}, CUDNN_DATA_FLOAT);
    const TensorDescriptor single = make_tensor({}, CUDNN_DATA_FLOAT);
    const ReduceDescriptor highest = make_highest();
    std::size_t workspace_bytes = 0, index_bytes = 0;
    LAXITY_CUDNN(cudnnGetReductionWorkspaceSize, queue_.cudnn.get(), highest.get(), classes.get(), single.get(),
                 &workspace_bytes);
    LAXITY_CUDNN(cudnnGetReductionIndicesSize, queue_.cudnn.get(), highest.get(), classes.get(), single.get(),
                 &index_bytes);
    program_.outcome_bytes = std::max(program_.outcome_bytes, offsetof(DeviceOutcome, prediction) + index_bytes);
    reserve(workspace_bytes);
    const bool scaled = temperature != 1;
    emit({scores, probabilities}, [=, inverse = static_cast<float>(1 / temperature), x = at(scores),
                                   p = at(probabilities)](const Operands& o) {
        cudnnHandle_t cudnn = o.queue.cudnn.get();
        const std::byte* from = x.at(o);
        if (scaled) {
            LAXITY_CUDNN(cudnnTransformTensor, cudnn, &inverse, classes.get(), from, &kZero, classes.get(), p.at(o));
            from = p.at(o);
        }
        LAXITY_CUDNN(cudnnSoftmaxForward, cudnn, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE, &kOne,
                     classes.get(), from, &kZero, classes.get(), p.at(o));
        LAXITY_CUDNN(cudnnReduceTensor, cudnn, highest.get(), o.outcome + offsetof(DeviceOutcome, prediction),
                     index_bytes, o.queue.workspace.data(), workspace_bytes, &kOne, classes.get(), p.at(o), &kZero,
                     single.get(), o.outcome + offsetof(DeviceOutcome, confidence));
    });
}

void Compiler::place() {
    std::vector<StageStorages> stages;
    for (const StageProgram& stage : program_.stages) {
        stages.push_back({{}, stage.reads, stage.carried, stage.scores});
        for (const Step& step : stage.steps) stages.back().steps.push_back(step.storages);
    }
    program_.arena_bytes = place_storages(program_.storages, stages);
}

Queue::Queue(int priority) : stream(make_stream(priority)), cudnn(make_cudnn(stream)), cublas(make_cublas(stream)) {
    constexpr std::size_t kCublasBytes = std::size_t{32} << 20;  // what NVIDIA advises for its largest devices
    cublas_workspace = Buffer(Buffer::Place::kDevice, kCublasBytes, "cuBLAS's workspace");
    LAXITY_CUBLAS(cublasSetWorkspace_v2, cublas.get(), cublas_workspace.data(), cublas_workspace.bytes());
}

void Queue::reserve(std::size_t bytes) {
    if (workspace.bytes() >= bytes) return;
    workspace = {};
    workspace = Buffer(Buffer::Place::kDevice, bytes, "the workspace of convolutions");
}

std::size_t element_bytes(Precision precision) { return bytes_of(data_type(precision)); }

void convert(std::span<const float> from, Precision precision, std::byte* to) {
    if (precision != Precision::kFp16) {
        std::memcpy(to, from.data(), from.size_bytes());
        return;
    }
    for (const float value : from) {
        const __half half = __float2half_rn(value);
        std::memcpy(to, &half, sizeof half);
        to += sizeof half;
    }
}

Program compile(const Network& network, const std::vector<double>& temperature, const Options& options, Queue& queue) {
    return Compiler(network, temperature, options, queue).run();
}

}  // namespace laxity::cuda
