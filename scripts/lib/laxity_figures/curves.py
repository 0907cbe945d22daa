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
from laxity_figures.notes import note
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
    log_if_wide: bool = False  # whether the axis is logarithmic where values differ by orders of magnitude

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


def draw_panel(panel, view, quantity, rows, facet, page):
    """All lines of a panel. Returns (the names of those in colour at their ends, what was drawn, the lines as (x, y))."""
    ends, drawn, lines = [], [], []
    grey = view.in_grey()
    wide = page.line
    for series in grey + sorted(view.in_colour(), key=lambda series: series.emphasis):
        table = points(view, quantity, rows, series.key, facet)
        if table["value"].isna().any():
            note(f"{view.sweep.source.name}: {series.label}: no {quantity.measure.name} at {', '.join(text_of(x) for x in table['x'][table['value'].isna()])}: a gap")
        if table["value"].notna().sum() == 0:
            continue
        drawn.append((view, quantity, series.label, facet, table))
        lines.append((table["place"], table["value"]))
        if not series.emphasis:
            style = Style(PALE, "solid", "." if view.words else "")
            nothing = table["value"] * np.nan
            panels.draw_points(panel, table["place"], table["value"], nothing, nothing, style, 0.55 * wide, not view.words, zorder=1.5)
            continue
        beside = dodge(view, series)
        panels.draw_points(panel, table["place"] + (beside if view.words else 0.0), table["value"], table["low"], table["high"], series.style,
                           wide * (1.6 if series.emphasis == 2 else 1), not view.words, 0.0 if view.words else 7 * beside * wide, 3 + series.emphasis)
        last = table[table["value"].notna()].iloc[-1]
        ends.append(layout.EndLabel(series.label, series.style.colour, last["value"]))
    order = [series.label for series in view.series]
    drawn.sort(key=lambda line: order.index(line[2]))
    if quantity.bound:
        table = bound_points(view, quantity, rows, facet)
        if table["value"].notna().any():
            panel.plot(table["place"], table["value"], zorder=2.5, linewidth=0.9 * page.line,
                       **({**BOUND, "linestyle": "none", "marker": "_", "markeredgewidth": page.line} if view.words else BOUND))
            drawn.append((view, quantity, "least bound", facet, table))
            ends.append(layout.EndLabel("least bound", "black", table["value"].dropna().iloc[-1]))
    if grey and drawn:
        last = [line[4]["value"].dropna().iloc[-1] for line in drawn if line[2] in {series.label for series in grey}]
        ends += [layout.EndLabel(others(len(grey)), layout.OTHERS, float(np.median(last)))] if last else []
    return ends, drawn, lines


def others(count):
    return f"{count} other{'s' if count > 1 else ''}"


def dodge(view, series):
    """Beside each other within a category."""
    keys = [other.key for other in view.in_colour()]
    return 0.62 * ((keys.index(series.key) + 0.5) / len(keys) - 0.5)


@dataclass(frozen=True)
class Row:
    """A row of panels. `part`: the vertical limits of a panel of detail, None for the whole."""

    quantity: Quantity
    part: tuple = None

    @property
    def label(self):
        if not self.part:
            return self.quantity.name
        name, bracket, unit = self.quantity.name.partition(" (")
        return f"{name}, detail{bracket}{unit.replace('% of jobs', '%')}"


def crowd(view, quantity, rows, facet):
    """Vertical limits around the best lines in colour, if at least four of them share a sixth of what all lines span: they
    would be one thick line. None otherwise."""
    spans = [points(view, quantity, rows, series.key, facet)["value"] for series in view.in_colour()]
    spans = [values.dropna() for values in spans if values.notna().any()]
    if quantity.log_if_wide or view.words or len(view.x_values) < 2 or len(spans) < 5:
        return None
    whole = max(values.max() for values in spans) - min(values.min() for values in spans)
    spans.sort(key=lambda values: -values.min() if not quantity.measure.less_is_better else values.max())
    within = lambda count: max(v.max() for v in spans[:count]) - min(v.min() for v in spans[:count])
    count = max((count for count in range(1, len(spans) + 1) if within(count) <= whole / 6), default=0)
    if count < 4:
        return None
    low, high = min(values.min() for values in spans[:count]), max(values.max() for values in spans[:count])
    if quantity.bound:
        bound = bound_points(view, quantity, rows, facet)["value"].dropna()
        high = max(high, min(bound.max(), high + 0.5 * (high - low))) if len(bound) else high
    pad = 0.06 * (high - low) or 0.5
    return low - pad, high + pad


def rows_of(view, request, quantities, rows):
    """The rows of panels: one a quantity, and the detail of the first where its lines crowd and nobody chose the limits."""
    first, *others = quantities
    asked = request.zoom or request.logy or request.ylim != (None, None) or len(view.facet_values) > 1
    part = None if asked else crowd(view, first, rows, view.facet_values[0])
    return [Row(first)] + ([Row(first, part)] if part else []) + [Row(quantity) for quantity in others]


def set_vertical(panel, row, request, drawn):
    """Scale and limits of a row, which its panels share."""
    quantity = row.quantity
    if row.part:
        panel.set_ylim(*row.part)
        return
    values = np.concatenate([line[4]["value"].dropna().to_numpy(float) for line in drawn if line[1] is quantity] or [[]])
    wide = quantity.log_if_wide and len(values) and values.min() > 0 and values.max() > 20 * values.min()
    limits = request.ylim if quantity is drawn[0][1] else (None, None)
    panels.set_scale(panel, None if quantity.zero or wide else quantity.measure, request.logy or wide, limits)
    if wide and limits == (None, None):
        panel.set_ylim(0.7 * values.min(), 1.4 * values.max())
    if request.logy or wide:
        panels.plain_decades(panel.yaxis)


def draw_curves(view, request, quantities, name, facts):
    """The Drawing of a view; None where nothing has a value."""
    page = request.page
    rows = view.rows(list(dict.fromkeys(quantity.measure.column for quantity in quantities)))
    if len(view.x_values) == 1:
        return draw_single_point(view, request, quantities, rows, name, facts)
    layers = rows_of(view, request, quantities, rows)
    figure, grid = panels.new_figure(page, len(layers), len(view.facet_values), sharex=True, sharey="row")
    ends, drawn, first_lines = {}, [], []
    for row, layer in zip(grid, layers):
        for panel, facet in zip(row, view.facet_values):
            ends[panel], panel_drawn, lines = draw_panel(panel, view, layer.quantity, rows, facet, page)
            drawn += [] if layer.part else panel_drawn
            first_lines = first_lines or lines
            if layer.quantity.zero:
                panel.axhline(0, color="black", linewidth=0.6, zorder=2)
            panels.ticks_at_values(panel, view, page, request.logx)
    if not drawn:
        return None
    for row, layer in zip(grid, layers):
        set_vertical(row[0], layer, request, drawn)
        row[0].set_ylabel(panels.wrapped(layer.label, 0.8 * 72 * figure.get_figheight() / len(layers), page.text))
    for panel, facet in zip(grid[0], view.facet_values):
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    for panel in grid[-1]:
        panel.set_xlabel(view.x_label)
        panels.set_limits(panel, request.xlim, (None, None))
    zoomed = add_zoom(grid[0][0], view, request, quantities[0], rows, first_lines, page)
    put_names(figure, view, page, drawn, ends)
    if zoomed:
        facts = facts + [f"inset: x {zoomed[0][0]:g} to {zoomed[0][1]:g}, y {zoomed[1][0]:g} to {zoomed[1][1]:g}"]
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + grey_facts(view) + runs_facts(view))


def put_names(figure, view, page, drawn, ends):
    """The lines' names: at their ends where all fit, else in a legend above the panels."""
    inside = {panel: [label for label in labels if within(panel, label.y)] for panel, labels in ends.items()}
    fit = len(view.facet_values) == 1 and not view.words and layout.labels_fit(figure, page, list(ends.values()), ends)
    layout.finish(figure, page, () if fit else handles(view, page, drawn), title=view.title, mark=view.sweep.source.state(),
                  labels=inside if fit else None)


def within(panel, y):
    low, high = panel.get_ylim()
    return low - 0.02 * (high - low) <= y <= high + 0.02 * (high - low)


def add_zoom(panel, view, request, quantity, rows, lines, page):
    if not request.zoom or view.words or not lines:
        return None
    return panels.add_zoom(panel, request.zoom, lines, lambda inset: draw_panel(inset, view, quantity, rows, view.facet_values[0], page), page)


def handles(view, page, drawn):
    """Of the legend: the lines in colour, the bound, and how many are grey."""
    found = [layout.policy_handle(series, page.line) for series in view.in_colour()]
    if any(line[2] == "least bound" for line in drawn):
        found.append(layout.bound_handle(page.line))
    return found + ([layout.rest_handle(others(len(view.in_grey())), page.line)] if view.in_grey() else [])


def grey_facts(view):
    return [f"in grey: {', '.join(series.label for series in view.in_grey())}"] if view.in_grey() else []


def runs_facts(view):
    runs = view.runs([])
    return study_lines(view.sweep.source, len(runs), [int(seed) for seed in runs["seed"].unique()])


def bars_of(panel, view, quantity, rows, facet, page):
    """The bars of a panel and the bound. Returns what was drawn."""
    drawn = [(view, quantity, series.label, facet, points(view, quantity, rows, series.key, facet)) for series in view.series]
    first = lambda column: [line[4][column].iloc[0] if len(line[4]) else float("nan") for line in drawn]
    panels.draw_bars(panel, [series.label for series in view.series], first("value"), first("low"), first("high"),
                     [series.style.colour for series in view.series], page)
    bound = bound_points(view, quantity, rows, facet) if quantity.bound else None
    if bound is not None and bound["value"].notna().any():
        panel.axvline(bound["value"].iloc[0], linewidth=0.9 * page.line, **BOUND)
        drawn.append((view, quantity, "least bound", facet, bound))
    if quantity.zero:
        panel.axvline(0, color="black", linewidth=0.6)
    elif quantity.measure.lowest == 0:
        panel.set_xlim(0, max(panel.get_xlim()[1], 1e-3) if any(line[4]["value"].gt(0).any() for line in drawn) else 1)
    return drawn


def draw_single_point(view, request, quantities, rows, name, facts):
    """One point only: bars, in the order of the policies, instead of an axis with one place on it."""
    page = request.page
    split = view.facet_values if len(view.facet_values) > 1 else quantities
    layers = quantities if len(view.facet_values) > 1 else quantities[:1]
    height = (0.5 + (0.0023 if page.text < 12 else 0.0021) * page.text * len(view.series) * 10) * len(layers)
    figure, grid = panels.new_figure(page, len(layers), len(split), height=height, sharey=True)
    drawn = []
    for row, layer in zip(grid, layers):
        for panel, column in zip(row, split):
            quantity, facet = (column, view.facet_values[0]) if split is quantities else (layer, column)
            drawn += bars_of(panel, view, quantity, rows, facet, page)
            panel.set_xlabel(panels.wrapped(quantity.name, panels.panel_points(panel), page.text))
            panels.set_limits(panel, request.ylim if quantity is quantities[0] else (None, None), (None, None))
            panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    if all(line[4]["value"].isna().all() for line in drawn):
        return None
    bound = [layout.bound_handle(page.line)] if any(line[2] == "least bound" for line in drawn) else []
    title = ", ".join(filter(None, [view.title, f"{axis_name(view.x)} {text_of(view.x_values[0])}" if view.x else ""]))
    layout.finish(figure, page, bound, title=title, mark=view.sweep.source.state())
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + runs_facts(view))
