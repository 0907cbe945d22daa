// Apart from show_network.cpp, since Boost.Graph takes long to compile.
#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>
#include <ostream>

#include "profiler/network/network.hpp"
#include "sim/cli/show_network.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

struct Node {
    const Layer* layer = nullptr;
    int stage = -1;  // -1: the input or a constant
    bool is_exit = false;
};

struct Edge {
    bool crosses = false;  // from an earlier stage
};

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Node, Edge>;

Graph graph_of(const Network& network) {
    Graph graph(network.layers().size());
    for (std::size_t i = 0; i < network.layers().size(); ++i) graph[i].layer = &network.layers()[i];
    for (std::size_t k = 0; k < network.stages().size(); ++k) {
        for (const int i : network.stages()[k].layers) graph[static_cast<std::size_t>(i)].stage = static_cast<int>(k);
        graph[static_cast<std::size_t>(network.stages()[k].exit)].is_exit = true;
    }
    for (std::size_t to = 0; to < network.layers().size(); ++to)
        for (const int from : network.layers()[to].inputs) {
            const Node& source = graph[static_cast<std::size_t>(from)];
            const bool crosses = source.stage >= 0 && source.stage != graph[to].stage;
            boost::add_edge(static_cast<std::size_t>(from), to, Edge{crosses}, graph);
        }
    return graph;
}

// Pale, so that text on it can be read; repeated where there are more stages.
const char* colour(int stage) {
    constexpr std::array kColours{"#c6dbef", "#fdd0a2", "#c7e9c0", "#dadaeb",
                                  "#fcc5c0", "#fee391", "#ccece6", "#d9d9d9"};
    return stage < 0 ? "#ffffff" : kColours[static_cast<std::size_t>(stage) % kColours.size()];
}

// A name within a label's quotes.
std::string escaped(const std::string& name) {
    std::string text;
    for (const char c : shortened(name)) text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return text;
}

void write_node(std::ostream& out, const Node& node) {
    out << "[label=\"" << escaped(node.layer->name) << "\\n"
        << operation_name(node.layer->operation) << "\\n"
        << node.layer->shape.text();
    if (node.is_exit) out << "\\nexit " << node.stage;
    out << "\", shape=box, style=\"filled" << (node.is_exit ? ",bold" : "") << "\", fillcolor=\"" << colour(node.stage)
        << "\"]";
}

void write_edge(std::ostream& out, const Edge& edge, const Layer& source) {
    if (edge.crosses) out << "[label=\"" << source.shape.elements() * 4 << " B\", style=bold]";
}

}  // namespace

void draw_network(std::ostream& out, const Network& network) {
    const Graph graph = graph_of(network);
    boost::write_graphviz(
        out, graph, [&](std::ostream& to, auto vertex) { write_node(to, graph[vertex]); },
        [&](std::ostream& to, auto edge) { write_edge(to, graph[edge], *graph[boost::source(edge, graph)].layer); });
}

}  // namespace laxity
