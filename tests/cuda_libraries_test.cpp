// profiler/cuda against NVIDIA's own libraries, as far as they go without a GPU: what is called exists, and descriptors
// can be made as the device makes them. Parts whose library is not installed are not run, and say so.
#include <array>
#include <string>

#include "profiler/cuda/cuda_device.hpp"
#include "profiler/cuda/error.hpp"
#include "profiler/cuda/handles.hpp"
#include "profiler/cuda/libraries.hpp"
#include "profiler/open_device.hpp"
#include "tests/catch.hpp"
#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

#define ENTRY(NAME) #NAME
#define NEVER_FAILS(NAME) #NAME
#define DESCRIPTOR(NAME) "cudnnCreate" #NAME, "cudnnDestroy" #NAME
#define OVERLOADED(NAME, TYPE) #NAME
const std::string kEntryPoints[] = {
#include "tests/cuda_emulation/entry_points.inc"
};

Library library_of(const std::string& function) {
    if (function.starts_with("cudnn")) return Library::kCudnn;
    if (function.starts_with("cublas")) return Library::kCublas;
    if (function.starts_with("cuda")) return Library::kRuntime;
    return function.starts_with("nvml") ? Library::kNvml : Library::kDriver;
}

bool installed(Library library) {
    const std::string missing = why_missing(library);
    if (!missing.empty()) WARN("not run: " << missing);
    return missing.empty();
}

}  // namespace

TEST_CASE("The libraries that are installed have every function that the device calls", "[cuda]") {
    for (const Library library :
         {Library::kDriver, Library::kRuntime, Library::kCudnn, Library::kCublas, Library::kNvml}) {
        if (!installed(library)) continue;
        for (const std::string& function : kEntryPoints) {
            if (library_of(function) == library) CHECK_NOTHROW(find_function(library, function.c_str()));
        }
        CHECK_THROWS_WITH(find_function(library, "noSuchFunction"), ContainsSubstring("no function noSuchFunction"));
    }
}

TEST_CASE("cuDNN takes every descriptor as the device makes it", "[cuda]") {
    if (!installed(Library::kCudnn) || !installed(Library::kRuntime)) return;
    for (const cudnnDataType_t type : {CUDNN_DATA_FLOAT, CUDNN_DATA_HALF}) {
        CHECK_NOTHROW(make_tensor({10, 1, 1}, type));
        CHECK_NOTHROW(make_part({3, 5, 4}, {3, 7, 6}, type));
        CHECK_NOTHROW(make_filter(16, 8, 3, 5, type));
    }
    for (const auto& [mode, ceiling] : {std::pair{CUDNN_ACTIVATION_RELU, 0.0},
                                        {CUDNN_ACTIVATION_SIGMOID, 0.0},
                                        {CUDNN_ACTIVATION_CLIPPED_RELU, 6.0},
                                        {CUDNN_ACTIVATION_IDENTITY, 0.0}})
        CHECK_NOTHROW(make_activation(mode, ceiling));
    const Window vertical{.kernel = 3, .stride = 2, .pad_begin = 1, .pad_end = 1};
    const Window horizontal{.kernel = 5, .stride = 1, .pad_begin = 2, .pad_end = 2};
    for (const auto mode :
         {CUDNN_POOLING_MAX, CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING})
        CHECK_NOTHROW(make_pooling(mode, vertical, horizontal, 1, 2));
    for (const auto operation : {CUDNN_OP_TENSOR_ADD, CUDNN_OP_TENSOR_MUL, CUDNN_OP_TENSOR_MIN, CUDNN_OP_TENSOR_MAX})
        CHECK_NOTHROW(make_operation(operation));
    CHECK_NOTHROW(make_highest());
}

TEST_CASE("cuDNN gives a grouped, strided, padded and dilated convolution the shape that the network has", "[cuda]") {
    if (!installed(Library::kCudnn) || !installed(Library::kRuntime)) return;
    const Window vertical{.kernel = 3, .stride = 2, .dilation = 2, .pad_begin = 1, .pad_end = 1};
    const Window horizontal{.kernel = 5, .stride = 1, .pad_begin = 2, .pad_end = 2};
    const ConvolutionDescriptor convolution = make_convolution(vertical, horizontal, 1, 2, 4);
    for (const cudnnMathType_t math : {CUDNN_FMA_MATH, CUDNN_DEFAULT_MATH, CUDNN_TENSOR_OP_MATH})
        CHECK_NOTHROW(LAXITY_CUDNN(cudnnSetConvolutionMathType, convolution.get(), math));
    const TensorDescriptor input = make_tensor({8, 15, 9}, CUDNN_DATA_FLOAT);
    const FilterDescriptor filter = make_filter(16, 2, 3, 5, CUDNN_DATA_FLOAT);
    std::array<int, 4> shape{};
    LAXITY_CUDNN(cudnnGetConvolution2dForwardOutputDim, convolution.get(), input.get(), filter.get(), &shape[0],
                 &shape[1], &shape[2], &shape[3]);
    CHECK(shape == std::array{1, 16, (15 + 2 - vertical.extent()) / 2 + 1, 9});
}

TEST_CASE("An error of the real cuDNN is one line that names the call, and what it says itself", "[cuda]") {
    if (!installed(Library::kCudnn) || !installed(Library::kRuntime)) return;
    try {
        make_tensor({-1, 1, 1}, CUDNN_DATA_FLOAT);
        FAIL("a tensor of -1 channels");
    } catch (const CallError& error) {
        const std::string text = error.what();
        CHECK(text.find("cudnnSetTensor4dDescriptor (handles.cpp:") == 0);
        CHECK(text.find("CUDNN_STATUS_BAD_PARAM") != std::string::npos);
        CHECK(text.find('\n') == std::string::npos);
        CHECK_FALSE(error.not_supported());
    }
}

TEST_CASE("Where no GPU can be used, one line says what was found", "[cuda]") {
    const std::string reason = why_no_cuda();
    if (reason.empty()) {
        WARN("not run: there is a GPU");
        return;
    }
    CHECK(reason.find('\n') == std::string::npos);
    CHECK_THROWS_AS(open_device("cuda"), InputError);
    CHECK_THROWS_WITH(open_device("cuda"), ContainsSubstring(reason));
    CHECK(open_device("auto")->info().kind == "cpu");
}

}  // namespace laxity::cuda
