#include "profiler/cuda/convolution.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

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
          start(make_event(Timing::kOn)),
          end(make_event(Timing::kOn)) {
        for (const Buffer* buffer : {&from, &residual, &to})
            LAXITY_CUDA(cudaMemsetAsync, buffer->data(), 0, buffer->bytes(), queue.stream.get());
    }

    ConvolutionOperands operands() const { return {from.data(), residual.data(), to.data()}; }

    Buffer from, residual, to;
    Event start, end;
};

// The math that is allowed at all.
cudnnMathType_t allowed_math(Precision precision) {
    switch (precision) {
        case Precision::kTf32:
            return CUDNN_DEFAULT_MATH;
        case Precision::kFp16:
            return CUDNN_TENSOR_OP_MATH;
        case Precision::kFp32:
            break;
    }
    return CUDNN_FMA_MATH;
}

// Deterministic ones, fastest first by cuDNN's own timing. It says which math it used; for 32-bit floats that is not
// asked, as the default would allow TF32.
std::vector<Implementation> offered(const Convolution& c, const Options& options, Queue& queue, const Trial& trial) {
    LAXITY_CUDNN(cudnnSetConvolutionMathType, c.window.get(), allowed_math(options.precision));
    queue.reserve(options.workspace_bytes);
    std::array<cudnnConvolutionFwdAlgoPerf_t, 2 * CUDNN_CONVOLUTION_FWD_ALGO_COUNT> found{};
    int count = 0;
    LAXITY_CUDNN(cudnnFindConvolutionForwardAlgorithmEx, queue.cudnn.get(), c.from.get(), trial.from.data(),
                 c.filter.get(), c.weight_data, c.window.get(), c.to.get(), trial.to.data(),
                 static_cast<int>(found.size()), &count, found.data(), queue.workspace.data(), options.workspace_bytes);
    std::vector<Implementation> offers;
    for (const auto& result : std::span(found).first(static_cast<std::size_t>(count))) {
        if (result.status != CUDNN_STATUS_SUCCESS || result.determinism != CUDNN_DETERMINISTIC) continue;
        const Implementation offer{.algorithm = result.algo,
                                   .math = options.precision == Precision::kFp32 ? CUDNN_FMA_MATH : result.mathType};
        const auto is_same = [&](const Implementation& other) {
            return other.algorithm == offer.algorithm && other.math == offer.math;
        };
        if (std::none_of(offers.begin(), offers.end(), is_same)) offers.push_back(offer);
    }
    return offers;
}

// cuDNN fuses a relu with every algorithm, but nothing else than a relu only with one; its operands must be different
// ones.
bool can_fuse(const Convolution& c, const Implementation& how) {
    return !c.adds_input && (c.relu || how.algorithm == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM);
}

// Why an implementation can't be used.
struct Unusable {
    std::string reason;
};

// Executes it that often. Throws Unusable for whatever goes wrong: others may do, as long as the device lives.
void enqueue_runs(int runs, const Convolution& c, const Implementation& how, const Queue& queue, const Trial& trial) {
    try {
        for (int run = 0; run < runs; ++run) enqueue(c, how, queue, trial.operands());
    } catch (const DeviceError& error) {
        throw Unusable{error.what()};
    }
}

// Sets the convolution to that math, and finds what workspace it needs with it. Throws Unusable.
void adopt(const Convolution& c, Implementation& how, const Options& options, const Queue& queue) {
    LAXITY_CUDNN(cudnnSetConvolutionMathType, c.window.get(), how.math);
    try {
        LAXITY_CUDNN(cudnnGetConvolutionForwardWorkspaceSize, queue.cudnn.get(), c.from.get(), c.filter.get(),
                     c.window.get(), c.to.get(), how.algorithm, &how.workspace_bytes);
    } catch (const CallError& error) {
        throw Unusable{error.what()};
    }
    if (how.workspace_bytes > options.workspace_bytes)
        throw Unusable{how.text() + " wants a workspace of " + mebibytes(how.workspace_bytes)};
}

// Milliseconds of one execution, executed as it will be: in a graph, or one call after the other. Throws Unusable.
float time_of(const Convolution& c, const Implementation& how, const Options& options, const Queue& queue,
              const Trial& trial) {
    constexpr int kRuns = 20;
    const auto run_all = [&] { enqueue_runs(kRuns, c, how, queue, trial); };
    enqueue_runs(1, c, how, queue, trial);  // the first call sets it up, which a capture forbids
    const GraphExecutable graph = options.graph ? record(queue.stream, run_all) : nullptr;
    const auto execute = [&] {
        if (graph == nullptr) return run_all();
        LAXITY_CUDA(cudaGraphLaunch, graph.get(), queue.stream.get());
    };
    execute();
    LAXITY_CUDA(cudaEventRecord, trial.start.get(), queue.stream.get());
    execute();
    LAXITY_CUDA(cudaEventRecord, trial.end.get(), queue.stream.get());
    LAXITY_CUDA(cudaEventSynchronize, trial.end.get());
    float milliseconds = 0;
    LAXITY_CUDA(cudaEventElapsedTime, &milliseconds, trial.start.get(), trial.end.get());
    return milliseconds / kRuns;
}

// Keeps the fastest.
class Contest {
public:
    Contest(const Convolution& convolution, const Options& options, const Queue& queue, const Trial& trial)
        : convolution_(convolution), options_(options), queue_(queue), trial_(trial) {}

    // Times it alone and, where that can be, fused; whether one of them works.
    bool enter(Implementation how) {
        bool works = false;
        for (const bool fused : {true, false}) {
            how.fused = fused;
            if (fused && !can_fuse(convolution_, how)) continue;
            try {
                adopt(convolution_, how, options_, queue_);
                const float time = time_of(convolution_, how, options_, queue_, trial_);
                works = true;
                if (time >= best_time_) continue;
                best_ = how;
                best_time_ = time;
            } catch (const Unusable& unusable) {
                LAXITY_CUDA(cudaStreamSynchronize, queue_.stream.get());  // fails if the device is lost
                why_not_ = unusable.reason;
            }
        }
        return works;
    }

    const std::optional<Implementation>& best() const { return best_; }
    const std::string& why_not() const { return why_not_; }  // of the last one that does not work

private:
    const Convolution& convolution_;
    const Options& options_;
    const Queue& queue_;
    const Trial& trial_;
    std::optional<Implementation> best_;
    float best_time_ = std::numeric_limits<float>::infinity();
    std::string why_not_;
};

}  // namespace

std::string Implementation::text() const {
    const char* kind = math == CUDNN_FMA_MATH ? "" : math == CUDNN_DEFAULT_MATH ? ", default math" : ", tensor cores";
    return std::string(name_of(algorithm)) + kind + (fused ? ", fused" : "");
}

void enqueue(const Convolution& convolution, const Implementation& implementation, const Queue& queue,
             const ConvolutionOperands& operands) {
    (implementation.fused ? enqueue_fused : enqueue_parts)(convolution, implementation, queue, operands);
}

Implementation choose_implementation(const Convolution& convolution, const Options& options, Queue& queue) {
    constexpr int kEnough = 4;  // of those that work
    const Trial trial(convolution, queue);
    const std::vector<Implementation> offers = offered(convolution, options, queue, trial);
    Contest contest(convolution, options, queue, trial);
    int working = 0;
    for (auto offer = offers.begin(); offer != offers.end() && working < kEnough; ++offer)
        working += contest.enter(*offer) ? 1 : 0;
    if (!contest.best()) {
        throw NoImplementation(
            "has no deterministic implementation in cuDNN within a workspace of " + mebibytes(options.workspace_bytes) +
            "; --device cuda:workspace=MiB allows more" +
            (contest.why_not().empty() ? "" : " (the last that was tried: " + contest.why_not() + ")"));
    }
    LAXITY_CUDNN(cudnnSetConvolutionMathType, convolution.window.get(), contest.best()->math);
    LAXITY_CUDA(cudaStreamSynchronize, queue.stream.get());
    return *contest.best();
}

}  // namespace laxity::cuda
