#include <cuda_fp16.h>

#include <algorithm>
#include <array>
#include <cfloat>
#include <cstring>
#include <iterator>
#include <utility>

#include "profiler/cuda/convolution.hpp"
#include "profiler/cuda/error.hpp"
#include "profiler/cuda/program.hpp"
#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

constexpr float kOne = 1, kZero = 0;

cudnnDataType_t data_type(Precision precision) {
    return precision == Precision::kFp16 ? CUDNN_DATA_HALF : CUDNN_DATA_FLOAT;
}

cudaDataType_t blas_type(cudnnDataType_t type) { return type == CUDNN_DATA_HALF ? CUDA_R_16F : CUDA_R_32F; }

std::size_t bytes_of(cudnnDataType_t type) { return type == CUDNN_DATA_HALF ? sizeof(__half) : sizeof(float); }

// cublasGemmEx has an overload in the header's C++ part, so its type has to be written down.
using Gemm = cublasStatus_t(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                            const void*, cudaDataType_t, int, const void*, cudaDataType_t, int, const void*, void*,
                            cudaDataType_t, int, cublasComputeType_t, cublasGemmAlgo_t);

// A row-major matrix of `rows` x `columns` times a vector.
struct Product {
    int rows = 0;
    int columns = 0;
    cudaDataType_t type = CUDA_R_32F;  // of matrix and vector
    cudaDataType_t result_type = CUDA_R_32F;
    bool add = false;  // to what is in the result
    cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
};

void multiply(const Queue& queue, const Product& p, const std::byte* matrix, const std::byte* vector,
              std::byte* result) {
    static const auto gemm = reinterpret_cast<Gemm*>(find_function(Library::kCublas, "cublasGemmEx"));
    check(gemm(queue.cublas.get(), CUBLAS_OP_T, CUBLAS_OP_N, p.rows, 1, p.columns, &kOne, matrix, p.type, p.columns,
               vector, p.type, p.columns, p.add ? &kOne : &kZero, result, p.result_type, p.rows, p.compute,
               CUBLAS_GEMM_DEFAULT),
          {"cublasGemmEx", __FILE__, __LINE__});
}

// An activation. Several may share a storage.
struct Tensor {
    TensorShape shape;
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    int storage = -1;

    std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * bytes_of(type); }
};

class Compiler {
public:
    Compiler(const Network& network, const std::vector<double>& temperature, const Options& options, Queue& queue)
        : network_(network),
          temperature_(temperature),
          options_(options),
          queue_(queue),
          type_(data_type(options.precision)),
          tensor_of_(network.layers().size(), -1),
          readers_(network.layers().size(), 0) {}

    Program run();

private:
    // A tensor with more rows and columns around it, and the padding that is left to the layer that reads it.
    struct Padded {
        int tensor = -1;
        int vertical = 0;
        int horizontal = 0;
    };

    const Layer& layer(int i) const { return network_.layers()[static_cast<std::size_t>(i)]; }
    const Layer& now() const { return layer(current_); }
    int& tensor_of(int i) { return tensor_of_[static_cast<std::size_t>(i)]; }
    const Tensor& tensor(int t) const { return tensors_[static_cast<std::size_t>(t)]; }
    int storage_of(int t) const { return t < 0 ? -1 : tensor(t).storage; }
    int source(std::size_t i) { return tensor_of(now().inputs[i]); }
    TensorDescriptor describe(int t) const { return make_tensor(tensor(t).shape, tensor(t).type); }

    void count_readers();
    void compile_stage(const Stage& stage, double temperature);
    void compile_layer(int index);
    int compile_kind();
    int convolution();
    int dense();
    int pooling();
    int addition();
    int concatenation();
    int reshape();
    void activate(int from, int to);
    void activate_by_cudnn(int from, int to, cudnnActivationMode_t mode, double ceiling);
    void clip(int from, int to);
    void hard_swish(int from, int to);
    void operate(cudnnOpTensorOp_t operation, float factor, int a, int b, int to);
    void operate_constant(cudnnOpTensorOp_t operation, int a, float constant, int to);
    Padded padded(int t, float fill);
    void copy(int from, int to, std::size_t offset);
    int as_scores(int t);
    void answer(int scores, double temperature);
    void place();

    int new_tensor(const TensorShape& shape, cudnnDataType_t type);
    int new_tensor(const TensorShape& shape) { return new_tensor(shape, type_); }
    std::byte* upload(std::span<const float> values, cudnnDataType_t type);
    void emit(const std::vector<int>& tensors, std::function<void(const Operands&)> enqueue);
    void reserve(std::size_t workspace_bytes) {
        program_.workspace_bytes = std::max(program_.workspace_bytes, workspace_bytes);
    }
    [[noreturn]] void fail(const std::string& problem) const;

    const Network& network_;
    const std::vector<double>& temperature_;
    const Options& options_;
    Queue& queue_;
    cudnnDataType_t type_;
    Program program_;
    std::vector<Tensor> tensors_;
    std::vector<int> tensor_of_;  // by layer
    std::vector<int> readers_;    // by layer
    StageProgram* stage_ = nullptr;
    int current_ = 0;      // layer
    int stage_exit_ = -1;  // layer
};

Program Compiler::run() {
    count_readers();
    tensor_of(0) = new_tensor(network_.input_shape());
    std::size_t k = 0;
    for (const Stage& stage : network_.stages()) compile_stage(stage, temperature_[k++]);
    place();
    return std::move(program_);
}

void Compiler::count_readers() {
    for (const Stage& stage : network_.stages()) {
        for (const int i : stage.layers) {
            for (const int input : layer(i).inputs) ++readers_[static_cast<std::size_t>(input)];
        }
        ++readers_[static_cast<std::size_t>(stage.exit)];
    }
}

void Compiler::compile_stage(const Stage& stage, double temperature) {
    program_.stages.emplace_back();
    stage_ = &program_.stages.back();
    stage_exit_ = stage.exit;
    for (const int i : stage.layers) compile_layer(i);
    current_ = stage.exit;
    stage_->input = storage_of(tensor_of(stage.input));
    stage_->carried = stage.carried < 0 ? -1 : storage_of(tensor_of(stage.carried));
    const int scores = as_scores(tensor_of(stage.exit));
    stage_->scores = storage_of(scores);
    answer(scores, temperature);
}

int Compiler::compile_kind() {
    switch (now().kind) {
        case LayerKind::kConvolution:
            return convolution();
        case LayerKind::kDense:
            return dense();
        case LayerKind::kAdd:
            return addition();
        case LayerKind::kConcat:
            return concatenation();
        case LayerKind::kMaxPool:
        case LayerKind::kAveragePool:
            return pooling();
        case LayerKind::kActivation: {
            const int to = new_tensor(now().shape);
            activate(source(0), to);
            return to;
        }
        case LayerKind::kReshape:
            return reshape();
        case LayerKind::kInput:
            break;
    }
    fail("is an input amid the network");
}

void Compiler::compile_layer(int index) {
    current_ = index;
    try {
        tensor_of(index) = compile_kind();
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

int Compiler::new_tensor(const TensorShape& shape, cudnnDataType_t type) {
    tensors_.push_back({shape, type, static_cast<int>(program_.storages.size())});
    program_.storages.push_back({tensors_.back().bytes(), -1});
    return static_cast<int>(tensors_.size()) - 1;
}

// Weights never move: the steps hold their address.
std::byte* Compiler::upload(std::span<const float> values, cudnnDataType_t type) {
    std::vector<std::byte> converted(values.size() * bytes_of(type));
    convert(values, type == CUDNN_DATA_HALF ? Precision::kFp16 : Precision::kFp32, converted.data());
    const Buffer& buffer =
        program_.weights.emplace_back(Buffer::Place::kDevice, converted.size(), "weights of '" + now().name + "'");
    LAXITY_CUDA(cudaMemcpyAsync, buffer.data(), converted.data(), converted.size(), cudaMemcpyHostToDevice,
                queue_.stream.get());
    LAXITY_CUDA(cudaStreamSynchronize, queue_.stream.get());
    program_.weight_bytes += buffer.bytes();
    return buffer.data();
}

void Compiler::emit(const std::vector<int>& tensors, std::function<void(const Operands&)> enqueue) {
    std::vector<int> storages;
    for (const int t : tensors) storages.push_back(storage_of(t));
    stage_->steps.push_back({now().name, std::move(storages), std::move(enqueue)});
}

// The address of a storage for a step that runs.
std::byte* at(const Operands& operands, int storage) { return operands.storages[static_cast<std::size_t>(storage)]; }

int Compiler::convolution() {
    const Layer& l = now();
    const Padded padding = padded(source(0), 0);
    const int from = padding.tensor, to = new_tensor(l.shape);
    const int residual = l.inputs.size() == 2 ? source(1) : -1;
    Convolution c;
    c.layer = l.name;
    c.from = describe(from);
    c.to = describe(to);
    c.bias = make_tensor({l.shape.channels, 1, 1}, type_);
    c.filter = make_filter(l.shape.channels, tensor(from).shape.channels / l.groups, l.vertical.kernel,
                           l.horizontal.kernel, type_);
    c.window = make_convolution(l.vertical, l.horizontal, padding.vertical, padding.horizontal, l.groups);
    c.residual = residual >= 0;
    c.relu = l.activation.kind == ActivationKind::kRelu;
    c.activation = make_activation(c.relu ? CUDNN_ACTIVATION_RELU : CUDNN_ACTIVATION_IDENTITY);
    c.weight_data = upload(l.weights, type_);
    c.bias_data = upload(l.bias, type_);
    c.from_bytes = tensor(from).bytes();
    c.to_bytes = tensor(to).bytes();
    c.adds_input = c.residual && storage_of(from) == storage_of(residual);
    const Implementation how = choose_implementation(c, options_, queue_);
    reserve(how.workspace_bytes);
    program_.implementations.push_back(l.name + ": " + how.text());
    std::vector<int> tensors = {from, to};
    if (c.residual) tensors.push_back(residual);
    const int x = storage_of(from), y = storage_of(to), z = storage_of(residual);
    emit(tensors, [c, how, x, y, z](const Operands& operands) {
        enqueue(c, how, operands.queue, {at(operands, x), z < 0 ? nullptr : at(operands, z), at(operands, y)});
    });
    if (!c.relu) activate(to, to);
    return to;
}

// The bias is the result's first value, to which the product is added.
int Compiler::dense() {
    const Layer& l = now();
    const int from = source(0), inputs = static_cast<int>(tensor(from).shape.elements()), outputs = l.shape.channels;
    const bool only_scores = current_ == stage_exit_ && readers_[static_cast<std::size_t>(current_)] == 1;
    const int to =
        new_tensor(l.shape, only_scores && l.activation.kind == ActivationKind::kNone ? CUDNN_DATA_FLOAT : type_);
    const std::byte* weights = upload(l.weights, type_);
    const std::byte* bias = upload(l.bias, tensor(to).type);
    const Product product{
        .rows = outputs,
        .columns = inputs,
        .type = blas_type(type_),
        .result_type = blas_type(tensor(to).type),
        .add = true,
        .compute = options_.precision == Precision::kTf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F};
    emit({from, to}, [=, x = storage_of(from), y = storage_of(to), bytes = tensor(to).bytes()](const Operands& o) {
        LAXITY_CUDA(cudaMemcpyAsync, at(o, y), bias, bytes, cudaMemcpyDeviceToDevice, o.queue.stream.get());
        multiply(o.queue, product, weights, at(o, x), at(o, y));
    });
    activate(to, to);
    return to;
}

int Compiler::pooling() {
    const Layer& l = now();
    if (l.vertical.dilation != 1 || l.horizontal.dilation != 1)
        fail("dilates its window, which cuDNN's pooling cannot");
    const bool highest = l.kind == LayerKind::kMaxPool;
    const Padded padding = padded(source(0), highest ? -FLT_MAX : 0.0F);
    const int from = padding.tensor, to = new_tensor(l.shape);
    if (!highest && !l.count_padding && from != source(0))
        fail("averages without its padding, which differs between the sides; cuDNN needs the same on both");
    const cudnnPoolingMode_t average =
        l.count_padding ? CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING : CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
    const PoolingDescriptor pooling = make_pooling(highest ? CUDNN_POOLING_MAX : average, l.vertical, l.horizontal,
                                                   padding.vertical, padding.horizontal);
    emit({from, to}, [pooling, from_desc = describe(from), to_desc = describe(to), x = storage_of(from),
                      y = storage_of(to)](const Operands& o) {
        LAXITY_CUDNN(cudnnPoolingForward, o.queue.cudnn.get(), pooling.get(), &kOne, from_desc.get(), at(o, x), &kZero,
                     to_desc.get(), at(o, y));
    });
    return to;
}

int Compiler::addition() {
    const int to = new_tensor(now().shape);
    operate(CUDNN_OP_TENSOR_ADD, 1, source(0), source(1), to);
    activate(to, to);
    return to;
}

// Channels lie one after the other, so the parts do.
int Compiler::concatenation() {
    const int to = new_tensor(now().shape);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < now().inputs.size(); ++i) {
        copy(source(i), to, offset);
        offset += tensor(source(i)).bytes();
    }
    return to;
}

int Compiler::reshape() {
    tensors_.push_back({now().shape, tensor(source(0)).type, storage_of(source(0))});
    return static_cast<int>(tensors_.size()) - 1;
}

void Compiler::copy(int from, int to, std::size_t offset) {
    emit({from, to},
         [offset, x = storage_of(from), y = storage_of(to), bytes = tensor(from).bytes()](const Operands& o) {
             LAXITY_CUDA(cudaMemcpyAsync, at(o, y) + offset, at(o, x), bytes, cudaMemcpyDeviceToDevice,
                         o.queue.stream.get());
         });
}

// The current layer's activation; `from` and `to` may be the same.
void Compiler::activate(int from, int to) {
    const Activation& activation = now().activation;
    switch (activation.kind) {
        case ActivationKind::kNone:
            if (from != to) copy(from, to, 0);
            return;
        case ActivationKind::kRelu:
            return activate_by_cudnn(from, to, CUDNN_ACTIVATION_RELU, 0);
        case ActivationKind::kSigmoid:
            return activate_by_cudnn(from, to, CUDNN_ACTIVATION_SIGMOID, 0);
        case ActivationKind::kClip:
            return clip(from, to);
        case ActivationKind::kHardSwish:
            return hard_swish(from, to);
    }
}

void Compiler::activate_by_cudnn(int from, int to, cudnnActivationMode_t mode, double ceiling) {
    emit({from, to}, [activation = make_activation(mode, ceiling), desc = describe(from), x = storage_of(from),
                      y = storage_of(to)](const Operands& o) {
        LAXITY_CUDNN(cudnnActivationForward, o.queue.cudnn.get(), activation.get(), &kOne, desc.get(), at(o, x), &kZero,
                     desc.get(), at(o, y));
    });
}

void Compiler::clip(int from, int to) {
    const Activation& activation = now().activation;
    if (activation.low == 0) return activate_by_cudnn(from, to, CUDNN_ACTIVATION_CLIPPED_RELU, activation.high);
    operate_constant(CUDNN_OP_TENSOR_MAX, from, activation.low, to);
    operate_constant(CUDNN_OP_TENSOR_MIN, to, activation.high, to);
}

// x * clip(x + 3, 0, 6) / 6 (Howard et al., ICCV 2019, section 5.2).
void Compiler::hard_swish(int from, int to) {
    const int gate = new_tensor(tensor(from).shape, tensor(from).type);
    operate_constant(CUDNN_OP_TENSOR_ADD, from, 3, gate);
    activate_by_cudnn(gate, gate, CUDNN_ACTIVATION_CLIPPED_RELU, 6);
    operate(CUDNN_OP_TENSOR_MUL, 1.0F / 6, from, gate, to);
}

// to = factor * a (+ or *) b
void Compiler::operate(cudnnOpTensorOp_t operation, float factor, int a, int b, int to) {
    emit({a, b, to}, [operation = make_operation(operation), factor, desc = describe(a), x = storage_of(a),
                      z = storage_of(b), y = storage_of(to)](const Operands& o) {
        LAXITY_CUDNN(cudnnOpTensor, o.queue.cudnn.get(), operation.get(), &factor, desc.get(), at(o, x), &kOne,
                     desc.get(), at(o, z), &kZero, desc.get(), at(o, y));
    });
}

void Compiler::operate_constant(cudnnOpTensorOp_t operation, int a, float constant, int to) {
    const std::byte* value = upload(std::span(&constant, 1), tensor(a).type);
    emit({a, to},
         [operation = make_operation(operation), value, desc = describe(a),
          scalar = make_tensor({1, 1, 1}, tensor(a).type), x = storage_of(a), y = storage_of(to)](const Operands& o) {
             LAXITY_CUDNN(cudnnOpTensor, o.queue.cudnn.get(), operation.get(), &kOne, desc.get(), at(o, x), &kOne,
                          scalar.get(), value, &kZero, desc.get(), at(o, y));
         });
}

// Whether a window with the first side's padding on both sides gives an output of that size: what lies beyond the last
// window is never read.
bool fits_symmetric(const Window& window, int input, int output) {
    const int room = input + 2 * window.pad_begin - window.extent();
    return room >= 0 && room / window.stride + 1 == output;
}

// cuDNN pads both sides alike. Where that doesn't do, a copy of the tensor gets the padding around it.
Compiler::Padded Compiler::padded(int t, float fill) {
    const Window &v = now().vertical, &h = now().horizontal;
    const TensorShape shape = tensor(t).shape;
    if (fits_symmetric(v, shape.height, now().shape.height) && fits_symmetric(h, shape.width, now().shape.width))
        return {t, v.pad_begin, h.pad_begin};
    const TensorShape whole{shape.channels, shape.height + v.pad_begin + v.pad_end,
                            shape.width + h.pad_begin + h.pad_end};
    const int to = new_tensor(whole, tensor(t).type);
    const std::size_t offset = (static_cast<std::size_t>(v.pad_begin) * static_cast<std::size_t>(whole.width) +
                                static_cast<std::size_t>(h.pad_begin)) *
                               bytes_of(tensor(t).type);
    std::array<std::byte, sizeof(float)> value{};
    convert(std::span(&fill, 1), options_.precision, value.data());
    emit({t, to}, [value, offset, all = describe(to), part = make_part(shape, whole, tensor(t).type),
                   from = describe(t), x = storage_of(t), y = storage_of(to)](const Operands& o) {
        LAXITY_CUDNN(cudnnSetTensor, o.queue.cudnn.get(), all.get(), at(o, y), value.data());
        LAXITY_CUDNN(cudnnTransformTensor, o.queue.cudnn.get(), &kOne, from.get(), at(o, x), &kZero, part.get(),
                     at(o, y) + offset);
    });
    return {to, 0, 0};
}

// The exit's scores as 32-bit floats where nothing that is carried lies.
int Compiler::as_scores(int t) {
    const bool shared = storage_of(t) == stage_->input || storage_of(t) == stage_->carried;
    if (tensor(t).type == CUDNN_DATA_FLOAT && !shared) return t;
    const int to = new_tensor(tensor(t).shape, CUDNN_DATA_FLOAT);
    if (tensor(t).type == CUDNN_DATA_FLOAT) {
        copy(t, to, 0);
        return to;
    }
    // A product with 1 is the conversion that the libraries have.
    const int classes = static_cast<int>(tensor(t).shape.elements());
    const std::byte* one = upload(std::span(&kOne, 1), CUDNN_DATA_HALF);
    const Product product{.rows = classes, .columns = 1, .type = CUDA_R_16F};
    emit({t, to}, [product, one, x = storage_of(t), y = storage_of(to)](const Operands& o) {
        multiply(o.queue, product, at(o, x), one, at(o, y));
    });
    return to;
}

// Softmax of scores / temperature, its largest element and that one's class.
void Compiler::answer(int scores, double temperature) {
    const int probabilities = new_tensor(tensor(scores).shape, CUDNN_DATA_FLOAT);
    const TensorDescriptor classes = describe(scores), single = make_tensor({1, 1, 1}, CUDNN_DATA_FLOAT);
    const ReduceDescriptor highest = make_highest();
    std::size_t workspace_bytes = 0, index_bytes = 0;
    LAXITY_CUDNN(cudnnGetReductionWorkspaceSize, queue_.cudnn.get(), highest.get(), classes.get(), single.get(),
                 &workspace_bytes);
    LAXITY_CUDNN(cudnnGetReductionIndicesSize, queue_.cudnn.get(), highest.get(), classes.get(), single.get(),
                 &index_bytes);
    program_.outcome_bytes = std::max(program_.outcome_bytes, offsetof(DeviceOutcome, prediction) + index_bytes);
    reserve(workspace_bytes);
    const bool scaled = temperature != 1;
    emit({scores, probabilities}, [=, inverse = static_cast<float>(1 / temperature), x = storage_of(scores),
                                   p = storage_of(probabilities)](const Operands& o) {
        cudnnHandle_t cudnn = o.queue.cudnn.get();
        const std::byte* from = at(o, x);
        if (scaled) {
            LAXITY_CUDNN(cudnnTransformTensor, cudnn, &inverse, classes.get(), from, &kZero, classes.get(), at(o, p));
            from = at(o, p);
        }
        LAXITY_CUDNN(cudnnSoftmaxForward, cudnn, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE, &kOne,
                     classes.get(), from, &kZero, classes.get(), at(o, p));
        LAXITY_CUDNN(cudnnReduceTensor, cudnn, highest.get(), o.outcome + offsetof(DeviceOutcome, prediction),
                     index_bytes, o.queue.workspace.data(), workspace_bytes, &kOne, classes.get(), at(o, p), &kZero,
                     single.get(), o.outcome + offsetof(DeviceOutcome, confidence));
    });
}

void Compiler::place() {
    std::vector<StageStorages> stages;
    for (const StageProgram& stage : program_.stages) {
        stages.push_back({{}, stage.input, stage.carried, stage.scores});
        for (const Step& step : stage.steps) stages.back().steps.push_back(step.storages);
    }
    program_.buffer_bytes = place_storages(program_.storages, stages);
}

}  // namespace

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
