"""Simulation beside device: both values of every measure of a comparison, a panel per measure."""

import math
import re

import numpy as np
from matplotlib.lines import Line2D

from laxity_figures import layout
from laxity_figures.drawing import Drawing
from laxity_figures.measures import axis_label
from laxity_figures.panels import new_figure
from laxity_figures.policies import short_name
from laxity_figures.sources import read_csv
from laxity_figures.styles import style_of


def style_for(policy):
    style = style_of(policy)
    return {"color": style.colour, "marker": style.marker, "markersize": 3.4, "linestyle": style.line()["linestyle"]}


def handle(policy):
    return Line2D([], [], label=short_name(policy), markeredgewidth=0, **style_for(policy))


def places_of(values):
    """Where axis values are drawn: numbers at themselves, words side by side. Returns (value -> x, tick labels or None)."""
    values = list(dict.fromkeys(values))
    if all(isinstance(value, (int, float, np.number)) for value in values):
        return {value: float(value) for value in values}, None
    return {value: float(index) for index, value in enumerate(values)}, [str(value) for value in values]


def set_axis_ticks(panel, values):
    places, words = places_of(values)
    if words:
        panel.set_xticks(range(len(words)), words)
    elif len(places) <= 9:
        ticks = sorted(places.values())
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


METRICS = {
    "accuracy": ("accuracy (%)", 100), "miss_ratio": ("miss ratio (%)", 100), "mean_depth": ("mean depth (stages)", 1),
    "utilisation": ("utilisation (%)", 100), "response_p50": ("response p50 ({unit})", 1),
    "response_p95": ("response p95 ({unit})", 1), "response_p99": ("response p99 ({unit})", 1),
}


def point_values(point):
    """"/tasks/0/arrival/load=0.8,/x=3" -> {pointer: value}."""
    values = {}
    for assignment in re.split(r",(?=/)", point) if point else []:
        pointer, _, value = assignment.partition("=")
        try:
            values[pointer] = float(value)
        except ValueError:
            values[pointer] = value
    return values


def drawn_axis(points):
    """The first pointer whose value differs between the points, else the first there is, else none."""
    pointers = list(points[0])
    return next((p for p in pointers if len({point.get(p) for point in points}) > 1), pointers[0] if pointers else "")


def draw(request, source):
    path = source.file("validation.csv")
    table = read_csv(path, ["point", "policy", "metric", "unit", "simulated", "live", "ci95"],
                     keep_default_na=False, na_values={column: [""] for column in ["simulated", "live", "difference", "ci95"]},
                     dtype={"point": str})
    axis = drawn_axis([point_values(point) for point in table["point"]])
    table["value"] = [point_values(point).get(axis, "") for point in table["point"]]
    places, _ = places_of(table["value"])
    metrics = [metric for metric in METRICS if metric in set(table["metric"])]
    metrics += [metric for metric in dict.fromkeys(table["metric"]) if metric not in METRICS]
    rows = math.ceil(len(metrics) / 2)
    figure, panels = new_figure(request.page, rows, 2, height=0.6 + 1.05 * rows, sharex=True)
    for panel, metric in zip(panels.flat, metrics):
        draw_metric(panel, table[table["metric"] == metric], metric, places)
        set_axis_ticks(panel, table["value"])
    for panel in panels.flat[len(metrics):]:
        panel.set_visible(False)
    for panel in panels.flat[max(0, len(metrics) - 2):len(metrics)]:
        panel.tick_params(labelbottom=True)
    handles = [Line2D([], [], color="#555555", linestyle="-", marker="o", markerfacecolor="white", label="simulated"),
               Line2D([], [], color="#555555", linestyle="none", marker="o", label="live (95 %)")]
    policies = list(dict.fromkeys(table["policy"]))
    layout.finish(figure, request.page, handles + [handle(policy) for policy in policies], columns=4, rect=(0, 0.04, 1, 1))
    figure.text(0.53, 0.012, axis_label(axis), ha="center", va="bottom")
    yield Drawing(figure, f"{axis.rsplit('/', 1)[-1]}-validation", table.drop(columns="value"),
                  ["drawn: simulation (hollow) and device (filled) per measure", "intervals: 95 % of the device's mean, by batch means"])


def draw_metric(panel, table, metric, places):
    label, scale = METRICS.get(metric, (metric.replace("_", " ") + " ({unit})", 1))
    unit = str(table["unit"].iloc[0])
    if scale == 100 and unit == "%":
        scale = 1
    panel.set_title(label.format(unit=unit), pad=2.5)
    width = (max(places.values()) - min(places.values())) or 1.0
    policies = list(dict.fromkeys(table["policy"]))
    for index, policy in enumerate(policies):
        rows = table[table["policy"] == policy]
        x = np.array([places[value] for value in rows["value"]])
        order = np.argsort(x, kind="stable")
        x = x[order]
        simulated, live, interval = (scale * rows[column].to_numpy(float)[order] for column in ["simulated", "live", "ci95"])
        style = style_for(policy)
        panel.plot(x, simulated, markerfacecolor="white", markeredgewidth=0.9, **{**style, "markersize": style["markersize"] + 1.6})
        shift = 0.012 * width * (1 + index)  # beside the simulation's marker, so that equal values are both seen
        panel.errorbar(x + shift, live, np.nan_to_num(interval), color=style["color"], marker=style["marker"],
                       linestyle="none", markersize=style["markersize"], markeredgewidth=0,
                       elinewidth=0.9, zorder=4)
    panel.margins(x=0.1, y=0.14)
    if METRICS.get(metric, ("", 1))[1] == 100:  # a share
        low, high = panel.get_ylim()
        panel.set_ylim(0 if metric == "miss_ratio" else max(low, 0), min(max(high, 0.5), 102))
