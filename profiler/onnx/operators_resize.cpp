// Resizing: along each axis, every output is a weighted sum of few inputs.
#include <algorithm>
#include <cmath>
#include <functional>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

// How one axis is resized.
struct Axis {
    std::int64_t from = 1, to = 1;
    double scale = 1;  // to / from, as the file states it
};

struct Rules {
    std::string coordinates = "half_pixel", mode = "nearest", rounding = "round_prefer_floor";
    double cubic = -0.75;
    bool exclude_outside = false;
};

double coordinate(const Rules& rules, const Axis& axis, std::int64_t output) {
    const auto x = static_cast<double>(output);
    if (rules.coordinates == "asymmetric") return x / axis.scale;
    if (rules.coordinates == "align_corners")
        return axis.to == 1 ? 0 : x * static_cast<double>(axis.from - 1) / static_cast<double>(axis.to - 1);
    if (rules.coordinates == "pytorch_half_pixel" && axis.to == 1) return 0;
    if (rules.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / axis.scale;
    const double centred = (x + 0.5) / axis.scale - 0.5;
    if (rules.coordinates != "half_pixel_symmetric") return centred;
    const double adjustment = static_cast<double>(axis.to) / (axis.scale * static_cast<double>(axis.from));
    const double centre = static_cast<double>(axis.from) / 2;
    return centre * (1 - adjustment) + (x + 0.5) / axis.scale - 0.5;
}

double rounded(const std::string& rule, double x) {
    if (rule == "floor") return std::floor(x);
    if (rule == "ceil") return std::ceil(x);
    if (rule == "round_prefer_ceil") return std::floor(x + 0.5);
    return std::ceil(x - 0.5);
}

std::int32_t clamped(double index, std::int64_t extent) {
    return static_cast<std::int32_t>(std::clamp(index, 0.0, static_cast<double>(extent - 1)));
}

// Keys' kernel at distance t.
double cubic_weight(double a, double t) {
    t = std::abs(t);
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
    return 0;
}

void add_cubic(Taps& taps, const Rules& rules, double x, std::int64_t extent) {
    const double base = std::floor(x);
    double weights[4], sum = 0;
    for (int i = 0; i < 4; ++i) {
        const double at = base - 1 + i;
        const bool outside = at < 0 || at >= static_cast<double>(extent);
        weights[i] = outside && rules.exclude_outside ? 0 : cubic_weight(rules.cubic, x - at);
        sum += weights[i];
        taps.index.push_back(clamped(at, extent));
    }
    for (const double weight : weights)
        taps.weight.push_back(static_cast<float>(rules.exclude_outside ? weight / sum : weight));
}

void add_linear(Taps& taps, double x, std::int64_t extent) {
    x = std::clamp(x, 0.0, static_cast<double>(extent - 1));
    const double base = std::floor(x);
    taps.index.push_back(clamped(base, extent));
    taps.index.push_back(clamped(base + 1, extent));
    taps.weight.push_back(static_cast<float>(1 - (x - base)));
    taps.weight.push_back(static_cast<float>(x - base));
}

Taps taps_of(const Rules& rules, const Axis& axis, int number) {
    Taps taps{number, rules.mode == "nearest" ? 1 : rules.mode == "linear" ? 2 : 4, {}, {}};
    for (std::int64_t output = 0; output < axis.to; ++output) {
        const double x = coordinate(rules, axis, output);
        if (rules.mode == "nearest") {
            taps.index.push_back(clamped(rounded(rules.rounding, x), axis.from));
            taps.weight.push_back(1);
        } else if (rules.mode == "linear") {
            add_linear(taps, x, axis.from);
        } else {
            add_cubic(taps, rules, x, axis.from);
        }
    }
    return taps;
}

OnnxValues resized(const OnnxNode& node, const Rules& rules, const std::vector<Axis>& axes) {
    Resample resample;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (axes[i].to < 1 || axes[i].to > 1 << 20)
            throw Refusal("would give an extent of " + std::to_string(axes[i].to));
        if (axes[i].to != axes[i].from || axes[i].scale != 1)
            resample.axes.push_back(taps_of(rules, axes[i], static_cast<int>(i)));
    }
    if (resample.axes.empty()) return {node.input(0)};
    return single(node, node.add(std::move(resample), {node.value(0)}));
}

void scale_axis(Axis& axis, double scale) {
    if (!(scale > 0) || scale > 1e6) throw Refusal("expected scales above 0, found " + std::to_string(scale));
    axis.scale = scale;
    axis.to = static_cast<std::int64_t>(std::floor(static_cast<double>(axis.from) * scale));
}

void resize_axis(Axis& axis, double extent) {
    axis.to = static_cast<std::int64_t>(extent);
    axis.scale = extent / static_cast<double>(axis.from);
}

std::vector<Axis> axes_of(const Shape& shape) {
    std::vector<Axis> axes;
    for (const std::int64_t extent : shape.extents()) axes.push_back({extent, extent, 1});
    return axes;
}

void check_choice(const std::string& what, const std::string& found, std::initializer_list<std::string_view> choices) {
    if (std::find(choices.begin(), choices.end(), found) == choices.end())
        throw Refusal("the " + what + " '" + found + "' is not supported");
}

void check(const Rules& rules) {
    check_choice("mode", rules.mode, {"nearest", "linear", "cubic"});
    check_choice("coordinate transformation", rules.coordinates,
                 {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
                  "tf_half_pixel_for_nn"});
    check_choice("rounding", rules.rounding, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
}

void apply_policy(const std::string& policy, std::vector<Axis>& axes, const std::vector<int>& chosen) {
    if (policy == "stretch") return;
    check_choice("aspect ratio policy", policy, {"not_larger", "not_smaller"});
    double scale = axes[static_cast<std::size_t>(chosen[0])].scale;
    for (const int axis : chosen) {
        const double own = axes[static_cast<std::size_t>(axis)].scale;
        scale = policy == "not_larger" ? std::min(scale, own) : std::max(scale, own);
    }
    for (const int axis : chosen) {
        Axis& each = axes[static_cast<std::size_t>(axis)];
        each.to = static_cast<std::int64_t>(std::round(scale * static_cast<double>(each.from)));
        each.scale = scale;
    }
}

}  // namespace

OnnxValues import_resize(const OnnxNode& node) {
    const bool first_form = node.opset() < 11;  // x, scales
    Rules rules;
    rules.mode = node.text("mode", "nearest");
    rules.coordinates = node.text("coordinate_transformation_mode", first_form ? "asymmetric" : "half_pixel");
    rules.rounding = node.text("nearest_mode", first_form ? "floor" : "round_prefer_floor");
    rules.cubic = node.real("cubic_coeff_a", -0.75F);
    rules.exclude_outside = node.integer("exclude_outside", 0) != 0;
    check(rules);
    if (node.integer("antialias", 0) != 0) throw Refusal("antialias is not supported", "resize without antialias");
    std::vector<Axis> axes = axes_of(node.shape(0));
    std::vector<int> chosen;
    for (const std::int64_t axis : node.integers("axes")) chosen.push_back(node.axis(axis, node.shape(0).rank()));
    if (chosen.empty()) {
        for (int axis = 0; axis < node.shape(0).rank(); ++axis) chosen.push_back(axis);
    }
    const bool by_size = !first_form && node.has_input(3);
    const Tensor& given = node.constant(by_size ? 3 : first_form ? 1 : 2, by_size ? "the sizes" : "the scales");
    if (given.values.size() != chosen.size()) throw Refusal("expected a scale or size for every axis that is resized");
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        Axis& axis = axes[static_cast<std::size_t>(chosen[i])];
        by_size ? resize_axis(axis, given.values[i]) : scale_axis(axis, given.values[i]);
    }
    if (by_size) apply_policy(node.text("keep_aspect_ratio_policy", "stretch"), axes, chosen);
    return resized(node, rules, axes);
}

OnnxValues import_upsample(const OnnxNode& node) {
    Rules rules{"asymmetric", node.text("mode", "nearest"), "floor", -0.75, false};
    if (rules.mode == "bilinear") rules.mode = "linear";
    check(rules);
    std::vector<Axis> axes = axes_of(node.shape(0));
    std::vector<double> scales;
    if (node.has("scales")) {
        for (const float scale : node.reals("scales")) scales.push_back(scale);
    } else {
        scales = node.constant(1, "the scales").values;
    }
    if (scales.size() != axes.size()) throw Refusal("expected a scale for every axis");
    for (std::size_t i = 0; i < axes.size(); ++i) scale_axis(axes[i], scales[i]);
    return resized(node, rules, axes);
}

}  // namespace laxity
