// Owners of what CUDA, cuDNN and cuBLAS hand out. Releasing never throws: after an error of the device that stays,
// releases fail too and there is nothing left to do about it.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "profiler/network/network.hpp"

namespace laxity::cuda {

// Shared, so that the steps of a program can be copied around with what they use.
template <class Handle>
using Shared = std::shared_ptr<std::remove_pointer_t<Handle>>;

using Stream = Shared<cudaStream_t>;
using Event = Shared<cudaEvent_t>;
using GraphExecutable = Shared<cudaGraphExec_t>;
using CudnnHandle = Shared<cudnnHandle_t>;
using CublasHandle = Shared<cublasHandle_t>;
using TensorDescriptor = Shared<cudnnTensorDescriptor_t>;
using FilterDescriptor = Shared<cudnnFilterDescriptor_t>;
using ConvolutionDescriptor = Shared<cudnnConvolutionDescriptor_t>;
using ActivationDescriptor = Shared<cudnnActivationDescriptor_t>;
using PoolingDescriptor = Shared<cudnnPoolingDescriptor_t>;
using ReduceDescriptor = Shared<cudnnReduceTensorDescriptor_t>;

// Makes later calls of this thread go to that device.
void use_device(int device);

Stream make_stream(int priority);  // lower numbers are more urgent
enum class Timing { kOff, kOn };
Event make_event(Timing timing);
CudnnHandle make_cudnn(const Stream& stream);
CublasHandle make_cublas(const Stream& stream);
// What `enqueue` puts into the stream, recorded instead of executed.
GraphExecutable record(const Stream& stream, const std::function<void()>& enqueue);

// Images as cuDNN has them: batch, channels, height, width.
struct Images {
    int batch = 1, channels = 1, height = 1, width = 1;
};
// Without gaps.
TensorDescriptor make_tensor(const Images& images, cudnnDataType_t type);
FilterDescriptor make_filter(int outputs, int inputs, int height, int width, cudnnDataType_t type);
// Computes in 32-bit floats. Padding is the same on both sides.
ConvolutionDescriptor make_convolution(const Window& vertical, const Window& horizontal, int vertical_padding,
                                       int horizontal_padding, int groups);
ActivationDescriptor make_activation(cudnnActivationMode_t mode, double ceiling = 0);
PoolingDescriptor make_pooling(cudnnPoolingMode_t mode, const Window& vertical, const Window& horizontal,
                               int vertical_padding, int horizontal_padding);
ReduceDescriptor make_highest();  // the largest element and its flat index

// Memory of the device (as it is), or pinned memory of the host that the device copies from and to (zeroed).
class Buffer {
public:
    enum class Place { kDevice, kHost };

    Buffer() = default;
    // Throws OutOfMemory saying how much was asked for what, and how much is free.
    Buffer(Place place, std::size_t bytes, const std::string& what);

    std::byte* data() const { return data_.get(); }
    std::size_t bytes() const { return bytes_; }

private:
    std::shared_ptr<std::byte> data_;
    std::size_t bytes_ = 0;
};

}  // namespace laxity::cuda
