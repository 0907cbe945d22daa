#include "profiler/cuda/handles.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "profiler/cuda/error.hpp"

namespace laxity::cuda {

namespace {

constexpr auto kLayout = CUDNN_TENSOR_NCHW;
constexpr auto kNaN = CUDNN_NOT_PROPAGATE_NAN;

template <class Handle, class Release>
Shared<Handle> own(Handle handle, Release release) {
    return Shared<Handle>(handle, release);
}

}  // namespace

void use_device(int device) {
    thread_local int used = -1;
    if (used == device) return;
    LAXITY_CUDA(cudaSetDevice, device);
    used = device;
}

Stream make_stream(int priority) {
    cudaStream_t stream = nullptr;
    LAXITY_CUDA(cudaStreamCreateWithPriority, &stream, cudaStreamNonBlocking, priority);
    return own(stream, [](cudaStream_t owned) { (void)LAXITY_CUDA_FUNCTION(cudaStreamDestroy)(owned); });
}

Event make_event(Timing timing) {
    cudaEvent_t event = nullptr;
    LAXITY_CUDA(cudaEventCreateWithFlags, &event, timing == Timing::kOn ? cudaEventDefault : cudaEventDisableTiming);
    return own(event, [](cudaEvent_t owned) { (void)LAXITY_CUDA_FUNCTION(cudaEventDestroy)(owned); });
}

CudnnHandle make_cudnn(const Stream& stream) {
    cudnnHandle_t handle = nullptr;
    LAXITY_CUDNN(cudnnCreate, &handle);
    auto owner = own(handle, [](cudnnHandle_t owned) { LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnDestroy)(owned); });
    LAXITY_CUDNN(cudnnSetStream, handle, stream.get());
    return owner;
}

CublasHandle make_cublas(const Stream& stream) {
    cublasHandle_t handle = nullptr;
    LAXITY_CUBLAS(cublasCreate_v2, &handle);
    auto owner = own(handle, [](cublasHandle_t owned) { LAXITY_LIBRARY_FUNCTION(kCublas, cublasDestroy_v2)(owned); });
    LAXITY_CUBLAS(cublasSetStream_v2, handle, stream.get());
    return owner;
}

namespace {

GraphExecutable end_capture(const Stream& stream) {
    cudaGraph_t graph = nullptr;
    LAXITY_CUDA(cudaStreamEndCapture, stream.get(), &graph);
    const auto recorded = own(graph, [](cudaGraph_t owned) { (void)LAXITY_CUDA_FUNCTION(cudaGraphDestroy)(owned); });
    cudaGraphExec_t executable = nullptr;
    LAXITY_CUDA(cudaGraphInstantiate, &executable, graph, 0);
    return own(executable, [](cudaGraphExec_t owned) { (void)LAXITY_CUDA_FUNCTION(cudaGraphExecDestroy)(owned); });
}

void abandon_capture(const Stream& stream) noexcept {
    cudaGraph_t graph = nullptr;
    (void)LAXITY_CUDA_FUNCTION(cudaStreamEndCapture)(stream.get(), &graph);
    if (graph != nullptr) (void)LAXITY_CUDA_FUNCTION(cudaGraphDestroy)(graph);
    (void)LAXITY_CUDA_FUNCTION(cudaGetLastError)();
}

}  // namespace

GraphExecutable record(const Stream& stream, const std::function<void()>& enqueue) {
    LAXITY_CUDA(cudaStreamBeginCapture, stream.get(), cudaStreamCaptureModeThreadLocal);
    try {
        enqueue();
    } catch (...) {
        abandon_capture(stream);
        throw;
    }
    return end_capture(stream);
}

// Creates a descriptor NAME##_t with cudnnCreate##NAME and owns it.
#define LAXITY_DESCRIPTOR(NAME)                                         \
    [] {                                                                \
        cudnn##NAME##_t created = nullptr;                              \
        LAXITY_CUDNN(cudnnCreate##NAME, &created);                      \
        return own(created, [](cudnn##NAME##_t owned) {                 \
            LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnDestroy##NAME)(owned); \
        });                                                             \
    }()

TensorDescriptor make_tensor(const Images& images, cudnnDataType_t type) {
    const TensorDescriptor tensor = LAXITY_DESCRIPTOR(TensorDescriptor);
    LAXITY_CUDNN(cudnnSetTensor4dDescriptor, tensor.get(), kLayout, type, images.batch, images.channels, images.height,
                 images.width);
    return tensor;
}

FilterDescriptor make_filter(int outputs, int inputs, int height, int width, cudnnDataType_t type) {
    const FilterDescriptor filter = LAXITY_DESCRIPTOR(FilterDescriptor);
    LAXITY_CUDNN(cudnnSetFilter4dDescriptor, filter.get(), type, kLayout, outputs, inputs, height, width);
    return filter;
}

ConvolutionDescriptor make_convolution(const Window& vertical, const Window& horizontal, int vertical_padding,
                                       int horizontal_padding, int groups) {
    const ConvolutionDescriptor convolution = LAXITY_DESCRIPTOR(ConvolutionDescriptor);
    LAXITY_CUDNN(cudnnSetConvolution2dDescriptor, convolution.get(), vertical_padding, horizontal_padding,
                 vertical.stride, horizontal.stride, vertical.dilation, horizontal.dilation, CUDNN_CROSS_CORRELATION,
                 CUDNN_DATA_FLOAT);
    LAXITY_CUDNN(cudnnSetConvolutionGroupCount, convolution.get(), groups);
    return convolution;
}

ActivationDescriptor make_activation(cudnnActivationMode_t mode, double ceiling) {
    const ActivationDescriptor activation = LAXITY_DESCRIPTOR(ActivationDescriptor);
    LAXITY_CUDNN(cudnnSetActivationDescriptor, activation.get(), mode, kNaN, ceiling);
    return activation;
}

PoolingDescriptor make_pooling(cudnnPoolingMode_t mode, const Window& vertical, const Window& horizontal,
                               int vertical_padding, int horizontal_padding) {
    const PoolingDescriptor pooling = LAXITY_DESCRIPTOR(PoolingDescriptor);
    LAXITY_CUDNN(cudnnSetPooling2dDescriptor, pooling.get(), mode, kNaN, vertical.kernel, horizontal.kernel,
                 vertical_padding, horizontal_padding, vertical.stride, horizontal.stride);
    return pooling;
}

ReduceDescriptor make_highest() {
    const ReduceDescriptor reduce = LAXITY_DESCRIPTOR(ReduceTensorDescriptor);
    LAXITY_CUDNN(cudnnSetReduceTensorDescriptor, reduce.get(), CUDNN_REDUCE_TENSOR_MAX, CUDNN_DATA_FLOAT, kNaN,
                 CUDNN_REDUCE_TENSOR_FLATTENED_INDICES, CUDNN_32BIT_INDICES);
    return reduce;
}

#undef LAXITY_DESCRIPTOR

namespace {

std::byte* allocate_device(std::size_t bytes, const std::string& what) {
    void* data = nullptr;
    try {
        LAXITY_CUDA(cudaMalloc, &data, bytes);
    } catch (const OutOfMemory&) {
        std::size_t free = 0, total = 0;
        LAXITY_CUDA(cudaMemGetInfo, &free, &total);
        throw OutOfMemory("out of memory on the GPU: cudaMalloc was asked " + mebibytes(bytes) + " for " + what +
                          ", free are " + mebibytes(free) + " of " + mebibytes(total));
    }
    return static_cast<std::byte*>(data);
}

std::byte* allocate_host(std::size_t bytes, const std::string& what) {
    void* data = nullptr;
    try {
        LAXITY_CUDA(cudaHostAlloc, &data, bytes, cudaHostAllocDefault);
    } catch (const OutOfMemory&) {
        throw OutOfMemory("no pinned memory: cudaHostAlloc was asked " + mebibytes(bytes) + " for " + what +
                          "; free memory of the host");
    }
    return static_cast<std::byte*>(data);
}

}  // namespace

Buffer::Buffer(Place place, std::size_t bytes, const std::string& what) : bytes_(std::max<std::size_t>(bytes, 1)) {
    if (place == Place::kDevice) {
        data_.reset(allocate_device(bytes_, what), [](std::byte* data) { (void)LAXITY_CUDA_FUNCTION(cudaFree)(data); });
    } else {
        data_.reset(allocate_host(bytes_, what),
                    [](std::byte* data) { (void)LAXITY_CUDA_FUNCTION(cudaFreeHost)(data); });
        std::memset(data_.get(), 0, bytes_);
    }
}

}  // namespace laxity::cuda
