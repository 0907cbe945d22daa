"""Simulation beside device: both values of every metric against an axis, a panel per metric.

Hollow and joined: simulated. Filled, with the interval of its mean: measured on the device.
"""

import math

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout, panels
from laxity_figures.comparisons import Comparison
from laxity_figures.drawing import Drawing
from laxity_figures.measures import axis_label
from laxity_figures.selection import axis_name

COLUMNS = {"simulated": "simulated", "live": "live", "difference": "live - simulated", "ci95": "half of its 95 % interval"}


def draw_line(panel, rows, series, index, step, page):
    style = series.style
    panel.plot(rows["place"], rows["simulated"], color=style.colour, linestyle=style.line()["linestyle"], linewidth=0.8 * page.line, marker=style.marker,
               markersize=1.45 * page.marker, markerfacecolor="white", markeredgecolor=style.colour, markeredgewidth=0.75 * page.line, zorder=3)
    x = rows["place"] + 0.045 * step * (1 + index)  # beside the simulation's, so that equal values are both seen
    panel.errorbar(x, rows["live"], np.nan_to_num(rows["ci95"]), color=style.colour, marker=style.marker, linestyle="none", markersize=page.marker,
                   elinewidth=0.8 * page.line, zorder=4)


def set_axis(panel, comparison, metric, page):
    places = [comparison.place(value) for value in comparison.x_values]
    texts = [panels.value_text(value) for value in comparison.x_values]
    kept = panels.spread_out(places, texts, panels.panel_points(panel), page)
    panel.set_xticks([place for place, _ in kept], [text for _, text in kept])
    panel.margins(x=0.1, y=0.14)
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
        draw_line(panel, rows, series, index, step, page)
        tables.append(rows[["x", *COLUMNS]].rename(columns=COLUMNS).assign(policy=series.key, metric=metric.label))
    set_axis(panel, comparison, metric, page)
    panel.set_title(metric.label, pad=2.5)
    return pd.concat(tables)


def handles_of(comparison, page):
    mark = lambda label, **style: Line2D([], [], color="#555555", marker="o", label=label, **style)
    return [mark("simulated", linewidth=0.8 * page.line, markersize=1.45 * page.marker, markerfacecolor="white", markeredgecolor="#555555", markeredgewidth=0.75 * page.line),
            mark("live (95 %)", linestyle="none"), *[layout.policy_handle(series, page.line) for series in comparison.series]]


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
    numbers = numbers[["policy", "metric", "x", *COLUMNS.values()]].rename(columns={"x": name})
    yield Drawing(figure, f"{name}-validation", numbers,
                  ["drawn: simulation (hollow) and device (filled), a panel per metric; the device's points are moved aside a little",
                   "intervals: 95 % of live - simulated, by batch means, around the device's value"])
