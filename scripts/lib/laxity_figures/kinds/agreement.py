"""Simulation against device: every point of a comparison on the line of identity, or beside it, a panel per metric.

The band is what counts as equal: the margins that the comparison was made with, or --band: of shares so many points (0.01: one percent point), of all else such a part of the
simulated value. A marker is filled where the interval of the difference lies within the band: there the two are shown
to be equivalent, not merely not shown to differ.
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
from laxity_figures.styles import BLACK, PALE

BAND = 0.01
PAPER = "#dfe8ef"


def stated_band(rows, simulated):
    """The margins of the file at other simulated values: all the same, or the same share of what is simulated."""
    rows = rows[rows["margin"].notna() & (rows["simulated"].abs() > 0)]
    if rows.empty:
        return np.zeros(len(simulated))
    if np.ptp(rows["margin"]) <= 1e-9 * rows["margin"].max():
        return np.full(len(simulated), rows["margin"].iloc[0])
    return np.median(rows["margin"] / rows["simulated"].abs()) * np.abs(np.asarray(simulated, float))


def half_band(metric, band, simulated):
    """Half the width of the band of --band in drawn units."""
    return np.full(len(simulated), 100 * band) if metric.is_share else band * np.abs(np.asarray(simulated, float))


def judged(metric, band, rows):
    """The rows with "equivalent": 1 if the interval of the difference lies within the band (None: the stated margin), 0 if not,
    empty without an interval."""
    half = rows["margin"] if band is None else half_band(metric, band, rows["simulated"])
    below, above = rows.get("below", rows["ci95"]), rows.get("above", rows["ci95"])
    inside = ((rows["difference"] - below >= -half) & (rows["difference"] + above <= half)).astype(float)
    known = below.notna() & rows["difference"].notna() & (True if band is not None else rows["margin"].notna())
    return rows.assign(equivalent=inside.where(known))


def limits_of(metric, tables):
    """The same for both axes: all values and their intervals with a margin, shares within what they can be."""
    values = np.concatenate([[*(table["live"] - table["below"].fillna(0)), *(table["live"] + table["above"].fillna(0)), *table["simulated"]] for table in tables])
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return 0.0, 1.0
    pad = 0.08 * (values.max() - values.min()) or 0.05 * abs(values.max()) or 1.0
    low, high = values.min() - pad, values.max() + pad
    return (max(low, -pad), min(high, 100 + pad)) if metric.is_share else (low, high)


def draw_points(panel, rows, series, page, crowded):
    style, size = series.style, 0.65 if crowded else 1
    panel.errorbar(rows["simulated"], rows["live"], np.nan_to_num(rows[["below", "above"]].to_numpy(float).T), color=style.colour, linestyle="none",
                   elinewidth=0.6 * size * page.line, zorder=2.5 + series.emphasis)
    for value, face in ((1, style.colour), (0, "white")):
        part = rows[rows["equivalent"].fillna(0) == value]
        panel.plot(part["simulated"], part["live"], linestyle="none", marker=style.marker, markersize=size * page.marker, markerfacecolor=face,
                   markeredgecolor=style.colour, markeredgewidth=0.6 * size * page.line, zorder=3 + series.emphasis)


def draw_panel(panel, comparison, metric, band, page):
    """Returns what was drawn, one table."""
    tables = [judged(metric, band, comparison.rows(metric, series)).assign(metric=metric.label) for series in comparison.series]
    low, high = limits_of(metric, tables)
    x = np.linspace(low, high, 50)
    half = half_band(metric, band, x) if band is not None else stated_band(pd.concat(tables), x)
    panel.fill_between(x, x - half, x + half, color=PAPER, linewidth=0, zorder=1)
    panel.plot(x, x, color=BLACK, linewidth=0.5 * page.line, zorder=2)
    for series, table in zip(comparison.series, tables):
        draw_points(panel, table, series, page, comparison.crowded)
    panel.set_xlim(low, high)
    panel.set_ylim(low, high)
    panel.set_box_aspect(1)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    panel.set_title(metric.label, pad=2.5, fontsize=page.small)
    return pd.concat(tables)


def handles_of(comparison, page):
    mark = lambda label, face: Line2D([], [], color="#555555", linestyle="none", marker="o", markerfacecolor=face, markeredgecolor="#555555",
                                      markeredgewidth=0.6 * page.line, label=label)
    policies = [Line2D([], [], color=series.style.colour, linestyle="none", marker=series.style.marker, label=series.label) for series in comparison.in_colour()]
    policies += [mark(others(len(comparison.in_grey())), PALE)] if comparison.in_grey() else []
    return [Line2D([], [], color=BLACK, linewidth=0.5 * page.line, label="identity"), Patch(facecolor=PAPER, label="equivalence band"),
            mark("within it", "#555555"), mark("not shown to be", "white"), *policies]


def band_text(band):
    return "the stated margins" if band is None else f"+-{100 * band:g} points of shares, +-{100 * band:g} % of the simulated value of all else"


def count_text(metric, rows):
    known = rows["equivalent"].dropna()
    return f"{metric.name}: {int(known.sum())} of {len(rows)} points within the band"


def draw(request, source):
    page, comparison = request.page, Comparison(source, request)
    band = request.band if request.band is not None or comparison.has("margin") else BAND
    columns = 3 if page.width < 5 or page.name == "slides" else 4
    rows = math.ceil(len(comparison.metrics) / columns)
    figure, grid = panels.new_figure(page, rows, columns, height=rows * (page.width / columns * 0.93 + 0.6 * page.text / 72) + 2 * page.text / 72)
    tables = [draw_panel(panel, comparison, metric, band, page) for panel, metric in zip(grid.flat, comparison.metrics)]
    panels.hide_rest(grid, len(comparison.metrics))
    for row in grid:
        row[0].set_ylabel("live")
    layout.finish_grid(figure, page, grid, len(comparison.metrics), handles_of(comparison, page), "simulated")
    name = axis_name(comparison.axis) or "point"
    numbers = pd.concat(tables, ignore_index=True)[["policy", "metric", "x", "simulated", "live", "difference", "ci95", "equivalent"]]
    numbers = numbers.rename(columns={"x": name, "difference": "live - simulated", "ci95": "half of its 95 % interval"})
    facts = [f"drawn: device against simulation, a point per policy and {axis_label(comparison.axis) if comparison.axis else 'point'}",
             f"band: {band_text(band)}; filled: the interval of the difference lies within",
             comparison.interval_fact(),
             *[count_text(metric, table) for metric, table in zip(comparison.metrics, tables)]]
    yield Drawing(figure, f"{name}-agreement", numbers, facts)
