// A pipeline: the chain pre-processing (host), inference (accelerator), post-processing (host) that serves one job of a
// task, as RT-mDL has it (Ling et al., SenSys 2021). Its trace has three stages, and only the last ends in an exit: the
// answer exists after post-processing.
#pragma once

#include "traces/trace.hpp"

namespace laxity {

inline constexpr int kPipelineStages = 3;
inline constexpr int kInferenceStage = 1;

// The trace of the pipeline around a measured network whose inference runs the network up to `exit` and answers with
// it. Inference is one stage: row k takes the sum of row k of those stages, so what one stage's time says of the next
// one's is kept. The host's rows are paired with them in turn. Weights, work and energy are the sums of the stages; the
// slowdown of co-running is their mean, weighted by their mean times, and 1 for the host's stages.
// `network.host` must hold measurements.
Trace pipeline_trace(const Trace& network, int exit);

// Stages up to the first exit: less than these gives no answer, so they are mandatory.
int stages_to_first_exit(const Trace& trace);

}  // namespace laxity
