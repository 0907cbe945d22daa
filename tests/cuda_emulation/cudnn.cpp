// cuDNN's entry points.
#include <cuda_fp16.h>
#include <cudnn.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "tests/cuda_emulation/machine.hpp"

namespace emulation = laxity::cuda_emulation;
using emulation::Access;
using emulation::Machine;
using emulation::Work;

namespace {

// What a reduction wants. More for the index than one number: what the real one wants is not documented.
constexpr std::size_t kReductionBytes = 64, kIndexBytes = 32;

}  // namespace

struct cudnnContext {
    cudaStream_t stream = nullptr;
};

struct cudnnTensorStruct {
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    std::array<int, 4> dims{};  // 1, channels, height, width; all 0 = not set
    std::array<int, 4> strides{};

    std::size_t element() const { return type == CUDNN_DATA_HALF ? 2 : 4; }
    std::size_t count() const {
        return static_cast<std::size_t>(dims[0]) * static_cast<std::size_t>(dims[1]) *
               static_cast<std::size_t>(dims[2]) * static_cast<std::size_t>(dims[3]);
    }
    bool packed() const { return strides[3] == 1 && strides[2] == dims[3] && strides[1] == dims[2] * dims[3]; }
    // From the first to the last element.
    std::size_t bytes() const {
        std::size_t last = 0;
        for (std::size_t i = 0; i < 4; ++i)
            last += static_cast<std::size_t>(dims[i] - 1) * static_cast<std::size_t>(strides[i]);
        return (last + 1) * element();
    }
    bool same_shape(const cudnnTensorStruct& other) const { return dims == other.dims; }
};

struct cudnnFilterStruct {
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    int outputs = 0, inputs = 0, height = 0, width = 0;

    std::size_t bytes() const {
        return static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs) * static_cast<std::size_t>(height) *
               static_cast<std::size_t>(width) * (type == CUDNN_DATA_HALF ? 2 : 4);
    }
};

struct cudnnConvolutionStruct {
    int pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, groups = 1;
    cudnnMathType_t math = CUDNN_DEFAULT_MATH;
    bool set = false;
};

struct cudnnActivationStruct {
    cudnnActivationMode_t mode = CUDNN_ACTIVATION_RELU;
    cudnnNanPropagation_t nan = CUDNN_NOT_PROPAGATE_NAN;
    double ceiling = 0;
};

struct cudnnPoolingStruct {
    cudnnPoolingMode_t mode = CUDNN_POOLING_MAX;
    int height = 0, width = 0, pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1;
};

struct cudnnOpTensorStruct {
    cudnnOpTensorOp_t operation = CUDNN_OP_TENSOR_ADD;
};

struct cudnnReduceTensorStruct {
    bool set = false;
};

namespace {

Machine& machine() { return Machine::get(); }

using Values = std::vector<float>;

// All elements in channel, height, width order.
Values read(const cudnnTensorStruct& d, const void* data) {
    Values values;
    values.reserve(d.count());
    for (int c = 0; c < d.dims[0] * d.dims[1]; ++c) {
        for (int y = 0; y < d.dims[2]; ++y) {
            for (int x = 0; x < d.dims[3]; ++x) {
                const std::ptrdiff_t i = std::ptrdiff_t{c / d.dims[1]} * d.strides[0] +
                                         std::ptrdiff_t{c % d.dims[1]} * d.strides[1] + std::ptrdiff_t{y} * d.strides[2] +
                                         std::ptrdiff_t{x} * d.strides[3];
                values.push_back(d.type == CUDNN_DATA_HALF ? __half2float(static_cast<const __half*>(data)[i])
                                                           : static_cast<const float*>(data)[i]);
            }
        }
    }
    return values;
}

void write(const cudnnTensorStruct& d, void* data, const Values& values) {
    auto value = values.begin();
    for (int c = 0; c < d.dims[0] * d.dims[1]; ++c) {
        for (int y = 0; y < d.dims[2]; ++y) {
            for (int x = 0; x < d.dims[3]; ++x, ++value) {
                const std::ptrdiff_t i = std::ptrdiff_t{c / d.dims[1]} * d.strides[0] +
                                         std::ptrdiff_t{c % d.dims[1]} * d.strides[1] + std::ptrdiff_t{y} * d.strides[2] +
                                         std::ptrdiff_t{x} * d.strides[3];
                if (d.type == CUDNN_DATA_HALF) {
                    static_cast<__half*>(data)[i] = __float2half_rn(*value);
                } else {
                    static_cast<float*>(data)[i] = *value;
                }
            }
        }
    }
}

// to = alpha * values + beta * to
void blend(const cudnnTensorStruct& d, void* data, Values values, float alpha, float beta) {
    for (float& value : values) value *= alpha;
    if (beta != 0) {
        const Values old = read(d, data);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] += beta * old[i];
    }
    write(d, data, values);
}

float factor(const void* value) { return *static_cast<const float*>(value); }

// What tensor cores keep of a 32-bit float.
float to_tf32(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    constexpr std::uint32_t kHalfUnit = 0x1000, kKept = 0xFFFFE000;
    bits = (bits + kHalfUnit) & kKept;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

cudnnStatus_t refuse(const std::string& message) {
    machine().violate(message);
    return CUDNN_STATUS_BAD_PARAM;
}

cudnnStatus_t submit(cudnnHandle_t handle, Work work) {
    if (!machine().alive(handle, "cuDNN handle", work.name.c_str())) return CUDNN_STATUS_BAD_PARAM;
    return machine().submit(handle->stream, std::move(work)) ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}

bool usable(const cudnnTensorStruct* d, const char* function) {
    if (!machine().alive(d, "tensor descriptor", function)) return false;
    return d->count() > 0 || machine().violate(std::string(function) + ": a tensor descriptor that was not set");
}

template <class... Descriptors>
bool all_usable(const char* function, Descriptors... descriptors) {
    return (usable(descriptors, function) && ...);
}

Access reads(const cudnnTensorStruct* d, const void* data) { return {data, d->bytes(), false}; }
// What lies between the elements of a tensor with gaps is not written, but nearly so.
Access writes(const cudnnTensorStruct* d, const void* data) { return {data, d->bytes(), true}; }

void maybe_read_old(std::vector<Access>& accesses, const cudnnTensorStruct* d, const void* data, const void* beta) {
    if (factor(beta) != 0) accesses.push_back(reads(d, data));
}

template <class T>
cudnnStatus_t create(T** object, const char* kind, const char* function) {
    if (machine().enter(function)) return CUDNN_STATUS_ALLOC_FAILED;
    *object = machine().create<T>(kind);
    return CUDNN_STATUS_SUCCESS;
}

template <class T>
cudnnStatus_t destroy(T* object, const char* kind, const char* function) {
    const bool fails = machine().enter(function);
    if (!machine().destroy(object, kind, function)) return CUDNN_STATUS_BAD_PARAM;
    return fails ? CUDNN_STATUS_INTERNAL_ERROR : CUDNN_STATUS_SUCCESS;
}

bool fails(const char* function, const void* object, const char* kind, cudnnStatus_t& status) {
    status = machine().enter(function)                 ? CUDNN_STATUS_EXECUTION_FAILED
             : machine().alive(object, kind, function) ? CUDNN_STATUS_SUCCESS
                                                       : CUDNN_STATUS_BAD_PARAM;
    return status != CUDNN_STATUS_SUCCESS;
}

int output_size(int input, int kernel, int pad, int stride, int dilation) {
    const int room = input + 2 * pad - ((kernel - 1) * dilation + 1);
    return room < 0 ? 0 : room / stride + 1;  // a window that is larger than all of it is refused
}

}  // namespace

#define CREATE_AND_DESTROY(NAME, STRUCT, KIND)                                                             \
    cudnnStatus_t cudnnCreate##NAME(STRUCT** object) { return create(object, KIND, "cudnnCreate" #NAME); } \
    cudnnStatus_t cudnnDestroy##NAME(STRUCT* object) { return destroy(object, KIND, "cudnnDestroy" #NAME); }

extern "C" {

CREATE_AND_DESTROY(TensorDescriptor, cudnnTensorStruct, "tensor descriptor")
CREATE_AND_DESTROY(FilterDescriptor, cudnnFilterStruct, "filter descriptor")
CREATE_AND_DESTROY(ConvolutionDescriptor, cudnnConvolutionStruct, "convolution descriptor")
CREATE_AND_DESTROY(ActivationDescriptor, cudnnActivationStruct, "activation descriptor")
CREATE_AND_DESTROY(PoolingDescriptor, cudnnPoolingStruct, "pooling descriptor")
CREATE_AND_DESTROY(OpTensorDescriptor, cudnnOpTensorStruct, "operation descriptor")
CREATE_AND_DESTROY(ReduceTensorDescriptor, cudnnReduceTensorStruct, "reduction descriptor")

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
    if (machine().enter("cudnnCreate", true)) return CUDNN_STATUS_NOT_INITIALIZED;
    *handle = machine().create<cudnnContext>("cuDNN handle");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) { return destroy(handle, "cuDNN handle", "cudnnDestroy"); }

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
    cudnnStatus_t status;
    if (fails("cudnnSetStream", handle, "cuDNN handle", status)) return status;
    if (!machine().check_stream(stream, "cudnnSetStream")) return CUDNN_STATUS_BAD_PARAM;
    handle->stream = stream;
    return status;
}

std::size_t cudnnGetVersion() { return CUDNN_VERSION; }
std::size_t cudnnGetCudartVersion() { return static_cast<std::size_t>(machine().settings().cuda_of_cudnn); }

const char* cudnnGetErrorString(cudnnStatus_t status) {
    return status == CUDNN_STATUS_NOT_SUPPORTED ? "CUDNN_STATUS_NOT_SUPPORTED" : "an error of the emulated cuDNN";
}

void cudnnGetLastErrorString(char* message, std::size_t size) {
    constexpr std::string_view kDetail = "the emulation's\ndetail";
    message[kDetail.copy(message, size - 1)] = '\0';
}

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t d, cudnnDataType_t type, int n, int c, int h, int w,
                                           int stride_n, int stride_c, int stride_h, int stride_w) {
    cudnnStatus_t status;
    if (fails("cudnnSetTensor4dDescriptorEx", d, "tensor descriptor", status)) return status;
    if (std::min({n, c, h, w}) < 1) return refuse("cudnnSetTensor4dDescriptorEx: a dimension below 1");
    if (stride_h < w * stride_w || stride_c < h * stride_h || stride_n < c * stride_c)
        return refuse("cudnnSetTensor4dDescriptorEx: strides that overlap");
    d->type = type;
    d->dims = {n, c, h, w};
    d->strides = {stride_n, stride_c, stride_h, stride_w};
    return status;
}

cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t d, cudnnTensorFormat_t format, cudnnDataType_t type,
                                         int n, int c, int h, int w) {
    cudnnStatus_t status;
    if (fails("cudnnSetTensor4dDescriptor", d, "tensor descriptor", status)) return status;
    if (format != CUDNN_TENSOR_NCHW) return refuse("cudnnSetTensor4dDescriptor: the emulation has NCHW only");
    if (std::min({n, c, h, w}) < 1) return refuse("cudnnSetTensor4dDescriptor: a dimension below 1");
    d->type = type;
    d->dims = {n, c, h, w};
    d->strides = {c * h * w, h * w, w, 1};
    return status;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t d, cudnnDataType_t type, cudnnTensorFormat_t format,
                                         int k, int c, int h, int w) {
    cudnnStatus_t status;
    if (fails("cudnnSetFilter4dDescriptor", d, "filter descriptor", status)) return status;
    if (format != CUDNN_TENSOR_NCHW) return refuse("cudnnSetFilter4dDescriptor: the emulation has NCHW only");
    *d = {type, k, c, h, w};
    return status;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t d, int pad_h, int pad_w, int stride_h,
                                              int stride_w, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute) {
    cudnnStatus_t status;
    if (fails("cudnnSetConvolution2dDescriptor", d, "convolution descriptor", status)) return status;
    if (mode != CUDNN_CROSS_CORRELATION || compute != CUDNN_DATA_FLOAT)
        return refuse("cudnnSetConvolution2dDescriptor: not a cross-correlation in 32-bit floats");
    *d = {pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, 1, CUDNN_DEFAULT_MATH, true};
    return status;
}

cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t d, int groups) {
    cudnnStatus_t status;
    if (fails("cudnnSetConvolutionGroupCount", d, "convolution descriptor", status)) return status;
    d->groups = groups;
    return status;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t d, cudnnMathType_t math) {
    cudnnStatus_t status;
    if (fails("cudnnSetConvolutionMathType", d, "convolution descriptor", status)) return status;
    d->math = math;
    return status;
}

cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t d, cudnnActivationMode_t mode,
                                           cudnnNanPropagation_t nan, double ceiling) {
    cudnnStatus_t status;
    if (fails("cudnnSetActivationDescriptor", d, "activation descriptor", status)) return status;
    *d = {mode, nan, ceiling};
    return status;
}

cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnPoolingDescriptor_t d, cudnnPoolingMode_t mode, cudnnNanPropagation_t,
                                          int height, int width, int pad_h, int pad_w, int stride_h, int stride_w) {
    cudnnStatus_t status;
    if (fails("cudnnSetPooling2dDescriptor", d, "pooling descriptor", status)) return status;
    if (pad_h >= height || pad_w >= width) return refuse("cudnnSetPooling2dDescriptor: padding as wide as the window");
    *d = {mode, height, width, pad_h, pad_w, stride_h, stride_w};
    return status;
}

cudnnStatus_t cudnnSetOpTensorDescriptor(cudnnOpTensorDescriptor_t d, cudnnOpTensorOp_t operation,
                                         cudnnDataType_t compute, cudnnNanPropagation_t) {
    cudnnStatus_t status;
    if (fails("cudnnSetOpTensorDescriptor", d, "operation descriptor", status)) return status;
    if (compute != CUDNN_DATA_FLOAT) return refuse("cudnnSetOpTensorDescriptor: not in 32-bit floats");
    d->operation = operation;
    return status;
}

cudnnStatus_t cudnnSetReduceTensorDescriptor(cudnnReduceTensorDescriptor_t d, cudnnReduceTensorOp_t operation,
                                             cudnnDataType_t compute, cudnnNanPropagation_t,
                                             cudnnReduceTensorIndices_t indices, cudnnIndicesType_t index_type) {
    cudnnStatus_t status;
    if (fails("cudnnSetReduceTensorDescriptor", d, "reduction descriptor", status)) return status;
    if (operation != CUDNN_REDUCE_TENSOR_MAX || compute != CUDNN_DATA_FLOAT ||
        indices != CUDNN_REDUCE_TENSOR_FLATTENED_INDICES || index_type != CUDNN_32BIT_INDICES)
        return refuse("cudnnSetReduceTensorDescriptor: the emulation has the largest with its 32-bit index only");
    d->set = true;
    return status;
}

}  // extern "C"

// --- Convolution ---

namespace {

struct ConvolutionCall {
    const cudnnTensorStruct* from;
    const void* x;
    const cudnnFilterStruct* filter;
    const void* w;
    const cudnnConvolutionStruct* window;
    cudnnConvolutionFwdAlgo_t algorithm;
    void* workspace;
    std::size_t workspace_bytes;
    const cudnnTensorStruct* to;
    void* y;
};

std::size_t workspace_of(const ConvolutionCall& call) {
    constexpr std::size_t kPrecompute = 4096;
    switch (call.algorithm) {
        case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM:
            return 0;
        case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM:
            return kPrecompute;
        default:
            return 16 * (call.from->bytes() + call.filter->bytes());
    }
}

bool check(const ConvolutionCall& call, const char* function) {
    const auto wrong = [&](const std::string& what) { return machine().violate(std::string(function) + ": " + what); };
    if (!all_usable(function, call.from, call.to) || !machine().alive(call.filter, "filter descriptor", function) ||
        !machine().alive(call.window, "convolution descriptor", function))
        return false;
    const cudnnConvolutionStruct& window = *call.window;
    if (!window.set) return wrong("a convolution descriptor that was not set");
    const cudnnTensorStruct &x = *call.from, &y = *call.to;
    const cudnnFilterStruct& w = *call.filter;
    if (x.type != w.type || x.type != y.type) return wrong("operands of different types");
    if (w.inputs * window.groups != x.dims[1]) return wrong("the filter's channels are not the input's");
    if (w.outputs != y.dims[1] ||
        y.dims[2] != output_size(x.dims[2], w.height, window.pad_h, window.stride_h, window.dilation_h) ||
        y.dims[3] != output_size(x.dims[3], w.width, window.pad_w, window.stride_w, window.dilation_w))
        return wrong("the output's shape is not that of the convolution");
    if (workspace_of(call) > call.workspace_bytes)
        return wrong("a workspace of " + std::to_string(call.workspace_bytes) + " bytes where the algorithm needs " +
                     std::to_string(workspace_of(call)));
    return true;
}

std::vector<Access> accesses_of(const ConvolutionCall& call) {
    return {reads(call.from, call.x),
            {call.w, call.filter->bytes(), false},
            {call.workspace, workspace_of(call), true},
            writes(call.to, call.y)};
}

Values convolve(const ConvolutionCall& call, const cudnnConvolutionStruct& window) {
    const cudnnTensorStruct &from = *call.from, &to = *call.to;
    const cudnnFilterStruct& f = *call.filter;
    const cudnnTensorStruct weights{
        f.type, {1, f.outputs * f.inputs, f.height, f.width}, {0, f.height * f.width, f.width, 1}};
    Values x = read(from, call.x), w = read(weights, call.w), y(to.count(), 0);
    if (from.type == CUDNN_DATA_FLOAT && window.math != CUDNN_FMA_MATH) {
        std::transform(x.begin(), x.end(), x.begin(), to_tf32);
        std::transform(w.begin(), w.end(), w.begin(), to_tf32);
    }
    const int height = from.dims[2], width = from.dims[3], rows = to.dims[2], columns = to.dims[3];
    const int outputs_of_group = f.outputs / window.groups;
    const auto at = [](const Values& v, std::ptrdiff_t i) { return v[static_cast<std::size_t>(i)]; };
    for (int line = 0; line < from.dims[0] * f.outputs; ++line) {
        const int o = line % f.outputs;
        for (int i = 0; i < f.inputs; ++i) {
            const std::ptrdiff_t channel =
                std::ptrdiff_t{line / f.outputs} * from.dims[1] + o / outputs_of_group * f.inputs + i;
            for (int ky = 0; ky < f.height; ++ky) {
                for (int kx = 0; kx < f.width; ++kx) {
                    const float weight = at(w, ((std::ptrdiff_t{o} * f.inputs + i) * f.height + ky) * f.width + kx);
                    for (int row = 0; row < rows; ++row) {
                        const int sy = row * window.stride_h - window.pad_h + ky * window.dilation_h;
                        if (sy < 0 || sy >= height) continue;
                        const int shift = kx * window.dilation_w - window.pad_w;
                        const float* source = x.data() + (channel * height + sy) * width;
                        float* sums = y.data() + (std::ptrdiff_t{line} * rows + row) * columns;
                        // Columns whose source lies inside.
                        const int first = shift < 0 ? (-shift + window.stride_w - 1) / window.stride_w : 0;
                        const int last = width - 1 - shift < 0 ? -1 : (width - 1 - shift) / window.stride_w;
                        const int end = std::min(last, columns - 1);
                        if (window.stride_w == 1) {
                            for (int column = first; column <= end; ++column)
                                sums[column] += weight * source[column + shift];
                        } else {
                            for (int column = first; column <= end; ++column)
                                sums[column] += weight * source[column * window.stride_w + shift];
                        }
                    }
                }
            }
        }
    }
    return y;
}

}  // namespace

extern "C" {

cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(cudnnHandle_t handle, const cudnnTensorDescriptor_t from,
                                                     const void* x, const cudnnFilterDescriptor_t filter, const void* w,
                                                     const cudnnConvolutionDescriptor_t window,
                                                     const cudnnTensorDescriptor_t to, void* y, const int wanted,
                                                     int* found, cudnnConvolutionFwdAlgoPerf_t* results,
                                                     void* workspace, std::size_t workspace_bytes) {
    const char* name = "cudnnFindConvolutionForwardAlgorithmEx";
    if (machine().enter(name, true)) return CUDNN_STATUS_EXECUTION_FAILED;
    const ConvolutionCall call{
        from, x, filter, w, window, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, workspace, workspace_bytes, to, y};
    if (!check(call, name)) return CUDNN_STATUS_BAD_PARAM;
    std::vector<Access> accesses = accesses_of(call);
    // Its first bytes stand for all that the trials may have used.
    constexpr std::size_t kUsed = std::size_t{1} << 16;
    accesses[2] = {workspace, std::min(kUsed, workspace_bytes), true};
    const cudnnStatus_t status =
        submit(handle, {name, accesses, [call] { write(*call.to, call.y, Values(call.to->count(), 0)); }, {}});
    if (status != CUDNN_STATUS_SUCCESS) return status;
    machine().synchronise(handle->stream);
    const auto offer = [&](cudnnConvolutionFwdAlgo_t algorithm, cudnnMathType_t math, cudnnDeterminism_t determinism) {
        if (*found == wanted) return;
        ConvolutionCall tried = call;
        tried.algorithm = algorithm;
        cudnnConvolutionFwdAlgoPerf_t result{};
        result.algo = algorithm;
        result.mathType = math;
        result.memory = workspace_of(tried);
        result.determinism = determinism;
        result.status = result.memory <= workspace_bytes ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_ALLOC_FAILED;
        result.time = emulation::kFakeMilliseconds;
        results[(*found)++] = result;
    };
    *found = 0;
    offer(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD, CUDNN_FMA_MATH, CUDNN_NON_DETERMINISTIC);
    if (window->math != CUDNN_FMA_MATH)
        offer(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_TENSOR_OP_MATH, CUDNN_DETERMINISTIC);
    // The default, also where the descriptor allows less: executed in it they would use tensor cores.
    offer(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_DEFAULT_MATH, CUDNN_DETERMINISTIC);
    offer(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, CUDNN_DEFAULT_MATH, CUDNN_DETERMINISTIC);
    offer(CUDNN_CONVOLUTION_FWD_ALGO_FFT, CUDNN_FMA_MATH, CUDNN_DETERMINISTIC);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t handle, const cudnnTensorDescriptor_t from,
                                                      const cudnnFilterDescriptor_t filter,
                                                      const cudnnConvolutionDescriptor_t window,
                                                      const cudnnTensorDescriptor_t to,
                                                      cudnnConvolutionFwdAlgo_t algorithm, std::size_t* bytes) {
    const char* name = "cudnnGetConvolutionForwardWorkspaceSize";
    cudnnStatus_t status;
    if (fails(name, handle, "cuDNN handle", status)) return status;
    const ConvolutionCall call{from, nullptr, filter, nullptr, window, algorithm, nullptr, SIZE_MAX, to, nullptr};
    if (!check(call, name)) return CUDNN_STATUS_BAD_PARAM;
    *bytes = workspace_of(call);
    return status;
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha, const cudnnTensorDescriptor_t from,
                                      const void* x, const cudnnFilterDescriptor_t filter, const void* w,
                                      const cudnnConvolutionDescriptor_t window, cudnnConvolutionFwdAlgo_t algorithm,
                                      void* workspace, std::size_t workspace_bytes, const void* beta,
                                      const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnConvolutionForward";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    const ConvolutionCall call{from, x, filter, w, window, algorithm, workspace, workspace_bytes, to, y};
    if (!check(call, name)) return CUDNN_STATUS_BAD_PARAM;
    std::vector<Access> accesses = accesses_of(call);
    maybe_read_old(accesses, to, y, beta);
    return submit(handle, {name,
                           accesses,
                           [call, window = *window, a = factor(alpha), b = factor(beta)] {
                               blend(*call.to, call.y, convolve(call, window), a, b);
                           },
                           {}});
}

cudnnStatus_t cudnnConvolutionBiasActivationForward(
    cudnnHandle_t handle, const void* alpha, const cudnnTensorDescriptor_t from, const void* x,
    const cudnnFilterDescriptor_t filter, const void* w, const cudnnConvolutionDescriptor_t window,
    cudnnConvolutionFwdAlgo_t algorithm, void* workspace, std::size_t workspace_bytes, const void* alpha2,
    const cudnnTensorDescriptor_t residual, const void* z, const cudnnTensorDescriptor_t bias, const void* b,
    const cudnnActivationDescriptor_t activation, const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnConvolutionBiasActivationForward";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!machine().settings().fuses) return CUDNN_STATUS_NOT_SUPPORTED;
    const ConvolutionCall call{from, x, filter, w, window, algorithm, workspace, workspace_bytes, to, y};
    if (!check(call, name) || !all_usable(name, residual, bias) ||
        !machine().alive(activation, "activation descriptor", name))
        return CUDNN_STATUS_BAD_PARAM;
    const bool relu = activation->mode == CUDNN_ACTIVATION_RELU;
    if (activation->nan != CUDNN_NOT_PROPAGATE_NAN || (!relu && activation->mode != CUDNN_ACTIVATION_IDENTITY))
        return CUDNN_STATUS_NOT_SUPPORTED;
    if (!relu && algorithm != CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM) return CUDNN_STATUS_NOT_SUPPORTED;
    if (!residual->same_shape(*to)) return refuse(std::string(name) + ": the residual's shape is not the output's");
    if (x == y || (x == z && factor(alpha2) != 0)) return refuse(std::string(name) + ": operands that are one");
    if (bias->count() != static_cast<std::size_t>(to->dims[1]))
        return refuse(std::string(name) + ": not a bias by channel");
    std::vector<Access> accesses = accesses_of(call);
    accesses.push_back(reads(bias, b));
    if (factor(alpha2) != 0) accesses.push_back(reads(residual, z));
    const auto body = [call, window = *window, relu, alpha = factor(alpha), factor2 = factor(alpha2),
                       residual = *residual, z, bias = *bias, b] {
        Values values = convolve(call, window);
        const Values biases = read(bias, b);
        const Values added = factor2 != 0 ? read(residual, z) : Values(values.size(), 0);
        const auto area = static_cast<std::size_t>(call.to->dims[2]) * static_cast<std::size_t>(call.to->dims[3]);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = alpha * values[i] + factor2 * added[i] + biases[i / area % biases.size()];
            if (relu) values[i] = std::max(values[i], 0.0F);
        }
        write(*call.to, call.y, values);
    };
    return submit(handle, {name, accesses, body, {}});
}

// --- Everything else ---

// C = alpha * A + beta * C, with A's dimensions of 1 stretched.
cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void* alpha, const cudnnTensorDescriptor_t a, const void* from,
                             const void* beta, const cudnnTensorDescriptor_t c, void* to) {
    const char* name = "cudnnAddTensor";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, a, c)) return CUDNN_STATUS_BAD_PARAM;
    for (std::size_t i = 0; i < 4; ++i) {
        if (a->dims[i] != c->dims[i] && a->dims[i] != 1) return refuse("cudnnAddTensor: shapes that don't fit");
    }
    std::vector<Access> accesses = {reads(a, from), writes(c, to)};
    maybe_read_old(accesses, c, to, beta);
    const auto body = [a = *a, c = *c, from, to, alpha = factor(alpha), beta = factor(beta)] {
        const Values values = read(a, from);
        Values stretched;
        for (int ch = 0; ch < c.dims[1]; ++ch) {
            for (int y = 0; y < c.dims[2]; ++y) {
                for (int x = 0; x < c.dims[3]; ++x) {
                    const int i = ((a.dims[1] == 1 ? 0 : ch) * a.dims[2] + (a.dims[2] == 1 ? 0 : y)) * a.dims[3] +
                                  (a.dims[3] == 1 ? 0 : x);
                    stretched.push_back(values[static_cast<std::size_t>(i)]);
                }
            }
        }
        blend(c, to, stretched, alpha, beta);
    };
    return submit(handle, {name, accesses, body, {}});
}

cudnnStatus_t cudnnActivationForward(cudnnHandle_t handle, cudnnActivationDescriptor_t activation, const void* alpha,
                                     const cudnnTensorDescriptor_t from, const void* x, const void* beta,
                                     const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnActivationForward";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, from, to) || !machine().alive(activation, "activation descriptor", name))
        return CUDNN_STATUS_BAD_PARAM;
    if (!from->same_shape(*to)) return refuse("cudnnActivationForward: shapes that don't fit");
    if (activation->mode == CUDNN_ACTIVATION_IDENTITY) return refuse("cudnnActivationForward: has no identity");
    std::vector<Access> accesses = {reads(from, x), writes(to, y)};
    maybe_read_old(accesses, to, y, beta);
    const auto body = [from = *from, to = *to, x, y, activation = *activation, a = factor(alpha), b = factor(beta)] {
        Values values = read(from, x);
        for (float& value : values) {
            if (activation.mode == CUDNN_ACTIVATION_SIGMOID) {
                value = 1 / (1 + std::exp(-value));
            } else {
                value = std::max(value, 0.0F);
                if (activation.mode == CUDNN_ACTIVATION_CLIPPED_RELU)
                    value = std::min(value, static_cast<float>(activation.ceiling));
            }
        }
        blend(to, y, values, a, b);
    };
    return submit(handle, {name, accesses, body, {}});
}

}  // extern "C"

namespace {

Values pool(const cudnnTensorStruct& from, const void* x, const cudnnTensorStruct& to, const cudnnPoolingStruct& p) {
    const Values values = read(from, x);
    Values results;
    for (int c = 0; c < to.dims[0] * to.dims[1]; ++c) {
        for (int row = 0; row < to.dims[2]; ++row) {
            for (int column = 0; column < to.dims[3]; ++column) {
                float highest = -std::numeric_limits<float>::infinity(), sum = 0;
                int inside = 0;
                for (int ky = 0; ky < p.height; ++ky) {
                    for (int kx = 0; kx < p.width; ++kx) {
                        const int sy = row * p.stride_h - p.pad_h + ky, sx = column * p.stride_w - p.pad_w + kx;
                        if (sy < 0 || sy >= from.dims[2] || sx < 0 || sx >= from.dims[3]) continue;
                        const float value =
                            values[static_cast<std::size_t>((c * from.dims[2] + sy) * from.dims[3] + sx)];
                        highest = std::max(highest, value);
                        sum += value;
                        ++inside;
                    }
                }
                const int counted = p.mode == CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING ? p.height * p.width : inside;
                results.push_back(p.mode == CUDNN_POOLING_MAX ? highest : sum / static_cast<float>(counted));
            }
        }
    }
    return results;
}

float operate(cudnnOpTensorOp_t operation, float a, float b) {
    switch (operation) {
        case CUDNN_OP_TENSOR_MUL:
            return a * b;
        case CUDNN_OP_TENSOR_MIN:
            return std::min(a, b);
        case CUDNN_OP_TENSOR_MAX:
            return std::max(a, b);
        default:
            return a + b;
    }
}

}  // namespace

extern "C" {

cudnnStatus_t cudnnPoolingForward(cudnnHandle_t handle, const cudnnPoolingDescriptor_t pooling, const void* alpha,
                                  const cudnnTensorDescriptor_t from, const void* x, const void* beta,
                                  const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnPoolingForward";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, from, to) || !machine().alive(pooling, "pooling descriptor", name))
        return CUDNN_STATUS_BAD_PARAM;
    if (pooling->height == 0) return refuse("cudnnPoolingForward: a pooling descriptor that was not set");
    if (to->dims[1] != from->dims[1] ||
        to->dims[2] != output_size(from->dims[2], pooling->height, pooling->pad_h, pooling->stride_h, 1) ||
        to->dims[3] != output_size(from->dims[3], pooling->width, pooling->pad_w, pooling->stride_w, 1))
        return refuse("cudnnPoolingForward: the output's shape is not that of the pooling");
    std::vector<Access> accesses = {reads(from, x), writes(to, y)};
    maybe_read_old(accesses, to, y, beta);
    return submit(handle, {name,
                           accesses,
                           [from = *from, to = *to, x, y, pooling = *pooling, a = factor(alpha), b = factor(beta)] {
                               blend(to, y, pool(from, x, to, pooling), a, b);
                           },
                           {}});
}

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t, cudnnSoftmaxMode_t mode,
                                  const void* alpha, const cudnnTensorDescriptor_t from, const void* x,
                                  const void* beta, const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnSoftmaxForward";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, from, to)) return CUDNN_STATUS_BAD_PARAM;
    if (mode != CUDNN_SOFTMAX_MODE_INSTANCE || !from->same_shape(*to))
        return refuse("cudnnSoftmaxForward: shapes that don't fit, or not over all of an input");
    std::vector<Access> accesses = {reads(from, x), writes(to, y)};
    maybe_read_old(accesses, to, y, beta);
    const auto body = [from = *from, to = *to, x, y, a = factor(alpha), b = factor(beta)] {
        Values values = read(from, x);
        const float highest = *std::max_element(values.begin(), values.end());
        float sum = 0;
        for (float& value : values) sum += value = std::exp(value - highest);
        for (float& value : values) value /= sum;
        blend(to, y, values, a, b);
    };
    return submit(handle, {name, accesses, body, {}});
}

cudnnStatus_t cudnnOpTensor(cudnnHandle_t handle, const cudnnOpTensorDescriptor_t operation, const void* alpha1,
                            const cudnnTensorDescriptor_t a, const void* from, const void* alpha2,
                            const cudnnTensorDescriptor_t b, const void* second, const void* beta,
                            const cudnnTensorDescriptor_t c, void* to) {
    const char* name = "cudnnOpTensor";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, a, b, c) || !machine().alive(operation, "operation descriptor", name))
        return CUDNN_STATUS_BAD_PARAM;
    if (!a->same_shape(*c) || (!b->same_shape(*c) && b->count() != 1))
        return refuse("cudnnOpTensor: shapes that don't fit");
    if (second == to && from != to) return refuse("cudnnOpTensor: writes over its second operand");
    std::vector<Access> accesses = {reads(a, from), reads(b, second), writes(c, to)};
    maybe_read_old(accesses, c, to, beta);
    const auto body = [a = *a, b = *b, c = *c, from, second, to, operation = operation->operation, f1 = factor(alpha1),
                       f2 = factor(alpha2), old = factor(beta)] {
        Values values = read(a, from);
        const Values others = read(b, second);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = operate(operation, f1 * values[i], f2 * others[others.size() == 1 ? 0 : i]);
        blend(c, to, values, 1, old);
    };
    return submit(handle, {name, accesses, body, {}});
}

cudnnStatus_t cudnnGetReductionWorkspaceSize(cudnnHandle_t handle, const cudnnReduceTensorDescriptor_t,
                                             const cudnnTensorDescriptor_t, const cudnnTensorDescriptor_t,
                                             std::size_t* bytes) {
    cudnnStatus_t status;
    if (fails("cudnnGetReductionWorkspaceSize", handle, "cuDNN handle", status)) return status;
    *bytes = kReductionBytes;
    return status;
}

cudnnStatus_t cudnnGetReductionIndicesSize(cudnnHandle_t handle, const cudnnReduceTensorDescriptor_t,
                                           const cudnnTensorDescriptor_t, const cudnnTensorDescriptor_t,
                                           std::size_t* bytes) {
    cudnnStatus_t status;
    if (fails("cudnnGetReductionIndicesSize", handle, "cuDNN handle", status)) return status;
    *bytes = kIndexBytes;
    return status;
}

cudnnStatus_t cudnnReduceTensor(cudnnHandle_t handle, const cudnnReduceTensorDescriptor_t reduce, void* indices,
                                std::size_t index_bytes, void* workspace, std::size_t workspace_bytes,
                                const void* alpha, const cudnnTensorDescriptor_t a, const void* from, const void* beta,
                                const cudnnTensorDescriptor_t c, void* to) {
    const char* name = "cudnnReduceTensor";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, a, c) || !machine().alive(reduce, "reduction descriptor", name))
        return CUDNN_STATUS_BAD_PARAM;
    if (!reduce->set) return refuse("cudnnReduceTensor: a reduction descriptor that was not set");
    if (workspace_bytes < kReductionBytes) return refuse("cudnnReduceTensor: a workspace of too few bytes");
    if (index_bytes < kIndexBytes) return refuse("cudnnReduceTensor: no place for the index");
    if (c->count() != 1) return refuse("cudnnReduceTensor: the emulation reduces to one element");
    std::vector<Access> accesses = {
        reads(a, from), writes(c, to), {indices, index_bytes, true}, {workspace, kReductionBytes, true}};
    maybe_read_old(accesses, c, to, beta);
    const auto body = [a = *a, c = *c, from, to, indices, alpha = factor(alpha), beta = factor(beta)] {
        const Values values = read(a, from);
        const auto highest = std::max_element(values.begin(), values.end());
        const auto index = static_cast<std::uint32_t>(highest - values.begin());
        std::memcpy(indices, &index, sizeof index);
        blend(c, to, {*highest}, alpha, beta);
    };
    return submit(handle, {name, accesses, body, {}});
}

cudnnStatus_t cudnnTransformTensor(cudnnHandle_t handle, const void* alpha, const cudnnTensorDescriptor_t from,
                                   const void* x, const void* beta, const cudnnTensorDescriptor_t to, void* y) {
    const char* name = "cudnnTransformTensor";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, from, to)) return CUDNN_STATUS_BAD_PARAM;
    if (!from->same_shape(*to) || from->type != to->type)
        return refuse("cudnnTransformTensor: shapes or types that don't fit");
    std::vector<Access> accesses = {reads(from, x), writes(to, y)};
    maybe_read_old(accesses, to, y, beta);
    return submit(handle, {name,
                           accesses,
                           [from = *from, to = *to, x, y, a = factor(alpha), b = factor(beta)] {
                               blend(to, y, read(from, x), a, b);
                           },
                           {}});
}

cudnnStatus_t cudnnSetTensor(cudnnHandle_t handle, const cudnnTensorDescriptor_t to, void* y, const void* value) {
    const char* name = "cudnnSetTensor";
    if (machine().enter(name)) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!all_usable(name, to)) return CUDNN_STATUS_BAD_PARAM;
    cudnnTensorStruct single = *to;
    single.dims = single.strides = {1, 1, 1, 1};
    const Values values(to->count(), read(single, value).front());
    return submit(handle, {name, {writes(to, y)}, [to = *to, y, values] { write(to, y, values); }, {}});
}

}  // extern "C"
