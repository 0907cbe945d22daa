// Operations that cuDNN and cuBLAS run.
#include "profiler/cuda/compiler.hpp"
#include "profiler/cuda/convolution.hpp"

namespace laxity::cuda {

namespace {

constexpr float kOne = 1, kZero = 0;

cudaDataType_t blas_type(cudnnDataType_t type) { return type == CUDNN_DATA_HALF ? CUDA_R_16F : CUDA_R_32F; }

// cublasGemmStridedBatchedEx has an overload in the header's C++ part, so its type has to be written down.
using Gemm = cublasStatus_t(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                            const void*, cudaDataType_t, int, long long, const void*, cudaDataType_t, int, long long,
                            const void*, void*, cudaDataType_t, int, long long, int, cublasComputeType_t,
                            cublasGemmAlgo_t);

// c = scale a b (+ c) of row-major matrices, a of m x k elements (turned: k x m), b of k x n. cuBLAS's matrices lie
// column by column: to it c is turned, and is b a.
struct Product {
    int m = 1, n = 1, k = 1;
    bool turn_a = false, turn_b = false;
    float scale = 1;
    bool add = false;
    cudnnDataType_t type = CUDNN_DATA_FLOAT, result_type = CUDNN_DATA_FLOAT;
    cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
    int batch = 1;
    long long step_a = 0, step_b = 0, step_c = 0;  // from one of the batch to the next, in elements
};

void multiply(const Queue& queue, const Product& p, const std::byte* a, const std::byte* b, std::byte* c) {
    static const auto gemm = reinterpret_cast<Gemm*>(find_function(Library::kCublas, "cublasGemmStridedBatchedEx"));
    const cudaDataType_t type = blas_type(p.type);
    check(gemm(queue.cublas.get(), p.turn_b ? CUBLAS_OP_T : CUBLAS_OP_N, p.turn_a ? CUBLAS_OP_T : CUBLAS_OP_N, p.n, p.m,
               p.k, &p.scale, b, type, p.turn_b ? p.k : p.n, p.step_b, a, type, p.turn_a ? p.m : p.k, p.step_a,
               p.add ? &kOne : &kZero, c, blas_type(p.result_type), p.n, p.step_c, p.batch, p.compute,
               CUBLAS_GEMM_DEFAULT),
          {"cublasGemmStridedBatchedEx", __FILE__, __LINE__});
}

cublasComputeType_t compute_type(Precision precision) {
    return precision == Precision::kTf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

// All matrices of the batch in as few calls as strides allow: one matrix's place after the other's.
std::vector<std::int64_t> places(const Shape& from, const Shape& to) {
    const auto batch = [](const Shape& shape) {
        return Shape(shape.extents().first(static_cast<std::size_t>(shape.rank() - 2)));
    };
    const Shape all = batch(to), own = batch(from);
    const std::vector<std::int64_t> strides = broadcast_strides(own, all);
    const std::int64_t matrix = from.elements(from.rank() - 2, from.rank());
    std::vector<std::int64_t> offsets;
    Odometer odometer(all);
    do {
        std::int64_t offset = 0;
        for (std::size_t axis = 0; axis < strides.size(); ++axis) offset += odometer.index()[axis] * strides[axis];
        offsets.push_back(offset * matrix);
    } while (odometer.next());
    return offsets;
}

// How many places from `first` on follow each other at the same step, in both.
std::size_t run_length(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b, std::size_t first) {
    std::size_t end = first + 1;
    if (end < a.size() && (a[end] < a[first] || b[end] < b[first])) return 1;
    while (end < a.size() && a[end] - a[end - 1] == a[first + 1] - a[first] &&
           b[end] - b[end - 1] == b[first + 1] - b[first])
        ++end;
    return end - first;
}

// Whether a window with the first side's padding on both sides gives an output of that size: what lies beyond the last
// window is never read.
bool fits_symmetric(const Window& window, std::int64_t input, std::int64_t output) {
    const std::int64_t room = input + 2 * window.pad_begin - window.extent();
    return room >= 0 && room / window.stride + 1 == output;
}

bool fit_symmetric(const std::vector<Window>& windows, const Shape& from, const Shape& to) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const int axis = static_cast<int>(i) + 2;
        if (!fits_symmetric(windows[i], from[axis], to[axis])) return false;
    }
    return true;
}

Window vertical(const std::vector<Window>& windows) { return windows.size() == 2 ? windows.front() : Window{}; }

}  // namespace

// cuDNN pads both sides alike. Where that doesn't do, a copy of the tensor gets the padding around it.
int Compiler::padded(const laxity::Convolution& c, std::vector<Window>& windows) {
    const Shape from = shape_of(0);
    if (fit_symmetric(windows, from, now().shape)) return source(0);
    Pad pad;
    pad.before.assign(static_cast<std::size_t>(from.rank()), 0);
    Shape whole = from;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const int axis = static_cast<int>(i) + 2;
        pad.before[i + 2] = c.windows[i].pad_begin;
        whole = whole.with(axis, from[axis] + c.windows[i].pad_begin + c.windows[i].pad_end);
        windows[i].pad_begin = windows[i].pad_end = 0;
    }
    return pad_with(source(0), pad, whole);
}

int Compiler::library_convolution(const laxity::Convolution& l) {
    std::vector<Window> windows = l.windows;
    const int from = padded(l, windows), to = new_tensor(now().shape);
    const int residual = now().inputs.size() == 2 ? source(1) : -1;
    const Window rows = vertical(windows), &columns = windows.back();
    const int channels = static_cast<int>(now().shape[1]), inputs = static_cast<int>(tensor(from).shape[1]);
    const bool relu = now().activation && now().activation->function == Function::kRelu;
    Convolution c;
    c.layer = now().name;
    c.from = make_tensor(images(tensor(from).shape), type_);
    c.to = make_tensor(images(now().shape), type_);
    c.bias = make_tensor({1, channels, 1, 1}, type_);
    c.filter = make_filter(channels, inputs / l.groups, rows.kernel, columns.kernel, type_);
    c.window = make_convolution(rows, columns, rows.pad_begin, columns.pad_begin, l.groups);
    c.residual = residual >= 0;
    c.relu = relu;
    c.activation = make_activation(relu ? CUDNN_ACTIVATION_RELU : CUDNN_ACTIVATION_IDENTITY);
    c.weight_data = upload(*l.weights.values, type_);
    const std::vector<float> no_bias(static_cast<std::size_t>(channels), 0.0F);
    c.bias_data = upload(l.bias.empty() ? no_bias : *l.bias.values, type_);
    c.from_bytes = tensor(from).bytes();
    c.to_bytes = tensor(to).bytes();
    c.adds_input = c.residual && tensor(from).storage == tensor(residual).storage;
    const Implementation how = choose_implementation(c, options_, queue_);
    reserve(how.workspace_bytes);
    program_.implementations.push_back(now().name + ": " + how.text());
    const Source x = at(from), y = at(to), z = residual < 0 ? Source{} : at(residual);
    emit({from, to, residual}, [c, how, x, y, z](const Operands& o) {
        enqueue(c, how, o.queue, {x.at(o), z.at(o), y.at(o)});
    });
    if (!relu) finish(to, -1, -1);
    return to;
}

int Compiler::compile(const laxity::Convolution& convolution) {
    return convolution.transposed || convolution.windows.size() > 2 ? own_convolution(convolution)
                                                                    : library_convolution(convolution);
}

// A bias alone is the result's first value, to which the product is added.
int Compiler::compile(const Dense& dense) {
    const Shape x = shape_of(0);
    const int from = source(0), inputs = static_cast<int>(dense.weights.shape[1]);
    const int residual = now().inputs.size() == 2 ? source(1) : -1;
    const int rows = static_cast<int>(x.elements() / inputs);
    const bool plain = rows == 1 && residual < 0 && !now().activation;
    const bool only_scores = current_ == stage_exit_ && readers_[static_cast<std::size_t>(current_)] == 1;
    const int to = new_tensor(now().shape, only_scores && plain ? CUDNN_DATA_FLOAT : type_);
    const bool starts = plain && !dense.bias.empty();
    const Product product{.m = rows,
                          .n = static_cast<int>(dense.weights.shape[0]),
                          .k = inputs,
                          .turn_b = true,
                          .add = starts,
                          .type = type_,
                          .result_type = tensor(to).type,
                          .compute = compute_type(options_.precision)};
    const int bias = dense.bias.empty() ? -1 : new_constant(dense.bias, tensor(to).type);
    const std::byte* weights = upload(*dense.weights.values, type_);
    const std::byte* first = starts ? tensor(bias).constant : nullptr;
    emit({from, to}, [=, x = at(from), y = at(to), bytes = tensor(to).bytes()](const Operands& o) {
        if (first != nullptr)
            LAXITY_CUDA(cudaMemcpyAsync, y.at(o), first, bytes, cudaMemcpyDeviceToDevice, o.queue.stream.get());
        multiply(o.queue, product, x.at(o), weights, y.at(o));
    });
    if (!plain) finish(to, bias, residual);
    return to;
}

int Compiler::compile(const MatMul& matmul) {
    const Shape a = shape_of(0), b = shape_of(1), c = now().shape;
    const int from_a = source(0), from_b = source(1), to = new_tensor(c), rank = c.rank();
    Product product{.m = static_cast<int>(c[rank - 2]),
                    .n = static_cast<int>(c[rank - 1]),
                    .k = static_cast<int>(a[a.rank() - (matmul.transpose_a ? 2 : 1)]),
                    .turn_a = matmul.transpose_a,
                    .turn_b = matmul.transpose_b,
                    .scale = matmul.scale,
                    .type = type_,
                    .result_type = type_,
                    .compute = compute_type(options_.precision)};
    const std::vector<std::int64_t> of_a = places(a, c), of_b = places(b, c);
    const auto element = static_cast<std::int64_t>(bytes_of(type_));
    product.step_c = c.elements(rank - 2, rank);
    for (std::size_t first = 0; first < of_a.size();) {
        const std::size_t count = run_length(of_a, of_b, first);
        Product p = product;
        p.batch = static_cast<int>(count);
        if (count > 1) p.step_a = of_a[first + 1] - of_a[first], p.step_b = of_b[first + 1] - of_b[first];
        const std::int64_t x0 = of_a[first] * element, y0 = of_b[first] * element;
        const std::int64_t z0 = static_cast<std::int64_t>(first) * p.step_c * element;
        emit({from_a, from_b, to}, [=, x = at(from_a), y = at(from_b), z = at(to)](const Operands& o) {
            multiply(o.queue, p, x.at(o) + x0, y.at(o) + y0, z.at(o) + z0);
        });
        first += count;
    }
    finish(to, -1, -1);
    return to;
}

int Compiler::compile(const Pooling& pooling) {
    const auto simple = [](const Window& w) { return w.dilation == 1 && w.pad_begin < w.kernel; };
    if (pooling.kind == PoolKind::kL2 || pooling.windows.size() > 2 || !pooling.ceil_surplus.empty() ||
        !std::all_of(pooling.windows.begin(), pooling.windows.end(), simple) ||
        !fit_symmetric(pooling.windows, shape_of(0), now().shape))
        return own_pooling(pooling);
    const int from = source(0), to = new_tensor(now().shape);
    const Window rows = vertical(pooling.windows), &columns = pooling.windows.back();
    const cudnnPoolingMode_t average = pooling.count_padding ? CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING
                                                             : CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
    const PoolingDescriptor descriptor = make_pooling(pooling.kind == PoolKind::kMaximum ? CUDNN_POOLING_MAX : average,
                                                      rows, columns, rows.pad_begin, columns.pad_begin);
    emit({from, to}, [descriptor, from_desc = make_tensor(images(shape_of(0)), type_),
                      to_desc = make_tensor(images(now().shape), type_), x = at(from), y = at(to)](const Operands& o) {
        LAXITY_CUDNN(cudnnPoolingForward, o.queue.cudnn.get(), descriptor.get(), &kOne, from_desc.get(), x.at(o),
                     &kZero, to_desc.get(), y.at(o));
    });
    finish(to, -1, -1);
    return to;
}

}  // namespace laxity::cuda
