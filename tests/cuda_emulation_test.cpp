// The emulation of CUDA's libraries catches what it says it catches: each misuse below must be reported.
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <algorithm>
#include <array>

#include "tests/catch.hpp"
#include "tests/cuda_emulation/emulation.hpp"

namespace laxity {

namespace {

namespace emulation = cuda_emulation;

constexpr float kOne = 1, kZero = 0;
constexpr std::size_t kBytes = 64;
constexpr auto kPrecomp = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;

// What the misuses have at hand. Nothing is released: reset() forgets it.
struct Lab {
    Lab() {
        cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, 0);
        cudaStreamCreateWithPriority(&other, cudaStreamNonBlocking, 0);
        cudaEventCreateWithFlags(&event, cudaEventDefault);
        cudaEventCreateWithFlags(&later, cudaEventDefault);
        cudnnCreate(&cudnn);
        cudnnSetStream(cudnn, stream);
        cublasCreate_v2(&cublas);
        cublasSetStream_v2(cublas, stream);
    }

    void* fresh(std::size_t bytes = kBytes) const {
        void* data = nullptr;
        cudaMalloc(&data, bytes);
        return data;
    }
    void* written(std::size_t bytes = kBytes) const {
        void* data = fresh(bytes);
        cudaMemsetAsync(data, 0, bytes, stream);
        cudaStreamSynchronize(stream);
        return data;
    }
    void* pinned(std::size_t bytes = kBytes) const {
        void* data = nullptr;
        cudaHostAlloc(&data, bytes, cudaHostAllocDefault);
        return data;
    }
    cudnnTensorDescriptor_t tensor(int channels, int height = 1, int width = 1) const {
        cudnnTensorDescriptor_t d = nullptr;
        cudnnCreateTensorDescriptor(&d);
        cudnnSetTensor4dDescriptor(d, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, 1, channels, height, width);
        return d;
    }
    cudnnFilterDescriptor_t filter(int outputs, int inputs, int size) const {
        cudnnFilterDescriptor_t d = nullptr;
        cudnnCreateFilterDescriptor(&d);
        cudnnSetFilter4dDescriptor(d, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NCHW, outputs, inputs, size, size);
        return d;
    }
    cudnnConvolutionDescriptor_t window() const {
        cudnnConvolutionDescriptor_t d = nullptr;
        cudnnCreateConvolutionDescriptor(&d);
        cudnnSetConvolution2dDescriptor(d, 1, 1, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT);
        return d;
    }
    cudnnActivationDescriptor_t relu() const {
        cudnnActivationDescriptor_t d = nullptr;
        cudnnCreateActivationDescriptor(&d);
        cudnnSetActivationDescriptor(d, CUDNN_ACTIVATION_RELU, CUDNN_NOT_PROPAGATE_NAN, 0);
        return d;
    }
    cudnnReduceTensorDescriptor_t highest() const {
        cudnnReduceTensorDescriptor_t d = nullptr;
        cudnnCreateReduceTensorDescriptor(&d);
        cudnnSetReduceTensorDescriptor(d, CUDNN_REDUCE_TENSOR_MAX, CUDNN_DATA_FLOAT, CUDNN_NOT_PROPAGATE_NAN,
                                       CUDNN_REDUCE_TENSOR_FLATTENED_INDICES, CUDNN_32BIT_INDICES);
        return d;
    }
    // 3x3 on one channel of 4x4, of these descriptors.
    void convolve(cudnnTensorDescriptor_t to, cudnnFilterDescriptor_t weights, std::size_t workspace_bytes) const {
        cudnnConvolutionForward(cudnn, &kOne, tensor(1, 4, 4), written(64), weights, written(64), window(), kPrecomp,
                                written(4096), workspace_bytes, &kZero, to, written(64));
    }
    void convolve_with_bias(cudnnTensorDescriptor_t bias) const {
        cudnnConvolutionBiasActivationForward(cudnn, &kOne, tensor(1, 4, 4), written(64), filter(1, 1, 3), written(64),
                                              window(), kPrecomp, written(4096), 4096, &kZero, tensor(1, 4, 4),
                                              written(64), bias, written(64), relu(), tensor(1, 4, 4), written(64));
    }
    void reduce(std::size_t workspace_bytes, std::size_t index_bytes = 64) const {
        cudnnReduceTensor(cudnn, highest(), written(64), index_bytes, written(64), workspace_bytes, &kOne, tensor(4),
                          written(16), &kZero, tensor(1), written(64));
    }
    // A vector of 4 times a matrix of 4x4.
    void multiply(const void* matrix) const {
        cublasGemmEx(cublas, CUBLAS_OP_T, CUBLAS_OP_N, 4, 1, 4, &kOne, matrix, CUDA_R_32F, 4, written(16), CUDA_R_32F,
                     4, &kZero, written(16), CUDA_R_32F, 4, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    }
    void capture() const { cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal); }
    cudaGraphExec_t recorded() const {
        void* data = written();
        capture();
        cudaMemsetAsync(data, 1, kBytes, stream);
        cudaGraph_t graph = nullptr;
        cudaStreamEndCapture(stream, &graph);
        cudaGraphExec_t executable = nullptr;
        cudaGraphInstantiate(&executable, graph, 0);
        return executable;
    }

    cudaStream_t stream = nullptr, other = nullptr;
    cudaEvent_t event = nullptr, later = nullptr;
    cudnnHandle_t cudnn = nullptr;
    cublasHandle_t cublas = nullptr;
};

void call_cuda(void*) { (void)cudaGetLastError(); }

struct Misuse {
    const char* name;
    void (*commit)(const Lab&);
    const char* message;
};

const Misuse kMisuses[] = {
    {"a pointer of the stack for one of the device",
     [](const Lab& lab) {
         float local = 0;
         cudaMemsetAsync(&local, 0, sizeof local, lab.stream);
     },
     "cudaMemsetAsync: a pointer that is not of the device is written"},
    {"pinned memory for memory of the device",
     [](const Lab& lab) { cudaMemsetAsync(lab.pinned(), 0, kBytes, lab.stream); },
     "a pointer of the host, not of the device, is written"},
    {"memory of the device for pinned memory",
     [](const Lab& lab) { cudaMemcpyAsync(lab.fresh(), lab.written(), kBytes, cudaMemcpyHostToDevice, lab.stream); },
     "a pointer of the device, not of the host, is read"},
    {"a copy to memory that is not pinned",
     [](const Lab& lab) {
         std::array<char, kBytes> local{};
         cudaMemcpyAsync(local.data(), lab.written(), kBytes, cudaMemcpyDeviceToHost, lab.stream);
     },
     "memory that is not pinned is written"},
    {"use after free",
     [](const Lab& lab) {
         void* data = lab.fresh();
         cudaFree(data);
         cudaMemsetAsync(data, 0, kBytes, lab.stream);
     },
     "memory that was released is written"},
    {"beyond the buffer", [](const Lab& lab) { cudaMemsetAsync(lab.fresh(16), 0, 32, lab.stream); },
     "32 bytes are written where the buffer has only 16"},
    {"a tensor larger than its buffer",
     [](const Lab& lab) { cudnnSetTensor(lab.cudnn, lab.tensor(3, 4, 4), lab.fresh(64), &kOne); },
     "cudnnSetTensor: 192 bytes are written where the buffer has only 64"},
    {"a matrix larger than its buffer", [](const Lab& lab) { lab.multiply(lab.written(60)); },
     "cublasGemmEx: 64 bytes are read where the buffer has only 60"},
    {"memory that nothing wrote",
     [](const Lab& lab) { cudaMemcpyAsync(lab.pinned(), lab.fresh(), kBytes, cudaMemcpyDeviceToHost, lab.stream); },
     "reads device memory that nothing has written"},
    {"a convolution with too small a workspace",
     [](const Lab& lab) { lab.convolve(lab.tensor(1, 4, 4), lab.filter(1, 1, 3), 4095); },
     "a workspace of 4095 bytes where the algorithm needs 4096"},
    {"a convolution whose output has another shape",
     [](const Lab& lab) { lab.convolve(lab.tensor(1, 3, 4), lab.filter(1, 1, 3), 4096); },
     "the output's shape is not that of the convolution"},
    {"a filter of other channels", [](const Lab& lab) { lab.convolve(lab.tensor(1, 4, 4), lab.filter(1, 2, 1), 4096); },
     "the filter's channels are not the input's"},
    {"a bias that is none", [](const Lab& lab) { lab.convolve_with_bias(lab.tensor(2)); }, "not a bias by channel"},
    {"a reduction with too small a workspace", [](const Lab& lab) { lab.reduce(8); }, "a workspace of too few bytes"},
    {"no room for all of a reduction's index", [](const Lab& lab) { lab.reduce(64, 4); }, "no place for the index"},
    {"two streams that write the same bytes",
     [](const Lab& lab) {
         void* data = lab.fresh();
         cudaMemsetAsync(data, 1, kBytes, lab.stream);
         cudaMemsetAsync(data, 2, kBytes, lab.other);
     },
     "work of another stream on the same bytes is not ordered before it"},
    {"one stream reads what another one writes",
     [](const Lab& lab) {
         void* data = lab.fresh();
         cudaMemsetAsync(data, 1, kBytes, lab.stream);
         cudaMemcpyAsync(lab.pinned(), data, kBytes, cudaMemcpyDeviceToHost, lab.other);
         cudaStreamSynchronize(lab.stream);
         cudaStreamSynchronize(lab.other);
     },
     "work of another stream on the same bytes is not ordered before it"},
    {"waiting for a stream that is captured",
     [](const Lab& lab) {
         lab.capture();
         cudaStreamSynchronize(lab.stream);
     },
     "cudaStreamSynchronize: forbidden on a stream that is captured"},
    {"allocating in a capture",
     [](const Lab& lab) {
         lab.capture();
         lab.fresh();
     },
     "cudaMalloc: forbidden while this thread captures a stream"},
    {"asking for an event in a capture",
     [](const Lab& lab) {
         lab.capture();
         cudaEventQuery(lab.event);
     },
     "cudaEventQuery: forbidden while this thread captures a stream"},
    {"recording an event in a capture",
     [](const Lab& lab) {
         lab.capture();
         cudaEventRecord(lab.event, lab.stream);
     },
     "cudaEventRecord: forbidden on a stream that is captured"},
    {"a copy from memory that is not pinned, in a capture",
     [](const Lab& lab) {
         const std::array<char, kBytes> local{};
         void* data = lab.fresh();
         lab.capture();
         cudaMemcpyAsync(data, local.data(), kBytes, cudaMemcpyHostToDevice, lab.stream);
     },
     "memory that is not pinned in a capture"},
    {"a product in a capture without a workspace",
     [](const Lab& lab) {
         void *matrix = lab.written(), *vector = lab.written(), *result = lab.written();
         lab.capture();
         cublasGemmEx(lab.cublas, CUBLAS_OP_T, CUBLAS_OP_N, 4, 1, 4, &kOne, matrix, CUDA_R_32F, 4, vector, CUDA_R_32F,
                      4, &kZero, result, CUDA_R_32F, 4, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
     },
     "it would allocate one in a capture"},
    {"a capture that other threads would notice",
     [](const Lab& lab) { cudaStreamBeginCapture(lab.stream, cudaStreamCaptureModeGlobal); },
     "a capture that is not of this thread alone"},
    {"ending a capture that was not begun",
     [](const Lab& lab) {
         cudaGraph_t graph = nullptr;
         cudaStreamEndCapture(lab.stream, &graph);
     },
     "the stream is not captured"},
    {"a call from a host function", [](const Lab& lab) { cudaLaunchHostFunc(lab.stream, call_cuda, nullptr); },
     "called from a host function"},
    {"a stream that was destroyed",
     [](const Lab& lab) {
         void* data = lab.fresh();
         cudaStreamDestroy(lab.stream);
         cudaMemsetAsync(data, 0, kBytes, lab.stream);
     },
     "the stream was destroyed"},
    {"an event that was destroyed",
     [](const Lab& lab) {
         cudaEventDestroy(lab.event);
         cudaEventRecord(lab.event, lab.stream);
     },
     "the event was destroyed"},
    {"a descriptor that was destroyed",
     [](const Lab& lab) {
         cudnnTensorDescriptor_t tensor = lab.tensor(4);
         cudnnDestroyTensorDescriptor(tensor);
         cudnnSetTensor(lab.cudnn, tensor, lab.fresh(), &kOne);
     },
     "the tensor descriptor was destroyed"},
    {"a handle that was destroyed",
     [](const Lab& lab) {
         cudnnDestroy(lab.cudnn);
         cudnnSetTensor(lab.cudnn, lab.tensor(4), lab.fresh(), &kOne);
     },
     "the cuDNN handle was destroyed"},
    {"a graph that was destroyed",
     [](const Lab& lab) {
         cudaGraphExec_t graph = lab.recorded();
         cudaGraphExecDestroy(graph);
         cudaGraphLaunch(graph, lab.stream);
     },
     "the executable graph was destroyed"},
    {"the default stream", [](const Lab& lab) { cudaMemsetAsync(lab.fresh(), 0, kBytes, nullptr); },
     "the default stream, which waits for all others"},
    {"releasing twice",
     [](const Lab& lab) {
         void* data = lab.fresh();
         cudaFree(data);
         cudaFree(data);
     },
     "cudaFree: released twice"},
    {"releasing the middle of a buffer", [](const Lab& lab) { cudaFree(static_cast<char*>(lab.fresh()) + 8); },
     "cudaFree: not the start of device memory"},
    {"the time of an event that was never recorded",
     [](const Lab& lab) {
         float milliseconds = 0;
         cudaEventElapsedTime(&milliseconds, lab.event, lab.later);
     },
     "an event that was never recorded"},
    {"the time of an event that was not waited for",
     [](const Lab& lab) {
         emulation::hold();
         cudaEventRecord(lab.event, lab.stream);
         cudaEventRecord(lab.later, lab.stream);
         float milliseconds = 0;
         cudaEventElapsedTime(&milliseconds, lab.event, lab.later);
         emulation::let_go();
     },
     "an event that was not waited for"},
    {"the host reads before it has waited",
     [](const Lab& lab) {
         void* here = lab.pinned();
         cudaMemcpyAsync(here, lab.written(), kBytes, cudaMemcpyDeviceToHost, lab.stream);
         emulation::host_reads(here, kBytes);
     },
     "the host reads memory that a stream writes before it has waited"},
    {"a descriptor that was not set",
     [](const Lab& lab) {
         cudnnTensorDescriptor_t tensor = nullptr;
         cudnnCreateTensorDescriptor(&tensor);
         cudnnSetTensor(lab.cudnn, tensor, lab.fresh(), &kOne);
     },
     "a tensor descriptor that was not set"},
    {"an activation of another shape",
     [](const Lab& lab) {
         cudnnActivationForward(lab.cudnn, lab.relu(), &kOne, lab.tensor(4), lab.written(), &kZero, lab.tensor(8),
                                lab.written());
     },
     "cudnnActivationForward: shapes that don't fit"},
    {"writing over the second operand",
     [](const Lab& lab) {
         cudnnOpTensorDescriptor_t operation = nullptr;
         cudnnCreateOpTensorDescriptor(&operation);
         void* second = lab.written();
         cudnnOpTensor(lab.cudnn, operation, &kOne, lab.tensor(4), lab.written(), &kOne, lab.tensor(4), second, &kZero,
                       lab.tensor(4), second);
     },
     "cudnnOpTensor: writes over its second operand"},
    {"strides that overlap",
     [](const Lab& lab) { cudnnSetTensor4dDescriptorEx(lab.tensor(4), CUDNN_DATA_FLOAT, 1, 2, 4, 4, 32, 8, 4, 1); },
     "strides that overlap"},
    {"padding as wide as the window",
     [](const Lab&) {
         cudnnPoolingDescriptor_t pooling = nullptr;
         cudnnCreatePoolingDescriptor(&pooling);
         cudnnSetPooling2dDescriptor(pooling, CUDNN_POOLING_MAX, CUDNN_NOT_PROPAGATE_NAN, 2, 2, 2, 2, 1, 1);
     },
     "padding as wide as the window"},
    {"using a stream for an event",
     [](const Lab& lab) { cudaEventRecord(reinterpret_cast<cudaEvent_t>(lab.other), lab.stream); }, "not a event"},
};

// What the emulation says of it, when all work is done.
std::vector<std::string> violations_of(void (*commit)(const Lab&)) {
    emulation::reset();
    commit(Lab());
    const std::vector<std::string> at_once = emulation::violations();
    emulation::reset();  // which executes what is left
    return at_once;
}

}  // namespace

TEST_CASE("Every planted misuse is caught, with its message", "[emulation]") {
    STATIC_REQUIRE(std::size(kMisuses) >= 20);
    for (const Misuse& misuse : kMisuses) {
        INFO(misuse.name);
        emulation::reset();
        const Lab lab;
        CHECK(emulation::violations().empty());
        misuse.commit(lab);
        // What is only seen when it is executed.
        cudaGraph_t graph = nullptr;
        cudaStreamEndCapture(lab.stream, &graph);
        cudaStreamSynchronize(lab.stream);
        const std::vector<std::string> violations = emulation::violations();
        const auto says = [&](const std::string& text) { return text.find(misuse.message) != std::string::npos; };
        CAPTURE(violations);
        CHECK(std::any_of(violations.begin(), violations.end(), says));
    }
}

TEST_CASE("What is put right is not complained of", "[emulation]") {
    const auto right = [](const Lab& lab) {
        void *data = lab.written(), *here = lab.pinned();
        cudaMemsetAsync(data, 1, kBytes, lab.stream);
        cudaEventRecord(lab.event, lab.stream);
        cudaStreamWaitEvent(lab.other, lab.event, 0);  // ordered by an event
        cudaMemcpyAsync(here, data, kBytes, cudaMemcpyDeviceToHost, lab.other);
        cudaEventRecord(lab.later, lab.other);
        cudaEventSynchronize(lab.later);
        emulation::host_reads(here, kBytes);
        CHECK(static_cast<char*>(here)[kBytes - 1] == 1);
        float milliseconds = 0;
        cudaEventElapsedTime(&milliseconds, lab.event, lab.later);
        CHECK(milliseconds == emulation::kFakeMilliseconds);
        cudaMemsetAsync(data, 2, kBytes, lab.stream);  // ordered by the host's wait
        lab.convolve(lab.tensor(1, 4, 4), lab.filter(1, 1, 3), 4096);
        lab.convolve_with_bias(lab.tensor(1));
        lab.reduce(64);
        lab.multiply(lab.written(64));
        cudaGraphLaunch(lab.recorded(), lab.stream);
        cudaStreamSynchronize(lab.stream);
        cudaFree(data);
        cudaFreeHost(here);
    };
    CHECK(violations_of(right) == std::vector<std::string>{});
}

TEST_CASE("Until it is written, memory that is copied to holds garbage", "[emulation]") {
    emulation::reset();
    const Lab lab;
    void *data = lab.written(), *here = lab.pinned();
    emulation::hold();
    cudaMemcpyAsync(here, data, kBytes, cudaMemcpyDeviceToHost, lab.stream);
    CHECK(static_cast<char*>(here)[0] != 0);
    emulation::let_go();
    cudaStreamSynchronize(lab.stream);
    CHECK(static_cast<char*>(here)[0] == 0);
}

TEST_CASE("What is not released is listed", "[emulation]") {
    emulation::reset();
    CHECK(emulation::leaks().empty());
    const Lab lab;
    lab.fresh();
    lab.fresh();
    lab.pinned();
    CHECK(emulation::leaks() == std::vector<std::string>{"1 x cuBLAS handle", "1 x cuDNN handle", "2 x device memory",
                                                         "2 x event", "1 x pinned memory", "2 x stream"});
}

TEST_CASE("The same seed gives the same numbers, another one too", "[emulation]") {
    for (const std::uint64_t seed : {1, 2, 3}) {
        emulation::reset({.seed = seed});
        const Lab lab;
        void *data = lab.written(), *here = lab.pinned();
        for (int value = 1; value <= 20; ++value) {
            cudaMemsetAsync(data, value, kBytes, lab.stream);
            cudaMemsetAsync(lab.fresh(), value, kBytes, lab.other);
        }
        cudaMemcpyAsync(here, data, kBytes, cudaMemcpyDeviceToHost, lab.stream);
        cudaStreamSynchronize(lab.stream);
        CHECK(static_cast<char*>(here)[0] == 20);
        CHECK(emulation::violations().empty());
    }
}

}  // namespace laxity
