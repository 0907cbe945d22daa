// The table of operations: how each is compiled, one overload each, in operations/. Internal to profiler/cpu.
//
// An overload emits the steps of the builder's current layer and returns the tensor that holds its output, in whatever
// layout suits. The layer's activation is applied by the builder afterwards, unless a primitive was emitted with it
// (Fused). oneDNN's implementations are preferred unless they are its reference code.
#pragma once

#include "profiler/cpu/program_builder.hpp"

namespace laxity::cpu {

// operation                                                 // oneDNN                            our own kernel
int compile(ProgramBuilder& b, const Convolution& c);    // convolution, deconvolution        columns, rows
int compile(ProgramBuilder& b, const Dense& d);          // inner product                     -
int compile(ProgramBuilder& b, const MatMul& m);         // matmul                            products
int compile(ProgramBuilder& b, const Pooling& p);        // pooling                           windows
int compile(ProgramBuilder& b, const Unary& u);          // eltwise                           elementwise
int compile(ProgramBuilder& b, const Binary& o);         // binary                            binary
int compile(ProgramBuilder& b, const Select& s);         // -                                 select
int compile(ProgramBuilder& b, const Reduce& r);         // pooling of all pixels             reduce, extreme
int compile(ProgramBuilder& b, const Softmax& s);        // softmax                           -
int compile(ProgramBuilder& b, const Normalise& n);      // layer normalisation               normalise
int compile(ProgramBuilder& b, const LocalResponse& l);  // lrn                               local response
int compile(ProgramBuilder& b, const Resample& r);       // -                                 taps
int compile(ProgramBuilder& b, const Reshape& r);        // reorder, where it is not free     copy
int compile(ProgramBuilder& b, const StridedView& v);           // reorder, where it is not free     copy
int compile(ProgramBuilder& b, const Gather& g);         // -                                 gather
int compile(ProgramBuilder& b, const Pad& p);            // -                                 pad, gather
int compile(ProgramBuilder& b, const Concat& c);         // concat                            concat
int compile(ProgramBuilder& b, const CumulativeSum& c);  // -                                 cumulative sum
int compile(ProgramBuilder& b, const Recurrent& r);      // -                                 recurrent

}  // namespace laxity::cpu
