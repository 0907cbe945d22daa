#include "profiler/cpu/eltwise.hpp"

#include "profiler/cpu/dnnl_api.hpp"

namespace laxity::cpu {

std::vector<Eltwise> eltwise_of(const Elementwise& f) {
    using dnnl::algorithm;
    switch (f.function) {
        case Function::kNegate:
            return {{algorithm::eltwise_linear, -1, 0}};
        case Function::kAbsolute:
            return {{algorithm::eltwise_abs}};
        case Function::kSquare:
            return {{algorithm::eltwise_square}};
        case Function::kSquareRoot:
            return {{algorithm::eltwise_sqrt}};
        case Function::kExponential:
            return {{algorithm::eltwise_exp}};
        case Function::kLogarithm:
            return {{algorithm::eltwise_log}};
        case Function::kLinear:
            return {{algorithm::eltwise_linear, f.alpha, f.beta}};
        case Function::kClip:
            return {{algorithm::eltwise_clip, f.alpha, f.beta}};
        case Function::kRelu:
            return {{algorithm::eltwise_relu}};
        case Function::kLeakyRelu:
            return {{algorithm::eltwise_relu, f.alpha}};
        case Function::kElu:
            return {{algorithm::eltwise_elu, f.alpha}};
        case Function::kSelu:
            return {{algorithm::eltwise_elu, f.alpha}, {algorithm::eltwise_linear, f.beta, 0}};
        case Function::kCelu:
            return {{algorithm::eltwise_linear, 1 / f.alpha, 0},
                    {algorithm::eltwise_elu, 1},
                    {algorithm::eltwise_linear, f.alpha, 0}};
        case Function::kHardSigmoid:
            return {{algorithm::eltwise_linear, f.alpha, f.beta}, {algorithm::eltwise_clip, 0, 1}};
        case Function::kSigmoid:
            return {{algorithm::eltwise_logistic}};
        case Function::kTanh:
            return {{algorithm::eltwise_tanh}};
        case Function::kSoftplus:
            return {{algorithm::eltwise_soft_relu, kSoftplusAlpha}};
        case Function::kMish:
            return {{algorithm::eltwise_mish}};
        case Function::kHardSwish:
            return {{algorithm::eltwise_hardswish, kHardSwishAlpha, kHardSwishBeta}};
        case Function::kSwish:
            return {{algorithm::eltwise_swish, f.alpha}};
        case Function::kGeluErf:
            return {{algorithm::eltwise_gelu_erf}};
        case Function::kGeluTanh:
            return {{algorithm::eltwise_gelu_tanh}};
        default:
            return {};
    }
}

}  // namespace laxity::cpu
