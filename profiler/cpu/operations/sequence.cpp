// Operations along time.
#include "profiler/cpu/kernels/along_axis.hpp"
#include "profiler/cpu/kernels/recurrent.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

int compile(ProgramBuilder& b, const CumulativeSum& c) {
    const int from = b.dense(b.input(0)), to = b.new_tensor(b.layer().shape);
    b.emit("cumulative sum", cumulative_sum_kernel(c, b.shape(from)), {from, to});
    return to;
}

int compile(ProgramBuilder& b, const Recurrent& r) {
    std::vector<int> tensors;
    for (std::size_t i = 0; i < b.layer().inputs.size(); ++i) tensors.push_back(b.dense(b.input(i)));
    const Shape x = b.shape(tensors[0]);
    const int to = b.new_tensor(b.layer().shape);
    tensors.insert(tensors.end(), {to, b.new_tensor(Shape{recurrent_scratch(r, x)})});
    b.emit("recurrent", recurrent_kernel(r, x, b.layer().inputs.size() - 1), tensors);
    return to;
}

}  // namespace laxity::cpu
