"""Acceptance ratios of drawn task sets against their utilisation: simulated, and by analysis.

A set is accepted where its run had no miss (solid, with markers) or where a schedulability test says that there can be
none (dashed). A set is a seed, so a ratio is a count out of the seeds; where a test has no verdict on a set, the set is
left out of the analysis' ratio, as everywhere in Laxity, and the .csv says how many they were.
"""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from laxity_figures import layout, panels
from laxity_figures.curves import facet_title, handles, others, runs_facts
from laxity_figures.drawing import Drawing
from laxity_figures.notes import note
from laxity_figures.problem import NothingToDraw
from laxity_figures.proportions import interval
from laxity_figures.selection import axis_name, views
from laxity_figures.styles import PALE
from laxity_figures.sweeps import sweep_of

ORIGINS = {"accepted": "simulated", "schedulable": "analysis"}


def check_task_sets(sweep, kind):
    """Throws NothingToDraw if the sweep is not one of drawn task sets."""
    if not set(ORIGINS) <= set(sweep.measures):
        raise NothingToDraw(f"--kind {kind}: expected a sweep over drawn task sets (a workload with \"generate\"), found "
                            f"{sweep.source.file('runs.csv')} without a column \"accepted\"")


def ratio(values):
    """(accepted, of so many with a verdict, without one) of a column of 1, 0 and empty."""
    known = values.dropna()
    return int(known.sum()), len(known), len(values) - len(known)


def points(view, runs, series, facet, column):
    """A row per x with a verdict: x, place, accepted, sets, undecided, and the ratio with its interval in percent."""
    chosen = runs[(runs["series"] == series) & (runs["facet"] == facet)]
    rows = []
    for x, group in chosen.groupby("x", sort=False):
        accepted, sets, undecided = ratio(group[column])
        if sets:
            low, high = interval(accepted, sets)
            rows.append((x, view.place(x), accepted, sets, undecided, 100 * accepted / sets, 100 * low, 100 * high))
    table = pd.DataFrame(rows, columns=["x", "place", "accepted", "sets", "undecided", "value", "low", "high"])
    return table.sort_values("place", kind="stable", ignore_index=True)


def draw_line(panel, table, series, column, page, joined, share):
    """Solid with a band for the simulation, dashed and bare for the analysis; what is not in colour is grey and thin.
    `share`: 1 / bands in the panel, which overlap and must not hide the lines."""
    simulated = column == "accepted"
    colour = series.style.colour if series.emphasis else PALE
    width = page.line * (1 if simulated else 0.9) * (1 if series.emphasis else 0.55)
    marker = series.style.marker if simulated and series.emphasis or not joined else ""
    panel.plot(table["place"], table["value"], color=colour, linewidth=width, marker=marker, zorder=3 if series.emphasis else 1.5,
               linestyle="none" if not joined else "-" if simulated else (0, (3.2, 1.6)))
    if series.emphasis and simulated:
        panel.fill_between(table["place"], table["low"], table["high"], color=colour, alpha=min(0.15, 0.35 * share), linewidth=0, zorder=2)


def draw_panel(panel, view, runs, facet, page):
    """Both lines of every policy. Returns (labels of ends, (series, column, points) as drawn)."""
    ends, drawn = [], []
    for series in view.in_grey() + view.in_colour():
        for column in ORIGINS:
            table = points(view, runs, series.key, facet, column)
            if table.empty:
                continue
            draw_line(panel, table, series, column, page, not view.words, 1 / max(1, len(view.in_colour())))
            drawn.append((facet, series, column, table))
            if column == "accepted" and series.emphasis:
                ends.append(layout.EndLabel(series.label, series.style.colour, table["value"].iloc[-1]))
    return ends, drawn


def numbers_of(view, drawn):
    tables = [pd.DataFrame({**({axis_name(view.facet): facet} if view.facet else {}), "line": series.label, "by": ORIGINS[column],
                            view.x_name: table["x"], "accepted (%)": table["value"], "low (%)": table["low"], "high (%)": table["high"],
                            "accepted sets": table["accepted"], "sets with a verdict": table["sets"], "sets without": table["undecided"]})
              for facet, series, column, table in drawn]
    return pd.concat(tables, ignore_index=True)


def origin_handles(page):
    return [Line2D([], [], color="#444444", linewidth=page.line, marker="o", label="simulated"),
            Line2D([], [], color="#444444", linewidth=0.9 * page.line, linestyle=(0, (3.2, 1.6)), label="analysis")]


def untested(view, drawn):
    tested = {series.label for _, series, column, _ in drawn if column == "schedulable"}
    without = [series.label for series in view.series if series.label not in tested]
    return [f"no schedulability test: {', '.join(without)}"] if without else []


def draw_view(view, request):
    page = request.page
    runs = view.runs(list(ORIGINS))
    figure, grid = panels.new_figure(page, 1, len(view.facet_values), sharey=True)
    labels, drawn = {}, []
    for panel, facet in zip(grid[0], view.facet_values):
        labels[panel], lines = draw_panel(panel, view, runs, facet, page)
        drawn += lines
        panels.ticks_at_values(panel, view, page, request.logx)
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
        panel.set_xlabel(view.x_label)
        panel.margins(x=0.025)
        panel.set_ylim(-2, 102)
        panels.set_limits(panel, request.xlim, request.ylim)
    if not drawn:
        return None
    panels.set_vertical_label(grid[0][0], "accepted task sets (%)", page)
    fit = len(view.facet_values) == 1 and layout.labels_fit(figure, page, list(labels.values()), [0])
    names = handles(view, page, []) if not fit else [layout.rest_handle(others(len(view.in_grey())), page.line)] if view.in_grey() else []
    layout.finish(figure, page, origin_handles(page) + names, title=view.title, mark=view.sweep.source.state(),
                  labels=labels if fit else None)
    facts = ["drawn: share of the drawn task sets without a miss (simulated, solid), and of those that a schedulability test accepts "
             "(analysis, dashed)", "intervals: 95 % of a counted share (Clopper and Pearson); of the analysis in the .csv only",
             *untested(view, drawn)]
    return Drawing(figure, f"{view.x_name}-acceptance{view.suffix}", numbers_of(view, drawn), facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    check_task_sets(sweep, "acceptance")
    for view in views(sweep, request):
        if len(view.x_values) < 2 and "acceptance" not in request.kinds:
            note(f"{source.name}: one point only: no acceptance curve")
            continue
        drawing = draw_view(view, request)
        if drawing:
            yield drawing
