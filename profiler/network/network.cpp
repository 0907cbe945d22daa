#include "profiler/network/network.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "profiler/network/shape_error.hpp"
#include "traces/base/error.hpp"
#include "traces/outcome.hpp"

namespace laxity {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

constexpr int kNoStage = -1;

// Builds the stages of one network. Its members are filled in by the steps of run(), in that order.
class Cutter {
public:
    Cutter(const std::string& file, std::vector<Layer> layers, std::vector<int> exits)
        : file_(file), layers_(std::move(layers)), exits_(std::move(exits)) {}

    std::vector<Stage> run() {
        check_indices();
        sort();
        assign_stages();
        drop_unneeded();
        check_shapes();
        check_exits();
        return make_stages();
    }

    std::vector<Layer> take_layers() { return std::move(layers_); }

private:
    [[noreturn]] void fail(int layer, const std::string& problem) const {
        throw InputError(one_line(file_ + ": '" + layers_[at(layer)].name + "' " + problem));
    }
    int count() const { return static_cast<int>(layers_.size()); }
    int exit_count() const { return static_cast<int>(exits_.size()); }
    bool is_constant(int layer) const { return layers_[at(layer)].as<Constant>() != nullptr; }

    void check_indices() const;
    bool is_sorted() const;
    void sort();
    void reorder(const std::vector<int>& position, std::size_t kept);
    void assign_stages();
    void drop_unneeded();
    void check_shapes() const;
    void check_exits() const;
    std::vector<int> last_readers() const;
    std::vector<Stage> make_stages() const;
    void describe(Stage& stage) const;

    const std::string& file_;
    std::vector<Layer> layers_;
    std::vector<int> exits_;
    std::vector<int> stage_;  // by layer: the first exit that needs it; kNoStage if none does
};

void Cutter::check_indices() const {
    const auto exists = [&](int layer) { return layer >= 0 && layer < count(); };
    if (layers_.empty()) throw InputError(file_ + ": the network has no layers");
    if (exits_.empty() || exits_.size() > kMaxStages) {
        throw input_error(file_, "1 to " + std::to_string(kMaxStages) + " outputs, one per exit",
                          std::to_string(exits_.size()));
    }
    if (!std::all_of(exits_.begin(), exits_.end(), exists)) throw InputError(file_ + ": an exit is no layer");
    for (int i = 0; i < count(); ++i) {
        const Layer& layer = layers_[at(i)];
        if ((i == 0) != (layer.as<Input>() != nullptr))
            fail(i, "must not be an input: the first layer, and no other, is");
        if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), exists))
            fail(i, "reads a layer that does not exist");
    }
}

bool Cutter::is_sorted() const {
    for (int i = 0; i < count(); ++i) {
        if (std::any_of(layers_[at(i)].inputs.begin(), layers_[at(i)].inputs.end(),
                        [i](int read) { return read >= i; }))
            return false;
    }
    return true;
}

// Brings the layers into an order of execution, the input first.
void Cutter::sort() {
    if (is_sorted()) return;
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
    Graph graph(layers_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        for (const int input : layers_[i].inputs) boost::add_edge(i, at(input), graph);
    }
    std::vector<std::size_t> order;  // what a layer reads comes before it
    try {
        boost::topological_sort(graph, std::back_inserter(order));
    } catch (const boost::not_a_dag&) {
        throw InputError(file_ + ": the network has a cycle, so it has no order of execution");
    }
    std::erase(order, std::size_t{0});
    order.insert(order.begin(), 0);
    std::vector<int> position(layers_.size());
    for (std::size_t i = 0; i < order.size(); ++i) position[order[i]] = static_cast<int>(i);
    reorder(position, layers_.size());
}

// Moves layer i to position[i]; those at -1 go.
void Cutter::reorder(const std::vector<int>& position, std::size_t kept) {
    std::vector<Layer> moved(kept);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (position[i] < 0) continue;
        for (int& input : layers_[i].inputs) input = position[at(input)];
        moved[at(position[i])] = std::move(layers_[i]);
    }
    layers_ = std::move(moved);
    for (int& exit : exits_) exit = position[at(exit)];
}

// Layers are sorted, so one sweep from an exit back to the input finds all that it needs.
void Cutter::assign_stages() {
    stage_.assign(layers_.size(), kNoStage);
    for (int k = 0; k < exit_count(); ++k) {
        const int exit = exits_[at(k)];
        if (stage_[at(exit)] != kNoStage)
            fail(exit, "is exit " + std::to_string(k) + " but an earlier exit needs it already");
        stage_[at(exit)] = k;
        for (int i = exit; i > 0; --i) {
            if (stage_[at(i)] != k) continue;
            for (const int input : layers_[at(i)].inputs) {
                if (stage_[at(input)] == kNoStage) stage_[at(input)] = k;
            }
        }
    }
}

void Cutter::drop_unneeded() {
    if (stage_[0] == kNoStage) throw InputError(file_ + ": no exit depends on the input");
    std::vector<int> position(layers_.size(), -1), stages;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (stage_[i] == kNoStage) continue;
        position[i] = static_cast<int>(stages.size());
        stages.push_back(stage_[i]);
    }
    reorder(position, stages.size());
    stage_ = std::move(stages);
}

std::vector<Shape> shapes_of(std::span<const Layer> layers, std::span<const int> inputs) {
    std::vector<Shape> shapes;
    for (const int input : inputs) shapes.push_back(layers[at(input)].shape);
    return shapes;
}

void Cutter::check_shapes() const {
    for (int i = 1; i < count(); ++i) {
        const Layer& layer = layers_[at(i)];
        try {
            const Shape shape = infer_shape(layer.operation, shapes_of(layers_, layer.inputs), layer.shape);
            if (!(shape == layer.shape))
                throw ShapeError("expected to give " + layer.shape.text() + ", found " + shape.text());
            if (shape.elements() == 0) throw ShapeError("expected elements, found none");
        } catch (const ShapeError& error) {
            fail(i, std::string("(") + operation_name(layer.operation) + "): " + error.what());
        }
    }
}

void Cutter::check_exits() const {
    const std::int64_t scores = layers_[at(exits_[0])].shape.elements();
    for (std::size_t k = 0; k < exits_.size(); ++k) {
        const std::int64_t own = layers_[at(exits_[k])].shape.elements();
        if (own != scores) {
            fail(exits_[k],
                 "gives " + std::to_string(own) + " scores, but the first exit gives " + std::to_string(scores));
        }
        if (is_constant(exits_[k])) fail(exits_[k], "is an exit that does not depend on the input");
    }
    if (scores < 2) fail(exits_[0], "gives a single score; a classifier has at least 2 classes");
}

// By layer: the last stage that reads it, or kNoStage.
std::vector<int> Cutter::last_readers() const {
    std::vector<int> last(layers_.size(), kNoStage);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        for (const int input : layers_[i].inputs) last[at(input)] = std::max(last[at(input)], stage_[i]);
    }
    return last;
}

std::vector<Stage> Cutter::make_stages() const {
    const std::vector<int> last = last_readers();
    std::vector<Stage> stages(exits_.size());
    for (int k = 0; k < exit_count(); ++k) {
        Stage& stage = stages[at(k)];
        stage.exit = exits_[at(k)];
        std::set<int> reads;
        for (int i = 0; i < count(); ++i) {
            if (is_constant(i)) continue;
            // The input is there before the first stage.
            if (i > 0 && stage_[at(i)] == k) stage.layers.push_back(i);
            if (stage_[at(i)] <= k && last[at(i)] > k) stage.carried.push_back(i);
            if (i == 0 || stage_[at(i)] != k) continue;
            for (const int input : layers_[at(i)].inputs) {
                if (!is_constant(input) && (input == 0 || stage_[at(input)] != k)) reads.insert(input);
            }
        }
        stage.reads.assign(reads.begin(), reads.end());
        describe(stage);
    }
    return stages;
}

// Counts what it costs.
void Cutter::describe(Stage& stage) const {
    std::set<int> constants;
    for (const int i : stage.layers) {
        const Layer& layer = layers_[at(i)];
        stage.macs += macs(layer, shapes_of(layers_, layer.inputs));
        stage.parameter_bytes += 4 * parameters(layer);
        std::copy_if(layer.inputs.begin(), layer.inputs.end(), std::inserter(constants, constants.end()),
                     [this](int input) { return is_constant(input); });
    }
    for (const int i : constants) stage.parameter_bytes += 4 * parameters(layers_[at(i)]);
    for (const int i : stage.carried) stage.activation_bytes += 4 * layers_[at(i)].shape.elements();
}

}  // namespace

Network::Network(NetworkOrigin origin, std::vector<Layer> layers, const std::vector<int>& exits)
    : origin_(std::move(origin)) {
    Cutter cutter(origin_.file.empty() ? origin_.name : origin_.file, std::move(layers), exits);
    stages_ = cutter.run();
    layers_ = cutter.take_layers();
    classes_ = static_cast<int>(layers_[at(stages_.front().exit)].shape.elements());
}

std::int64_t Network::parameters() const {
    std::set<const std::vector<float>*> seen;
    std::int64_t count = 0;
    for (const Layer& layer : layers_) {
        for (const Weights* weights : weights_of(layer.operation)) {
            if (!weights->empty() && seen.insert(weights->values.get()).second) count += weights->count();
        }
    }
    return count;
}

std::vector<Shape> Network::input_shapes(const Layer& layer) const { return shapes_of(layers_, layer.inputs); }

}  // namespace laxity
