"""Simulation beside device: both values of every metric against an axis, a panel per metric.

Hollow and joined: simulated. Filled, with the interval of its mean: measured on the device. Grey: within the stated margin of
the simulation.
"""

import math

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout, panels
from laxity_figures.comparisons import Comparison
from laxity_figures.drawing import Drawing
from laxity_figures.measures import axis_label
from laxity_figures.quantities import others
from laxity_figures.selection import axis_name

COLUMNS = {"simulated": "simulated", "live": "live", "difference": "live - simulated", "ci95": "half of its 95 % interval"}
LATER = {"low": "its low end", "high": "its high end", "margin": "margin"}
PAPER = "#dfe8ef"


def columns_of(comparison):
    """Column of the file -> column of the numbers: those that later files add only where they are there."""
    return COLUMNS | {column: name for column, name in LATER.items() if comparison.has(column)}


def simulated_marks(page, colour, **more):
    return {"markersize": 1.45 * page.marker, "markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 0.75 * page.line, **more}


def draw_line(panel, rows, series, index, step, page, words, crowded):
    """`crowded`: the simulation is a line without markers, and those of the device are small."""
    style, above = series.style, series.emphasis
    hollow = {} if crowded else simulated_marks(page, style.colour, marker=style.marker)
    joined = {"linestyle": "none"} if words else style.line(0.8 * page.line, marker=False)
    panel.plot(rows["place"], rows["simulated"], **{**joined, "color": style.colour, **hollow}, zorder=2 + above)
    x = rows["place"] + 0.045 * step * (1 + index)  # beside the simulation's, so that equal values are both seen
    panel.errorbar(x, rows["live"], np.nan_to_num(rows[["below", "above"]].to_numpy(float).T), color=style.colour, marker=style.marker, linestyle="none",
                   markersize=(0.6 if crowded else 1) * page.marker, elinewidth=(0.4 if crowded else 0.8) * page.line, zorder=3 + above)


def draw_margin(panel, rows, words, step):
    """The margin around the simulation, where one was stated."""
    rows = rows[rows["margin"].notna() & rows["simulated"].notna()]
    low, high = rows["simulated"] - rows["margin"], rows["simulated"] + rows["margin"]
    if words or len(rows) < 2:
        panel.bar(rows["place"], high - low, bottom=low, width=0.3 * step, color=PAPER, linewidth=0, zorder=1)
    else:
        panel.fill_between(rows["place"], low, high, color=PAPER, linewidth=0, zorder=1)


def set_axis(panel, comparison, metric, page):
    panels.ticks_at_values(panel, comparison, page)
    panel.margins(x=0.1, y=0.14)
    if len(comparison.x_values) == 1:
        place = comparison.place(comparison.x_values[0])
        panel.set_xlim(place - 0.5, place + 0.5)
    low, high = panel.get_ylim()
    if metric.is_share:
        panel.set_ylim(-0.04 * high if metric.column == "miss_ratio" else max(low, -2), min(max(high, 0.5), 103))
    panel.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))


def draw_panel(panel, comparison, metric, page):
    """Returns what was drawn, one table."""
    places = [comparison.place(value) for value in comparison.x_values]
    step = min(np.diff(sorted(places)), default=1.0)
    tables = []
    for index, series in enumerate(comparison.series):
        rows = comparison.rows(metric, series)
        draw_margin(panel, rows, comparison.words, step)
        draw_line(panel, rows, series, index, step, page, comparison.words, comparison.crowded)
        columns = columns_of(comparison)
        tables.append(rows[["x", *columns]].rename(columns=columns).assign(policy=series.key, metric=metric.label))
    set_axis(panel, comparison, metric, page)
    panel.set_title(metric.label, pad=2.5)
    return pd.concat(tables)


def handles_of(comparison, page):
    mark = lambda label, **style: Line2D([], [], color="#555555", label=label, **style)
    hollow = {} if comparison.crowded else simulated_marks(page, "#555555", marker="o")
    margin = [Patch(facecolor=PAPER, label="margin")] if comparison.has("margin") else []
    rest = [*margin] + [layout.rest_handle(others(len(comparison.in_grey())), page.line)] if comparison.in_grey() else []
    return [mark("simulated", linewidth=0.8 * page.line, **{**hollow, **({"linestyle": "none"} if comparison.words else {})}),
            mark("live" if comparison.has("low") else "live (95 %)", linestyle="none", marker="o"), *[layout.policy_handle(series, page.line) for series in comparison.in_colour()], *rest]


def draw(request, source):
    page, comparison = request.page, Comparison(source, request)
    columns = 2 if page.width < 5 or page.name == "slides" else 4
    rows = math.ceil(len(comparison.metrics) / columns)
    figure, grid = panels.new_figure(page, rows, columns, height=rows * 9.4 * page.text / 72 + 2.5 * page.text / 72, sharex=True)
    tables = [draw_panel(panel, comparison, metric, page) for panel, metric in zip(grid.flat, comparison.metrics)]
    panels.hide_rest(grid, len(comparison.metrics))
    panels.label_lowest(grid)
    layout.finish_grid(figure, page, grid, len(comparison.metrics), handles_of(comparison, page), axis_label(comparison.axis) if comparison.axis else "")
    numbers = pd.concat(tables, ignore_index=True)
    name = axis_name(comparison.axis) or "point"
    numbers = numbers[["policy", "metric", "x", *columns_of(comparison).values()]].rename(columns={"x": name})
    yield Drawing(figure, f"{name}-validation", numbers,
                  ["drawn: simulation (hollow) and device (filled), a panel per metric; the device's points are moved aside a little",
                   *(["grey: within the margin that was stated"] if comparison.has("margin") else []), comparison.interval_fact()])
