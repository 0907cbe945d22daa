// Operations that our own kernels run.
#include "profiler/cuda/compiler.hpp"

namespace laxity::cuda {

namespace {

using kernels::Index;

kernels::Map map_of(const Elementwise& function) {
    return {static_cast<int>(function.function), function.alpha, function.beta};
}

kernels::Axes axes_of(const Shape& shape) {
    kernels::Axes axes{shape.rank(), {}};
    std::copy(shape.extents().begin(), shape.extents().end(), axes.extent);
    return axes;
}

template <class Strides>
void set_strides(Index* to, const Strides& strides) {
    std::copy(strides.begin(), strides.end(), to);
}

// The axes of a shape that are reduced, or the others.
std::vector<int> complement(const std::vector<int>& axes, int rank) {
    std::vector<int> others;
    for (int axis = 0; axis < rank; ++axis) {
        if (std::find(axes.begin(), axes.end(), axis) == axes.end()) others.push_back(axis);
    }
    return others;
}

void select_axes(const Shape& shape, const std::vector<int>& chosen, kernels::Axes& axes) {
    for (const int axis : chosen) axes.extent[axes.rank++] = shape[axis];
}

void select_strides(const std::vector<std::int64_t>& strides, const std::vector<int>& chosen, Index* to) {
    for (const int axis : chosen) *to++ = strides[static_cast<std::size_t>(axis)];
}

Index extent_of(const Shape& shape, const std::vector<int>& chosen) {
    Index elements = 1;
    for (const int axis : chosen) elements *= shape[axis];
    return elements;
}

Index inner_of(const Shape& shape, int axis) { return shape.elements(axis + 1, shape.rank()); }

kernels::Element element_of(cudnnDataType_t type) {
    return type == CUDNN_DATA_HALF ? kernels::kHalf : kernels::kFloat;
}

void set_windows(kernels::WindowParameters& p, const std::vector<Window>& windows, const Shape& from, const Shape& to) {
    const int first = 3 - static_cast<int>(windows.size());
    for (int axis = first; axis < 3; ++axis) {
        const Window& window = windows[static_cast<std::size_t>(axis - first)];
        p.from[axis] = static_cast<int>(from[axis - first + 2]);
        p.to[axis] = static_cast<int>(to[axis - first + 2]);
        p.kernel[axis] = window.kernel;
        p.stride[axis] = window.stride;
        p.dilation[axis] = window.dilation;
        p.pad[axis] = window.pad_begin;
        p.pad_end[axis] = window.pad_end;
    }
}

}  // namespace

kernels::Map Compiler::activation() const { return now().activation ? map_of(*now().activation) : kernels::Map{}; }

CUfunction Compiler::kernel(const char* name) {
    if (program_.kernels == nullptr) program_.kernels = std::make_shared<OwnKernels>(options_.device);
    return program_.kernels->function(name);
}

template <class Parameters>
void Compiler::launch(const char* name, Parameters p, const std::vector<int>& operands, Team team) {
    std::vector<std::pair<std::size_t, int>> bound;  // operands that a slot or a lane has
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (operands[i] < 0) continue;
        const DeviceTensor& t = tensor(operands[i]);
        p.common.operand[i] = {t.constant, static_cast<Index>(t.bytes()), element_of(t.type)};
        if (t.storage >= 0) bound.emplace_back(i, t.storage);
    }
    emit(operands, [p, bound, team, function = kernel(name)](const Operands& o) {
        Parameters now = p;
        for (const auto& [operand, storage] : bound)
            now.common.operand[operand].data = o.storages[static_cast<std::size_t>(storage)];
        OwnKernels::launch(function, &now, now.common.count, team, o.queue.stream);
    });
}

int Compiler::elementwise(const std::vector<int>& inputs, kernels::ElementwiseParameters p, int to) {
    const Shape shape = tensor(to).shape;
    p.axes = axes_of(shape);
    p.inputs = static_cast<int>(inputs.size());
    p.common.count = shape.elements();
    set_strides(p.stride[0], shape.strides());
    std::vector<int> operands = {to};
    for (const int input : inputs) {
        set_strides(p.stride[operands.size()], broadcast_strides(tensor(input).shape, shape));
        operands.push_back(input);
    }
    launch("elementwise", p, operands);
    return to;
}

int Compiler::compile(const Unary& unary) {
    kernels::ElementwiseParameters p;
    p.function = map_of(unary.function);
    p.common.activation = activation();
    return elementwise({source(0)}, p, new_tensor(now().shape));
}

int Compiler::compile(const Binary& binary) {
    kernels::ElementwiseParameters p;
    p.combination = kernels::kBinary;
    p.binary = static_cast<int>(binary.kind);
    p.common.activation = activation();
    return elementwise({source(0), source(1)}, p, new_tensor(now().shape));
}

int Compiler::compile(const Select&) {
    kernels::ElementwiseParameters p;
    p.combination = kernels::kSelect;
    p.common.activation = activation();
    return elementwise({source(0), source(1), source(2)}, p, new_tensor(now().shape));
}

void Compiler::finish(int to, int bias, int residual) {
    if (bias < 0 && residual < 0 && !now().activation) return;
    kernels::ElementwiseParameters p;
    p.combination = kernels::kSum;
    p.common.activation = activation();
    std::vector<int> inputs = {to};
    for (const int t : {bias, residual}) {
        if (t >= 0) inputs.push_back(t);
    }
    elementwise(inputs, p, to);
}

void Compiler::convert_elements(int from, int to) { elementwise({from}, {}, to); }

int Compiler::compile(const StridedView& view) {
    const int to = new_tensor(now().shape, tensor(source(0)).type);
    kernels::ElementwiseParameters p;
    p.axes = axes_of(now().shape);
    p.common.count = now().shape.elements();
    p.offset[1] = view.offset;
    set_strides(p.stride[0], now().shape.strides());
    set_strides(p.stride[1], view.strides);
    launch("elementwise", p, {to, source(0)});
    return to;
}

int Compiler::compile(const Concat& concat) {
    const int to = new_tensor(now().shape);
    Index offset = 0;
    for (std::size_t i = 0; i < now().inputs.size(); ++i) {
        const Shape part = shape_of(i);
        kernels::ElementwiseParameters p;
        p.axes = axes_of(part);
        p.common.count = part.elements();
        p.common.activation = activation();
        p.offset[0] = offset;
        set_strides(p.stride[0], now().shape.strides());
        set_strides(p.stride[1], part.strides());
        launch("elementwise", p, {to, source(i)});
        offset += part[concat.axis] * inner_of(now().shape, concat.axis);
    }
    return to;
}

int Compiler::compile(const Gather& gather) {
    const int to = new_tensor(now().shape);
    const std::vector<int> table(gather.indices.begin(), gather.indices.end());
    kernels::GatherParameters p;
    p.common.count = now().shape.elements();
    p.common.activation = activation();
    p.common.operand[2] = {upload(table.data(), table.size() * sizeof(int)),
                           static_cast<Index>(table.size() * sizeof(int)), kernels::kInteger};
    p.indices = static_cast<Index>(table.size());
    p.extent = shape_of(0)[gather.axis];
    p.inner = inner_of(shape_of(0), gather.axis);
    launch("gather", p, {to, source(0)});
    return to;
}

int Compiler::pad_with(int t, const Pad& pad, const Shape& shape) {
    const Shape from = tensor(t).shape;
    const int to = new_tensor(shape);
    kernels::PadParameters p;
    p.common.count = shape.elements();
    p.axes = axes_of(shape);
    set_strides(p.from, from.extents());
    set_strides(p.before, pad.before);
    set_strides(p.stride, from.strides());
    p.kind = static_cast<int>(pad.kind);
    p.value = pad.value;
    if (now().as<Pad>() != nullptr) p.common.activation = activation();
    launch("pad", p, {to, t});
    return to;
}

int Compiler::compile(const Pad& pad) { return pad_with(source(0), pad, now().shape); }

int Compiler::compile(const Reduce& reduce) {
    const Shape from = shape_of(0);
    const int to = new_tensor(now().shape);
    const std::vector<int> kept = complement(reduce.axes, from.rank());
    kernels::ReduceParameters p;
    p.common.count = extent_of(from, kept);
    p.common.activation = activation();
    select_axes(from, kept, p.kept);
    select_axes(from, reduce.axes, p.reduced);
    select_strides(from.strides(), kept, p.kept_stride);
    select_strides(from.strides(), reduce.axes, p.reduced_stride);
    p.elements = extent_of(from, reduce.axes);
    p.kind = static_cast<int>(reduce.kind);
    launch("reduce", p, {to, source(0)}, Team::kWarp);
    return to;
}

int Compiler::compile(const Softmax& softmax) {
    const Shape shape = now().shape;
    const int to = new_tensor(shape);
    kernels::SoftmaxParameters p;
    p.common.count = shape.elements() / shape[softmax.axis];
    p.common.activation = activation();
    p.extent = shape[softmax.axis];
    p.inner = inner_of(shape, softmax.axis);
    p.logarithm = softmax.logarithm ? 1 : 0;
    launch("softmax", p, {to, source(0)}, Team::kWarp);
    return to;
}

int Compiler::compile(const Normalise& n) {
    const Shape shape = now().shape;
    const int to = new_tensor(shape);
    const std::vector<int> kept = complement(n.axes, shape.rank());
    kernels::NormaliseParameters p;
    p.common.count = extent_of(shape, kept);
    p.common.activation = activation();
    select_axes(shape, kept, p.kept);
    select_axes(shape, n.axes, p.reduced);
    p.elements = extent_of(shape, n.axes);
    p.kind = static_cast<int>(n.kind);
    p.epsilon = n.epsilon;
    std::vector<int> operands = {to, source(0), n.scale.empty() ? -1 : new_constant(n.scale, CUDNN_DATA_FLOAT),
                                 n.bias.empty() ? -1 : new_constant(n.bias, CUDNN_DATA_FLOAT)};
    for (std::size_t t = 1; t < operands.size(); ++t) {
        if (operands[t] < 0) continue;
        const std::vector<std::int64_t> strides = broadcast_strides(tensor(operands[t]).shape, shape);
        select_strides(strides, kept, p.kept_stride[t - 1]);
        select_strides(strides, n.axes, p.reduced_stride[t - 1]);
    }
    launch("normalise", p, operands, Team::kWarp);
    return to;
}

int Compiler::compile(const LocalResponse& response) {
    const int to = new_tensor(now().shape);
    kernels::LocalResponseParameters p;
    p.common.count = now().shape.elements();
    p.common.activation = activation();
    p.channels = now().shape[1];
    p.inner = inner_of(now().shape, 1);
    p.size = response.size;
    p.alpha = response.alpha;
    p.beta = response.beta;
    p.bias = response.bias;
    launch("local_response", p, {to, source(0)});
    return to;
}

int Compiler::compile(const Resample& resample) {
    int from = source(0);
    for (const Taps& taps : resample.axes) {
        const Shape before = tensor(from).shape;
        const auto outputs = static_cast<Index>(taps.index.size()) / taps.count;
        const Shape shape = before.with(taps.axis, outputs);
        const int to = new_tensor(shape);
        kernels::TapsParameters p;
        p.common.count = shape.elements();
        if (&taps == &resample.axes.back()) p.common.activation = activation();
        const std::size_t bytes = taps.index.size() * sizeof(std::int32_t);
        p.common.operand[2] = {upload(taps.index.data(), bytes), static_cast<Index>(bytes), kernels::kInteger};
        p.common.operand[3] = {upload(taps.weight, CUDNN_DATA_FLOAT), static_cast<Index>(bytes), kernels::kFloat};
        p.inner = inner_of(shape, taps.axis);
        p.from = before[taps.axis];
        p.to = outputs;
        p.taps = taps.count;
        launch("taps", p, {to, from});
        from = to;
    }
    if (resample.axes.empty()) return elementwise({from}, {}, new_tensor(now().shape));
    return from;
}

int Compiler::compile(const CumulativeSum& sum) {
    const Shape shape = now().shape;
    const int to = new_tensor(shape);
    kernels::CumulativeSumParameters p;
    p.common.count = shape.elements() / shape[sum.axis];
    p.common.activation = activation();
    p.extent = shape[sum.axis];
    p.inner = inner_of(shape, sum.axis);
    p.exclusive = sum.exclusive ? 1 : 0;
    p.reverse = sum.reverse ? 1 : 0;
    launch("cumulative_sum", p, {to, source(0)});
    return to;
}

// Biases and peepholes are one tensor, in this order.
int Compiler::compile(const Recurrent& r) {
    const Shape x = shape_of(0);
    kernels::RecurrentParameters p;
    p.kind = static_cast<int>(r.kind);
    p.directions = r.direction == Direction::kBidirectional ? 2 : 1;
    p.time = static_cast<int>(x[0]);
    p.batch = static_cast<int>(x[1]);
    p.inputs = static_cast<int>(x[2]);
    p.hidden = r.hidden;
    p.reverse_first = r.direction == Direction::kReverse ? 1 : 0;
    p.has_bias = r.bias.empty() ? 0 : 1;
    p.has_peepholes = r.peepholes.empty() ? 0 : 1;
    p.linear_before_reset = r.linear_before_reset ? 1 : 0;
    p.clip = r.clip;
    for (std::size_t i = 0; i < r.activations.size(); ++i) p.activation[i] = map_of(r.activations[i]);
    p.common.count = Index{p.directions} * p.batch;
    std::vector<float> more;
    for (const Weights* w : {&r.bias, &r.peepholes}) {
        if (!w->empty()) more.insert(more.end(), w->values->begin(), w->values->end());
    }
    const auto extras = static_cast<std::int64_t>(more.size());
    const int to = new_tensor(now().shape);
    const int scratch = new_tensor(Shape{p.common.count, p.hidden}, CUDNN_DATA_FLOAT);
    launch("recurrent", p,
           {to, source(0), now().inputs.size() > 1 ? source(1) : -1, now().inputs.size() > 2 ? source(2) : -1,
            new_constant(r.input_weights, type_), new_constant(r.recurrent_weights, type_),
            more.empty() ? -1 : new_constant(make_weights(Shape{extras}, std::move(more)), CUDNN_DATA_FLOAT), scratch},
           Team::kBlock);
    finish(to, -1, -1);
    return to;
}

int Compiler::own_convolution(const laxity::Convolution& c) {
    const int to = new_tensor(now().shape), groups = c.groups;
    kernels::WindowParameters p;
    set_windows(p, c.windows, shape_of(0), now().shape);
    p.common.count = now().shape.elements();
    p.common.activation = activation();
    p.channels = now().shape[1];
    p.group_inputs = static_cast<int>(shape_of(0)[1]) / groups;
    p.group_outputs = static_cast<int>(p.channels) / groups;
    p.transposed = c.transposed ? 1 : 0;
    program_.implementations.push_back(now().name + ": own kernel");
    launch("convolution", p,
           {to, source(0), new_constant(c.weights, type_), c.bias.empty() ? -1 : new_constant(c.bias, type_),
            now().inputs.size() > 1 ? source(1) : -1});
    return to;
}

int Compiler::own_pooling(const Pooling& pooling) {
    const int to = new_tensor(now().shape);
    kernels::WindowParameters p;
    set_windows(p, pooling.windows, shape_of(0), now().shape);
    for (std::size_t i = 0; i < pooling.ceil_surplus.size(); ++i)
        p.pad_end[3 - pooling.windows.size() + i] -= pooling.ceil_surplus[i];
    p.common.count = now().shape.elements();
    p.common.activation = activation();
    p.channels = now().shape[1];
    p.kind = static_cast<int>(pooling.kind);
    p.count_padding = pooling.count_padding ? 1 : 0;
    launch("pooling", p, {to, source(0)});
    return to;
}

}  // namespace laxity::cuda
