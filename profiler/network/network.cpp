#include "profiler/network/network.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dominator_tree.hpp>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "traces/base/error.hpp"
#include "traces/outcome.hpp"

namespace laxity {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Builds the stages of one network. Its members are filled in by the steps of run(), in that order.
class Cutter {
public:
    Cutter(const std::string& file, std::vector<Layer> layers, std::vector<int> exits)
        : file_(file), layers_(std::move(layers)), exits_(std::move(exits)) {}

    std::vector<Stage> run() {
        check_layers();
        sort();
        check_exits();
        find_dominators();
        assign_layers();
        find_carried();
        check_edges();
        return make_stages();
    }

    std::vector<Layer> take_layers() { return std::move(layers_); }

private:
    [[noreturn]] void fail(int layer, const std::string& problem) const {
        throw InputError(one_line(file_ + ": '" + layers_[at(layer)].name + "' " + problem));
    }

    int exit_count() const { return static_cast<int>(exits_.size()); }

    void check_layers() const;
    void sort();
    void check_exits() const;
    void find_dominators();
    void assign_layers();
    void find_carried();
    void check_edges() const;
    std::vector<Stage> make_stages() const;
    int deepest_shared_dominator(int exit) const;
    void mark_ancestors(int layer, int exit);

    const std::string& file_;
    std::vector<Layer> layers_;
    std::vector<int> exits_;
    std::vector<int> dominator_;            // immediate dominator by layer; -1 for the input
    std::vector<int> stage_;                // by layer: the first exit that needs it; exit_count() if none does
    std::vector<int> carried_;              // by exit; the last entry is -1
    std::vector<std::set<int>> ancestors_;  // by exit, itself included
};

std::pair<std::size_t, std::size_t> input_count(const Layer& layer) {
    switch (layer.kind) {
        case LayerKind::kInput:
            return {0, 0};
        case LayerKind::kConvolution:
            return {1, 2};
        case LayerKind::kAdd:
            return {2, 2};
        case LayerKind::kConcat:
            return {1, 1024};
        default:
            return {1, 1};
    }
}

std::size_t weight_count(const Layer& layer, const TensorShape& input) {
    if (layer.kind == LayerKind::kDense) return at(layer.shape.channels) * static_cast<std::size_t>(input.elements());
    return at(layer.shape.channels) * at(input.channels / layer.groups) * at(layer.vertical.kernel) *
           at(layer.horizontal.kernel);
}

void Cutter::check_layers() const {
    const int count = static_cast<int>(layers_.size());
    const auto exists = [&](int layer) { return layer >= 0 && layer < count; };
    if (layers_.empty()) throw InputError(file_ + ": the network has no layers");
    if (!std::all_of(exits_.begin(), exits_.end(), exists)) throw InputError(file_ + ": an exit is no layer");
    for (int i = 0; i < count; ++i) {
        const Layer& layer = layers_[at(i)];
        if ((i == 0) != (layer.kind == LayerKind::kInput))
            fail(i, "must not be an input: the first layer, and no other, is");
        const auto [fewest, most] = input_count(layer);
        if (layer.inputs.size() < fewest || layer.inputs.size() > most) fail(i, "has a wrong number of inputs");
        if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), exists))
            fail(i, "reads a layer that does not exist");
        if (layer.shape.channels < 1 || layer.shape.area() < 1) fail(i, "has an empty output");
        if (layer.has_weights() && (layer.weights.size() != weight_count(layer, layers_[at(layer.inputs[0])].shape) ||
                                    layer.bias.size() != at(layer.shape.channels))) {
            fail(i, "has weights that do not match its shape");
        }
    }
}

// An edge from each layer to each that reads it.
Graph data_flow(const std::vector<Layer>& layers) {
    Graph graph(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (const int input : layers[i].inputs) boost::add_edge(at(input), i, graph);
    }
    return graph;
}

// Brings the layers into an order of execution, keeping the input first.
void Cutter::sort() {
    Graph graph = data_flow(layers_);
    std::vector<Vertex> reversed;
    try {
        boost::topological_sort(graph, std::back_inserter(reversed));
    } catch (const boost::not_a_dag&) {
        throw InputError(file_ + ": the network has a cycle, so it has no order of execution");
    }
    // Everything is made from the input alone, so the sort puts it first.
    std::vector<int> position(layers_.size());
    for (std::size_t i = 0; i < reversed.size(); ++i) position[reversed[i]] = static_cast<int>(reversed.size() - 1 - i);
    std::vector<Layer> sorted(layers_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        for (int& input : layers_[i].inputs) input = position[at(input)];
        sorted[at(position[i])] = std::move(layers_[i]);
    }
    layers_ = std::move(sorted);
    for (int& exit : exits_) exit = position[at(exit)];
}

void Cutter::check_exits() const {
    if (exits_.empty() || exits_.size() > kMaxStages) {
        throw input_error(file_, "1 to " + std::to_string(kMaxStages) + " outputs, one per exit",
                          std::to_string(exits_.size()));
    }
    std::vector<int> depth(layers_.size(), 0);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        for (const int input : layers_[i].inputs) depth[i] = std::max(depth[i], depth[at(input)] + 1);
    }
    const TensorShape scores = layers_[at(exits_[0])].shape;
    for (std::size_t k = 0; k < exits_.size(); ++k) {
        const Layer& exit = layers_[at(exits_[k])];
        if (exit.shape.area() != 1)
            fail(exits_[k], "is an exit, so it must give one score per class, not " + exit.shape.text());
        if (exit.shape != scores) {
            fail(exits_[k], "gives " + std::to_string(exit.shape.channels) + " scores, but the first exit gives " +
                                std::to_string(scores.channels));
        }
        if (k > 0 && depth[at(exits_[k])] < depth[at(exits_[k - 1])]) {
            fail(exits_[k], "is exit " + std::to_string(k) + " but not as deep as exit " + std::to_string(k - 1) +
                                "; list the graph's outputs from the shallowest exit to the deepest");
        }
    }
    if (scores.channels < 2) fail(exits_[0], "gives a single score; a classifier has at least 2 classes");
}

void Cutter::find_dominators() {
    const Graph graph = data_flow(layers_);
    std::vector<Vertex> immediate(layers_.size(), boost::graph_traits<Graph>::null_vertex());
    boost::lengauer_tarjan_dominator_tree(
        graph, Vertex{0}, boost::make_iterator_property_map(immediate.begin(), boost::get(boost::vertex_index, graph)));
    for (const Vertex v : immediate) {
        dominator_.push_back(v == boost::graph_traits<Graph>::null_vertex() ? -1 : static_cast<int>(v));
    }
}

void Cutter::mark_ancestors(int layer, int exit) {
    if (!ancestors_[at(exit)].insert(layer).second) return;
    stage_[at(layer)] = std::min(stage_[at(layer)], exit);
}

// Layers are sorted, so one sweep from the exit back to the input finds all that it needs.
void Cutter::assign_layers() {
    stage_.assign(layers_.size(), exit_count());
    ancestors_.resize(exits_.size());
    for (int k = 0; k < exit_count(); ++k) {
        mark_ancestors(exits_[at(k)], k);
        for (int i = exits_[at(k)]; i > 0; --i) {
            if (!ancestors_[at(k)].contains(i)) continue;
            for (const int input : layers_[at(i)].inputs) mark_ancestors(input, k);
        }
    }
}

// Of the tensors that all deeper exits depend on, the deepest that this exit depends on too.
int Cutter::deepest_shared_dominator(int exit) const {
    std::vector<int> shared;
    for (int v = exits_[at(exit) + 1]; v >= 0; v = dominator_[at(v)]) shared.push_back(v);
    for (std::size_t k = at(exit) + 2; k < exits_.size(); ++k) {
        std::set<int> chain;
        for (int v = exits_[k]; v >= 0; v = dominator_[at(v)]) chain.insert(v);
        std::erase_if(shared, [&](int v) { return !chain.contains(v); });
    }
    return *std::find_if(shared.begin(), shared.end(), [&](int v) { return ancestors_[at(exit)].contains(v); });
}

void Cutter::find_carried() {
    for (int k = 0; k + 1 < exit_count(); ++k) carried_.push_back(deepest_shared_dominator(k));
    carried_.push_back(-1);
}

void Cutter::check_edges() const {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const int stage = stage_[i];
        if (stage == exit_count() || i == 0) continue;
        const int entry = stage == 0 ? 0 : carried_[at(stage) - 1];
        for (const int input : layers_[i].inputs) {
            if (input == entry || (stage_[at(input)] == stage && input != 0)) continue;
            fail(static_cast<int>(i), "in stage " + std::to_string(stage) + " reads '" + layers_[at(input)].name +
                                          "' of stage " + std::to_string(stage_[at(input)]) +
                                          ", but only the output of '" + layers_[at(entry)].name +
                                          "' is carried there; exactly one tensor may cross from stage to stage");
        }
        const int carried = carried_[at(stage)];
        if (carried >= 0 && carried != entry && stage_[at(carried)] != stage) {
            fail(carried, "would have to be carried past stage " + std::to_string(stage) + " beside '" +
                              layers_[at(entry)].name + "'; exactly one tensor may cross from stage to stage");
        }
    }
}

std::vector<Stage> Cutter::make_stages() const {
    std::vector<Stage> stages(exits_.size());
    for (int k = 0; k < exit_count(); ++k) {
        Stage& stage = stages[at(k)];
        stage.input = k == 0 ? 0 : carried_[at(k) - 1];
        stage.carried = carried_[at(k)];
        stage.exit = exits_[at(k)];
        if (stage.carried >= 0) stage.activation_bytes = layers_[at(stage.carried)].shape.elements() * 4;
        for (int i = 1; i < static_cast<int>(layers_.size()); ++i) {
            if (stage_[at(i)] != k) continue;
            const Layer& layer = layers_[at(i)];
            stage.layers.push_back(i);
            stage.macs += layer.macs();
            stage.parameter_bytes += static_cast<std::int64_t>(layer.weights.size() + layer.bias.size()) * 4;
        }
        if (stage.layers.empty()) fail(stage.exit, "is exit " + std::to_string(k) + " and an earlier exit at once");
    }
    return stages;
}

}  // namespace

std::string TensorShape::text() const {
    std::string text = std::to_string(channels);
    if (area() != 1) text += "x" + std::to_string(height) + "x" + std::to_string(width);
    return text;
}

Network::Network(NetworkOrigin origin, std::vector<Layer> layers, const std::vector<int>& exits)
    : origin_(std::move(origin)) {
    Cutter cutter(origin_.file.empty() ? origin_.name : origin_.file, std::move(layers), exits);
    stages_ = cutter.run();
    layers_ = cutter.take_layers();
    classes_ = layers_[at(stages_.front().exit)].shape.channels;
}

std::int64_t Network::parameters() const {
    std::int64_t bytes = 0;
    for (const Stage& stage : stages_) bytes += stage.parameter_bytes;
    return bytes / 4;
}

}  // namespace laxity
