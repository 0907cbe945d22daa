#include "profiler/cuda/convolution.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "profiler/cuda/error.hpp"

namespace laxity::cuda {

namespace {

constexpr float kOne = 1, kZero = 0;

const char* name_of(cudnnConvolutionFwdAlgo_t algorithm) {
    constexpr std::array kNames = {"IMPLICIT_GEMM", "IMPLICIT_PRECOMP_GEMM", "GEMM", "DIRECT", "FFT", "FFT_TILING",
                                   "WINOGRAD",      "WINOGRAD_NONFUSED"};
    const auto index = static_cast<std::size_t>(algorithm);
    return index < kNames.size() ? kNames[index] : "unknown algorithm";
}

void enqueue_fused(const Convolution& c, const Implementation& how, const Queue& queue,
                   const ConvolutionOperands& operands) {
    const float residual_factor = c.residual ? 1 : 0;
    const std::byte* residual = c.residual ? operands.residual : operands.to;
    LAXITY_CUDNN(cudnnConvolutionBiasActivationForward, queue.cudnn.get(), &kOne, c.from.get(), operands.from,
                 c.filter.get(), c.weight_data, c.window.get(), how.algorithm, queue.workspace.data(),
                 how.workspace_bytes, &residual_factor, c.to.get(), residual, c.bias.get(), c.bias_data,
                 c.activation.get(), c.to.get(), operands.to);
}

void enqueue_parts(const Convolution& c, const Implementation& how, const Queue& queue,
                   const ConvolutionOperands& operands) {
    cudnnHandle_t cudnn = queue.cudnn.get();
    LAXITY_CUDNN(cudnnConvolutionForward, cudnn, &kOne, c.from.get(), operands.from, c.filter.get(), c.weight_data,
                 c.window.get(), how.algorithm, queue.workspace.data(), how.workspace_bytes, &kZero, c.to.get(),
                 operands.to);
    LAXITY_CUDNN(cudnnAddTensor, cudnn, &kOne, c.bias.get(), c.bias_data, &kOne, c.to.get(), operands.to);
    if (c.residual) {
        LAXITY_CUDNN(cudnnAddTensor, cudnn, &kOne, c.to.get(), operands.residual, &kOne, c.to.get(), operands.to);
    }
    if (!c.relu) return;
    LAXITY_CUDNN(cudnnActivationForward, cudnn, c.activation.get(), &kOne, c.to.get(), operands.to, &kZero, c.to.get(),
                 operands.to);
}

// Memory for trying implementations: zeros, as good as any numbers.
struct Trial {
    Trial(const Convolution& c, const Queue& queue)
        : from(Buffer::Place::kDevice, c.from_bytes, "choosing an implementation of '" + c.layer + "'"),
          residual(Buffer::Place::kDevice, c.to_bytes, "choosing an implementation of '" + c.layer + "'"),
          to(Buffer::Place::kDevice, c.to_bytes, "choosing an implementation of '" + c.layer + "'"),
          start(make_event()),
          end(make_event()) {
        for (const Buffer* buffer : {&from, &residual, &to})
            LAXITY_CUDA(cudaMemsetAsync, buffer->data(), 0, buffer->bytes(), queue.stream.get());
    }

    ConvolutionOperands operands() const { return {from.data(), residual.data(), to.data()}; }

    Buffer from, residual, to;
    Event start, end;
};

// In which an implementation that cuDNN found is executed. The default allows TF32, also where it was found without.
cudnnMathType_t math_of(const cudnnConvolutionFwdAlgoPerf_t& found, Precision precision) {
    return precision == Precision::kFp32 ? CUDNN_FMA_MATH : found.mathType;
}

std::vector<Implementation> offered(const Convolution& c, const Options& options, Queue& queue, const Trial& trial) {
    queue.reserve(options.workspace_bytes);
    std::array<cudnnConvolutionFwdAlgoPerf_t, 2 * CUDNN_CONVOLUTION_FWD_ALGO_COUNT> found{};
    int count = 0;
    LAXITY_CUDNN(cudnnFindConvolutionForwardAlgorithmEx, queue.cudnn.get(), c.from.get(), trial.from.data(),
                 c.filter.get(), c.weight_data, c.window.get(), c.to.get(), trial.to.data(),
                 static_cast<int>(found.size()), &count, found.data(), queue.workspace.data(), options.workspace_bytes);
    std::vector<Implementation> offers;
    for (const auto& result : std::span(found).first(static_cast<std::size_t>(count))) {
        const bool usable = result.status == CUDNN_STATUS_SUCCESS && result.determinism == CUDNN_DETERMINISTIC &&
                            result.memory <= options.workspace_bytes;
        const Implementation offer{result.algo, math_of(result, options.precision), result.memory, false};
        const auto is_same = [&](const Implementation& other) {
            return other.algorithm == offer.algorithm && other.math == offer.math;
        };
        if (usable && std::none_of(offers.begin(), offers.end(), is_same)) offers.push_back(offer);
    }
    return offers;
}

// cuDNN fuses a relu with every algorithm, but nothing else than a relu only with one.
std::vector<Implementation> candidates(const Convolution& c, const std::vector<Implementation>& offers) {
    constexpr std::size_t kMost = 4;  // cuDNN sorts them by its own timing
    std::vector<Implementation> all;
    for (const Implementation& offer : std::span(offers).first(std::min(kMost, offers.size()))) {
        Implementation fused = offer;
        fused.fused = true;
        if (c.relu || offer.algorithm == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM) all.push_back(fused);
        all.push_back(offer);
    }
    return all;
}

// Milliseconds of one execution; nothing if cuDNN refuses it after all.
std::optional<float> time_of(const Convolution& c, const Implementation& how, const Queue& queue, const Trial& trial) {
    constexpr int kWarmUps = 3, kRuns = 20;
    LAXITY_CUDNN(cudnnSetConvolutionMathType, c.window.get(), how.math);
    try {
        for (int run = 0; run < kWarmUps; ++run) enqueue(c, how, queue, trial.operands());
    } catch (const CallError& error) {
        if (error.refused()) return {};
        throw;
    }
    LAXITY_CUDA(cudaEventRecord, trial.start.get(), queue.stream.get());
    for (int run = 0; run < kRuns; ++run) enqueue(c, how, queue, trial.operands());
    LAXITY_CUDA(cudaEventRecord, trial.end.get(), queue.stream.get());
    LAXITY_CUDA(cudaEventSynchronize, trial.end.get());
    float milliseconds = 0;
    LAXITY_CUDA(cudaEventElapsedTime, &milliseconds, trial.start.get(), trial.end.get());
    return milliseconds / kRuns;
}

}  // namespace

std::string Implementation::text() const {
    return std::string(name_of(algorithm)) + (math == CUDNN_FMA_MATH ? "" : ", tensor cores") +
           (fused ? ", fused" : "");
}

void enqueue(const Convolution& convolution, const Implementation& implementation, const Queue& queue,
             const ConvolutionOperands& operands) {
    (implementation.fused ? enqueue_fused : enqueue_parts)(convolution, implementation, queue, operands);
}

std::optional<Implementation> choose_implementation(const Convolution& convolution, const Options& options,
                                                    Queue& queue) {
    const Trial trial(convolution, queue);
    std::optional<Implementation> best;
    float best_time = std::numeric_limits<float>::infinity();
    // The math that is allowed at all; what cuDNN finds says which it used.
    const cudnnMathType_t allowed = options.precision == Precision::kFp32   ? CUDNN_FMA_MATH
                                    : options.precision == Precision::kTf32 ? CUDNN_DEFAULT_MATH
                                                                            : CUDNN_TENSOR_OP_MATH;
    LAXITY_CUDNN(cudnnSetConvolutionMathType, convolution.window.get(), allowed);
    for (const Implementation& how : candidates(convolution, offered(convolution, options, queue, trial))) {
        const std::optional<float> time = time_of(convolution, how, queue, trial);
        if (!time || *time >= best_time) continue;
        best = how;
        best_time = *time;
    }
    if (best) LAXITY_CUDNN(cudnnSetConvolutionMathType, convolution.window.get(), best->math);
    LAXITY_CUDA(cudaStreamSynchronize, queue.stream.get());
    return best;
}

}  // namespace laxity::cuda
