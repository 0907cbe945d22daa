"""Curves with intervals: what lines, difference and regret share.

A Quantity says which columns of the report are drawn, in which unit. One figure has a row of panels per quantity and a
column per value of the facet.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.facts import study_lines
from laxity_figures.measures import Measure
from laxity_figures.selection import axis_name, text_of
from laxity_figures.styles import BOUND, PALE, Style


@dataclass(frozen=True)
class Quantity:
    """Columns `value`, `low`, `high` of the rows of `measure`."""

    measure: Measure
    value: str = "mean"
    low: str = "low"
    high: str = "high"
    label: str = ""
    bound: str = ""  # the bound drawn with it, a policy of the report's rows of kind "bound"
    zero: bool = False  # a line at zero

    @property
    def name(self):
        return self.label or self.measure.label


def points(view, quantity, rows, series, facet):
    """The points of one line, in order of x: a table with x, place, value, low, high in drawn units."""
    chosen = rows[(rows["metric"] == quantity.measure.column) & (rows["series"] == series) & (rows["facet"] == facet)]
    constant = chosen[chosen["x"] == ""]
    if not constant.empty and len(constant) == len(chosen):  # a policy without the parameter that is the axis
        chosen = pd.concat([constant.iloc[:1].assign(x=value) for value in view.x_values])
    chosen = chosen[chosen["x"] != ""]
    scale = quantity.measure.scale
    table = pd.DataFrame({"x": list(chosen["x"]), "place": [view.place(value) for value in chosen["x"]],
                          **{to: scale * chosen[column].to_numpy(float)
                             for to, column in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high))},
                          "n": list(chosen["n"])})
    return table.sort_values("place", kind="stable", ignore_index=True)


def bound_points(view, quantity, rows, facet):
    chosen = rows[rows["kind"] == "bound"]
    if view.facet and view.facet != "policy":
        chosen = chosen[chosen["facet"] == facet]
    return points(view, quantity, chosen.assign(facet=facet), quantity.bound, facet)


def facet_title(view, value):
    if not view.facet:
        return ""
    return str(value) if view.facet == "policy" else f"{axis_name(view.facet).replace('_', ' ')} {text_of(value)}"


def numbers_of(drawn):
    """The plotted numbers as one table. drawn: (view, quantity, series label, facet, points) each."""
    tables = []
    for view, quantity, series, facet, table in drawn:
        unit = f" ({quantity.measure.unit})" if quantity.measure.unit else ""
        first = {axis_name(view.facet): facet} if view.facet else {}
        tables.append(pd.DataFrame({**{axis_name(axis): value for axis, value in view.fixed.items()}, **first, "line": series,
                                    axis_name(view.x) or "point": table["x"], "quantity": quantity.name,
                                    "value": table["value"], "low": table["low"], "high": table["high"], "n": table["n"]}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def draw_panel(panel, view, quantity, rows, facet, page, note):
    """All lines of a panel. Returns (label of each line in colour's end, what was drawn, the lines as (x, y))."""
    ends, drawn, lines = [], [], []
    grey = view.in_grey()
    wide = page.line
    for series in grey + sorted(view.in_colour(), key=lambda series: series.emphasis):
        table = points(view, quantity, rows, series.key, facet)
        if table["value"].isna().any():
            note(f"{series.label}: no {quantity.measure.name} at {', '.join(text_of(x) for x in table['x'][table['value'].isna()])}: a gap")
        if table["value"].notna().sum() == 0:
            continue
        drawn.append((view, quantity, series.label, facet, table))
        lines.append((table["place"], table["value"]))
        if not series.emphasis:
            style = Style(PALE, "solid", ".")
            panels.draw_points(panel, table["place"], table["value"], table["value"] * np.nan, table["value"] * np.nan, style,
                               0.55 * wide, not view.words, view.words, zorder=1.5)
            continue
        shift = dodge(view, series) if view.words else 0.0
        panels.draw_points(panel, table["place"] + shift, table["value"], table["low"], table["high"], series.style,
                           wide * (1.6 if series.emphasis == 2 else 1), not view.words, True, 3 + series.emphasis)
        last = table[table["value"].notna()].iloc[-1]
        ends.append(layout.EndLabel(series.label, series.style.colour, last["value"]))
    if quantity.bound:
        table = bound_points(view, quantity, rows, facet)
        if table["value"].notna().any():
            panel.plot(table["place"], table["value"], zorder=2.5, **({**BOUND, "linestyle": "none", "marker": "_"} if view.words else BOUND))
            drawn.append((view, quantity, "least bound", facet, table))
            ends.append(layout.EndLabel("least bound", "black", table["value"].dropna().iloc[-1]))
    return ends, drawn, lines


def dodge(view, series):
    """Beside each other within a category."""
    keys = [other.key for other in view.in_colour()]
    return 0.62 * ((keys.index(series.key) + 0.5) / len(keys) - 0.5)


def draw_curves(view, request, quantities, name, facts):
    """The Drawing of a view; None where nothing has a value."""
    from laxity_figures.notes import note

    page = request.page
    measures = list(dict.fromkeys(quantity.measure.column for quantity in quantities))
    rows = view.rows(measures)
    if len(view.x_values) == 1:
        return draw_single_point(view, request, quantities, rows, name, facts)
    figure, grid = panels.new_figure(page, len(quantities), len(view.facet_values), sharex=True, sharey="row")
    ends, drawn, any_line = {}, [], []
    for row, quantity in zip(grid, quantities):
        for panel, facet in zip(row, view.facet_values):
            panel_ends, panel_drawn, lines = draw_panel(panel, view, quantity, rows, facet, page, note)
            ends[panel] = panel_ends
            drawn += panel_drawn
            any_line.append(lines)
            if quantity.zero:
                panel.axhline(0, color="black", linewidth=0.6, zorder=2)
            panels.ticks_at_values(panel, view, page, request.logx)
            if not view.words:
                panel.margins(x=0.025)
        panels.set_scale(row[0], None if quantity.zero else quantity.measure, request.logy, request.ylim if quantity is quantities[0] else (None, None))
        row[0].set_ylabel(quantity.name)
    if not drawn:
        return None
    for panel, facet in zip(grid[0], view.facet_values):
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    for panel in grid[-1]:
        panel.set_xlabel(view.x_label)
        panels.set_limits(panel, request.xlim, (None, None))
    zoomed = add_zoom(grid[0][0], view, request, quantities[0], rows, any_line[0], page)
    fit = len(view.facet_values) == 1 and not view.words and layout.labels_fit(figure, page, list(ends.values()), quantities)
    layout.finish(figure, page, () if fit and not view.in_grey() else handles(view, page, drawn, only_rest=fit), title=view.title,
                  mark=view.sweep.source.state(), labels=ends if fit else None)
    facts = facts + grey_facts(view) + ([f"inset: x {zoomed[0][0]:g} to {zoomed[0][1]:g}, y {zoomed[1][0]:g} to {zoomed[1][1]:g}"] if zoomed else [])
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + runs_facts(view))


def add_zoom(panel, view, request, quantity, rows, lines, page):
    if not request.zoom or view.words or not lines:
        return None
    return panels.add_zoom(panel, request.zoom, lines, lambda inset: draw_panel(inset, view, quantity, rows, view.facet_values[0], page, lambda text: None), page)


def handles(view, page, drawn, only_rest=False):
    """Of the legend: the lines in colour, the bound, and how many are grey."""
    found = [] if only_rest else [layout.policy_handle(series, page.line) for series in view.in_colour()]
    if not only_rest and any(line[2] == "least bound" for line in drawn):
        found.append(layout.bound_handle())
    return found + ([layout.rest_handle(len(view.in_grey()), page.line)] if view.in_grey() else [])


def grey_facts(view):
    return [f"in grey: {', '.join(series.label for series in view.in_grey())}"] if view.in_grey() else []


def runs_facts(view):
    runs = view.runs([])
    return study_lines(view.sweep.source, len(runs), [int(seed) for seed in runs["seed"].unique()])


def draw_single_point(view, request, quantities, rows, name, facts):
    """One point only: bars, in the order of the policies, instead of an axis with one place on it."""
    page = request.page
    series = view.series
    drawn, tables = [], {}
    for quantity in quantities:
        tables[quantity] = [points(view, quantity, rows, each.key, view.facet_values[0]) for each in series]
        drawn += [(view, quantity, each.label, view.facet_values[0], table) for each, table in zip(series, tables[quantity])]
    figure, grid = panels.new_figure(page, 1, len(quantities), height=(0.55 + 0.021 * page.text * len(series)) if page.text < 12 else 1.5 + 0.45 * len(series), sharey=True)
    first = lambda table, column: table[column].iloc[0] if len(table) else float("nan")
    for panel, quantity in zip(grid[0], quantities):
        columns = [[first(table, column) for table in tables[quantity]] for column in ("value", "low", "high")]
        panels.draw_bars(panel, [each.label for each in series], *columns, [each.style.colour for each in series], page)
        if quantity.bound:
            table = bound_points(view, quantity, rows, view.facet_values[0])
            if table["value"].notna().any():
                panel.axvline(table["value"].iloc[0], **BOUND)
                drawn.append((view, quantity, "least bound", view.facet_values[0], table))
        panel.set_xlabel(quantity.name)
        panels.set_limits(panel, request.ylim if quantity is quantities[0] else (None, None), (None, None))
    bound = [layout.bound_handle()] if any(line[2] == "least bound" for line in drawn) else []
    title = ", ".join(filter(None, [view.title, f"{axis_name(view.x)} {text_of(view.x_values[0])}" if view.x else ""]))
    layout.finish(figure, page, bound, title=title, mark=view.sweep.source.state())
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + runs_facts(view))
