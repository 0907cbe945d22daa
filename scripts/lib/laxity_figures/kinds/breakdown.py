"""Breakdown utilisation: how far the utilisation of a drawn task set rises before a job misses, as a box per policy.

A set is a seed: the same seed at every utilisation of the sweep. Its breakdown utilisation is the highest one of the sweep
up to which it was accepted throughout, so it is known from below to one step of the axis. Sets that already miss at the
lowest utilisation, or never do, are counted at that end of the axis, where they count for the quantiles as well.
"""

import math

import numpy as np
import pandas as pd

from laxity_figures import layout, panels
from laxity_figures.curves import facet_title, runs_facts
from laxity_figures.drawing import Drawing
from laxity_figures.kinds.acceptance import check_task_sets
from laxity_figures.problem import NothingToDraw
from laxity_figures.selection import axis_name, views
from laxity_figures.styles import tinted
from laxity_figures.sweeps import sweep_of

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def breakdown_of(rows):
    """Of one set's rows (x, accepted): the highest x up to which all are accepted; -inf if the lowest is not."""
    last = -math.inf
    for x, accepted in sorted(zip(rows["x"], rows["accepted"])):
        if not accepted == 1:
            break
        last = float(x)
    return last


def breakdowns(runs, series, facet):
    """Breakdown utilisation by seed, ascending by value."""
    chosen = runs[(runs["series"] == series) & (runs["facet"] == facet) & runs["accepted"].notna()]
    return np.sort([breakdown_of(rows) for _, rows in chosen.groupby("seed")])


def quantile(values, share):
    """The smallest value with at least this share at or below it: values may be -inf."""
    return values[max(0, math.ceil(share * len(values) * (1 - 1e-15)) - 1)]


def row_of(values, lowest, highest):
    """What is drawn of one policy: quantiles, and how many sets lie beyond either end of the axis."""
    return {**{f"q{round(100 * share)}": quantile(values, share) for share in SHARES}, "sets": len(values),
            "below": int((values < lowest).sum()), "above": int((values >= highest).sum())}


def draw_box(panel, place, row, colour, low):
    """Quartiles, median, and whiskers from 5 to 95 %; what is below the axis is drawn at its end."""
    at = {name: max(row[name], low) for name in ("q5", "q25", "q50", "q75", "q95")}
    panel.hlines(place, at["q5"], at["q95"], color=colour, linewidth=0.9, zorder=2)
    panel.barh(place, at["q75"] - at["q25"], left=at["q25"], height=0.56, color=tinted(colour, 0.3), edgecolor=colour, linewidth=0.8, zorder=3)
    panel.vlines(at["q50"], place - 0.28, place + 0.28, color=colour, linewidth=1.8, zorder=4)


def write_ends(panel, place, row, page):
    """How many sets lie beyond the axis: left "never accepted", right "never broken"."""
    for count, x, align in ((row["below"], -0.012, "right"), (row["above"], 1.012, "left")):
        if count:
            panel.text(x, place, f"{count}", transform=panel.get_yaxis_transform(), ha=align, va="center", fontsize=page.small, color="#555555")


def draw_panel(panel, view, runs, facet, order, page):
    """A box for each series, the first on top. Returns the drawn rows."""
    low, step = view.x_values[0], (view.x_values[-1] - view.x_values[0]) / max(1, len(view.x_values) - 1)
    rows = []
    for place, series in enumerate(reversed(order)):
        values = breakdowns(runs, series.key, facet)
        if len(values) == 0:
            continue
        row = row_of(values, low, view.x_values[-1])
        draw_box(panel, place, row, series.style.colour, low - 0.5 * step)
        write_ends(panel, place, row, page)
        rows.append({"facet": facet, "line": series.label, **row})
    for x, text, align in ((-0.012, f"< {low:g}", "right"), (1.012, f"\u2265 {view.x_values[-1]:g}", "left")):
        panel.text(x, len(order) - 0.45, text, transform=panel.get_yaxis_transform(), ha=align, va="bottom", fontsize=page.small, color="#555555")
    panel.set_yticks(range(len(order)), [series.label for series in reversed(order)])
    panel.tick_params(axis="y", length=0, pad=2 + 1.6 * page.small)
    panel.set_xlim(low - 0.5 * step, view.x_values[-1] + 0.2 * step)
    panel.set_ylim(-0.6, len(order) - 0.4)
    panel.grid(False, axis="y")
    return rows[::-1]


def ordered_series(view, runs):
    """By median over all panels, the highest first."""
    middle = lambda series: np.mean([max(quantile(values, 0.5), 0) + 1e-3 * np.mean(np.maximum(values, 0)) for facet in view.facet_values
                                     for values in [breakdowns(runs, series.key, facet)] if len(values)] or [-1])
    return sorted(view.in_colour() + view.in_grey(), key=lambda series: -middle(series))


def draw_view(view, request):
    page = request.page
    runs = view.runs(["accepted"])
    order = ordered_series(view, runs)
    figure, grid = panels.new_figure(page, 1, len(view.facet_values), height=(0.62 + 0.027 * page.text * len(order)) * page.column / 3.5, sharey=True)
    rows = []
    for panel, facet in zip(grid[0], view.facet_values):
        rows += draw_panel(panel, view, runs, facet, order, page)
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
        panel.set_xlabel("breakdown utilisation" if axis_name(view.x).endswith("utilisation") else f"breakdown at {view.x_label}")
        panels.set_limits(panel, request.xlim, (None, None))
    if not rows:
        return None
    layout.finish(figure, page, title=view.title, mark=view.sweep.source.state(), rect=(0, 0, 0.97, 1))
    numbers = pd.DataFrame(rows).replace(-np.inf, np.nan)
    numbers = numbers.rename(columns={"facet": axis_name(view.facet)} if view.facet else {"": ""}).rename(columns={f"q{round(100 * s)}": f"{round(100 * s)} %" for s in SHARES})
    facts = ["drawn: the highest utilisation of the sweep up to which a set had no miss: quartiles and median (box), 5 to 95 % (line) of the sets",
             f"numbers beside the boxes: sets that miss at {view.x_values[0]:g} already (left; empty quantiles in the .csv), and that still hold at {view.x_values[-1]:g} (right)",
             "intervals: none; the box is the spread of the sets", f"resolution: the steps of the sweep, {', '.join(f'{x:g}' for x in view.x_values)}"]
    return Drawing(figure, f"{view.x_name}-breakdown{view.suffix}", numbers if view.facet else numbers.drop(columns="facet"), facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    check_task_sets(sweep, "breakdown")
    for view in views(sweep, request):
        if view.words or len(view.x_values) < 2:
            raise NothingToDraw(f"--kind breakdown: expected at least two utilisations along x, found {', '.join(map(str, view.x_values))}")
        drawing = draw_view(view, request)
        if drawing:
            yield drawing
