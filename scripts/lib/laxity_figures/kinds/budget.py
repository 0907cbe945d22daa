"""What the difference between device and simulation is made of: a bar per cell, its parts stacked by sign, a panel per metric.

The parts sum to live - simulated, which the marker shows with its interval. Cells stand in groups, one for each value of the
axis; within a group in the order of the policies.
"""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout, panels
from laxity_figures.comparisons import Comparison, read_budget
from laxity_figures.drawing import Drawing
from laxity_figures.measures import axis_label
from laxity_figures.selection import axis_name, text_of
from laxity_figures.styles import BLACK

WHOLE = ("difference", "total")  # rows that are no part, but the sum
INFORMATION = ("history", "replayed")  # no parts of the sum: what is in another one already, and the simulator's own error
# Okabe and Ito's colours (Color Universal Design, 2008), and a grey for what nothing explains
COLOURS = {"stage times": "#0072B2", "idle": "#009E73", "path": "#E69F00", "decisions": "#56B4E9", "stalls": "#D55E00",
           "drift": "#CC79A7", "rest": "#9A9A9A"}
MORE = ("#332288", "#88CCEE", "#117733", "#DDCC77", "#882255", "#AA4499")
USUAL = ("accuracy", "miss_ratio", "mean_depth", "utilisation", "response_p50", "response_p99")


def colours_of(parts):
    """Part -> colour; a part that has none of its own takes the next of MORE."""
    others = [part for part in parts if part not in COLOURS]
    return {part: COLOURS.get(part) or MORE[others.index(part) % len(MORE)] for part in parts}


def ordered_parts(table):
    """Those with a colour of their own first, in that order; then as they come."""
    found = [part for part in dict.fromkeys(table["part"]) if part not in (*WHOLE, *INFORMATION)]
    return [part for part in COLOURS if part in found] + [part for part in found if part not in COLOURS]


def cells_of(comparison, metric, parts):
    """A row per cell: x, policy, the parts in drawn units (NaN where a cell has none), the whole and its interval."""
    table = comparison.table[comparison.table["metric"] == metric.column]
    rows = []
    for x in comparison.x_values:
        for series in comparison.series:
            cell = table[(table["x"] == x) & (table["policy"] == series.key)]
            if cell.empty:
                continue
            values = cell.groupby("part")["value"].mean() * metric.scale  # over other axes, if there are any
            sum_of_parts = values[~values.index.isin([*WHOLE, *INFORMATION])].sum(min_count=1)
            whole = cell[cell["part"].isin(WHOLE)]
            known = len(whole) == 1
            rows.append({"x": x, "policy": series.key, "label": series.label, **{part: values.get(part, np.nan) for part in parts},
                         "difference": values[values.index.isin(WHOLE)].mean() if len(whole) else sum_of_parts,
                         **{end: whole[end].iloc[0] * metric.scale if known else np.nan for end in ("low", "high")}})
    return pd.DataFrame(rows)


def places_of(cells):
    """Where each bar stands: one apart, groups of the same x one more."""
    groups = pd.factorize(cells["x"])[0]
    return np.arange(len(cells)) + groups


def draw_stacks(panel, cells, parts, places):
    up, down = np.zeros(len(cells)), np.zeros(len(cells))
    for part, colour in colours_of(parts).items():
        values = np.nan_to_num(cells[part].to_numpy(float))
        panel.bar(places, values, bottom=np.where(values >= 0, up, down), width=0.8, color=colour, linewidth=0, zorder=2)
        up, down = up + np.maximum(values, 0), down + np.minimum(values, 0)


def draw_whole(panel, cells, places, page):
    whole = cells["difference"].to_numpy(float)
    ends = np.nan_to_num(np.array([whole - cells["low"], cells["high"] - whole]).clip(min=0))
    panel.errorbar(places, whole, ends, color=BLACK, linestyle="none", marker="D", markersize=0.5 * page.marker, elinewidth=0.6 * page.line,
                   markeredgewidth=0, zorder=3)
    panel.axhline(0, color=BLACK, linewidth=0.5 * page.line, zorder=2.5)


def label_cells(panel, comparison, cells, places, page, last):
    """Policies below the bars of the last panel, the values of the axis above each group."""
    panel.set_xticks(places, cells["label"] if last else [""] * len(cells), rotation=90, fontsize=0.9 * page.small)
    panel.tick_params(axis="x", length=0)
    panel.set_xlim(-1, places[-1] + 1)
    panel.grid(False, axis="x")
    for x in comparison.x_values if len(comparison.x_values) > 1 else []:
        group = places[(cells["x"] == x).to_numpy()]
        if len(group):
            panel.text(group.mean(), 0.97, text_of(x), transform=panel.get_xaxis_transform(), ha="center", va="top", fontsize=page.small, color="#555555")


def draw_panel(panel, comparison, metric, parts, page, last):
    cells = cells_of(comparison, metric, parts)
    places = places_of(cells)
    draw_stacks(panel, cells, parts, places)
    draw_whole(panel, cells, places, page)
    panel.margins(y=0.18)
    panel.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    panel.set_ylabel(metric.label.replace(" (%)", "\n(points)").replace(" (", "\n("), fontsize=page.small)
    label_cells(panel, comparison, cells, places, page, last)
    return cells.drop(columns="label").assign(metric=metric.label.replace("(%)", "(points)"))


def metrics_of(comparison, asked):
    """All that were asked for; else the usual ones that are there, or whatever is."""
    usual = [metric for metric in comparison.metrics if metric.column in USUAL]
    return comparison.metrics if asked or not usual else usual


def draw(request, source):
    page = request.page
    comparison = Comparison(source, request, "budget.csv", read_budget)
    parts, metrics = ordered_parts(comparison.table), metrics_of(comparison, request.y)
    figure, grid = panels.new_figure(page, len(metrics), 1, height=len(metrics) * 8.2 * page.text / 72 + 8 * page.text / 72, sharex=True)
    tables = [draw_panel(panel, comparison, metric, parts, page, panel is grid.flat[-1]) for panel, metric in zip(grid.flat, metrics)]
    handles = [*(Patch(facecolor=colour, label=part) for part, colour in colours_of(parts).items()),
               Line2D([], [], color=BLACK, linestyle="none", marker="D", markersize=0.5 * page.marker, label="live \u2212 simulated")]
    layout.finish(figure, page, handles, columns=5)
    name = axis_name(comparison.axis) or "point"
    numbers = pd.concat(tables, ignore_index=True).rename(columns={"x": name, "difference": "live - simulated", "low": "its low end", "high": "its high end"})
    axis = f", in groups by {axis_label(comparison.axis)}" if comparison.axis else ""
    yield Drawing(figure, f"{name}-budget", numbers[["metric", name, "policy", *parts, "live - simulated", "its low end", "its high end"]],
                  [f"drawn: what live - simulated is made of, a bar per policy{axis}; parts stacked by their sign, the marker is their sum",
                   "intervals: of live - simulated over repetitions, where the file has that row",
                   "simulated: on the user's own trace, so that the parts include the drift since it was measured",
                   "parts: " + ", ".join(parts)])
