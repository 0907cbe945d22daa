"""Curves with intervals: what lines, difference and regret share.

One figure has a row of panels per quantity and a column per value of the facet; a quantity whose best lines lie too close to
be told apart has a second row, of detail.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from laxity_figures import insets, layout, panels
from laxity_figures.bars import draw_bars
from laxity_figures.drawing import Drawing
from laxity_figures.notes import note
from laxity_figures.quantities import Quantity, bound_points, facet_title, grey_facts, numbers_of, others, points, runs_facts
from laxity_figures.selection import text_of
from laxity_figures.styles import BOUND, PALE, Style


def draw_panel(panel, view, quantity, rows, facet, page):
    """All lines of a panel. Returns (the names of those in colour at their ends, what was drawn, the lines as (x, y))."""
    drawn = [(view, quantity, series.label, facet, points(view, quantity, rows, series.key, facet)) for series in view.series]
    for series, line in zip(view.series, drawn):
        note_gaps(view, quantity, series, line[4])
    there = [(series, line) for series, line in zip(view.series, drawn) if line[4]["value"].notna().any()]
    ends = []
    for series, line in sorted(there, key=lambda entry: entry[0].emphasis):
        end = draw_line(panel, view, series, line[4], page)
        ends += [layout.EndLabel(series.label, series.style.colour, end)] if series.emphasis else []
    grey = [last_of(line[4]) for series, line in there if not series.emphasis]
    ends += [layout.EndLabel(others(len(view.in_grey())), layout.OTHERS, float(np.median(grey)))] if grey else []
    drawn = [line for _, line in there]
    lines = [(line[4]["place"], line[4]["value"]) for line in drawn]
    bound = bound_points(view, quantity, rows, facet) if quantity.bound else None
    if bound is not None and bound["value"].notna().any():
        draw_bound(panel, view, bound, page)
        drawn.append((view, quantity, "least bound", facet, bound))
        ends.append(layout.EndLabel("least bound", "black", last_of(bound)))
    return ends, drawn, lines


def last_of(table):
    """Where a line ends."""
    return float(table["value"].dropna().iloc[-1])


def note_gaps(view, quantity, series, table):
    gaps = table["x"][table["value"].isna() & ~table["itself"].astype(bool)]  # nothing differs from itself
    if len(gaps):
        note(f"{view.sweep.source.name}: {series.label}: no {quantity.measure.name} at {', '.join(map(text_of, gaps))}: a gap")


def draw_line(panel, view, series, table, page):
    """One line, in grey without its interval. Returns where it ends."""
    if not series.emphasis:
        nothing = table["value"] * np.nan
        panels.draw_points(panel, table["place"], table["value"], nothing, nothing, Style(PALE, "solid", "." if view.words else ""),
                           0.55 * page.line, not view.words, zorder=1.5)
        return last_of(table)
    beside = dodge(view, series)
    moved, shift = (table["place"] + beside, 0.0) if view.words else (table["place"], 7 * beside * page.line)
    panels.draw_points(panel, moved, table["value"], table["low"], table["high"], series.style, series.width(page.line), not view.words, shift, 3 + series.emphasis)
    return last_of(table)


def draw_bound(panel, view, table, page):
    style = {**BOUND, "linestyle": "none", "marker": "_", "markeredgewidth": page.line} if view.words else BOUND
    panel.plot(table["place"], table["value"], zorder=2.5, linewidth=0.9 * page.line, **style)


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
    spans += [pd.Series([0.0])] if quantity.zero else []  # whom the others are compared with is a line as well
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
        return draw_bars(view, request, quantities, rows, name, facts)
    layers = rows_of(view, request, quantities, rows)
    figure, grid = new_grid(page, layers, view.facet_values)
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
        panels.set_vertical_label(row[0], layer.label, page)
    for panel, facet in zip(grid[0], view.facet_values):
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    for panel in grid[-1] if is_stacked(page, view.facet_values) else grid.flat:
        panel.set_xlabel(panels.wrapped(view.x_label, panels.panel_points(panel), page))
        panels.set_limits(panel, request.xlim, (None, None))
    zoomed = add_zoom(grid[0][0], view, request, quantities[0], rows, first_lines, page)
    put_names(figure, view, page, drawn, ends)
    facts = facts + insets.inset_facts(zoomed) + grey_facts(view) + runs_facts(view)
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts)


def is_stacked(page, facets):
    """Whether the panels of the quantities stand above one another: not where a wide page has room for them side by side."""
    return page.width < 1.4 * page.column or len(facets) > 1


def new_grid(page, layers, facets):
    """A figure and its panels: [quantity][facet], wherever they stand."""
    if is_stacked(page, facets):
        return panels.new_figure(page, len(layers), len(facets), sharex=True, sharey="row")
    figure, grid = panels.new_figure(page, 1, len(layers), sharex=True)
    return figure, grid.T


def put_names(figure, view, page, drawn, ends):
    """The lines' names: at their ends where all fit, else in a legend above the panels."""
    inside = {panel: [label for label in labels if within(panel, label.y)] for panel, labels in ends.items()}
    beside = len({panel.get_subplotspec().colspan.start for panel in ends}) > 1  # a panel stands where names would
    fit = not beside and not view.words and layout.labels_fit(figure, page, list(ends.values()), ends)
    layout.finish(figure, page, () if fit else handles(view, page, drawn), title=view.title, mark=view.sweep.source.state(),
                  labels=inside if fit else None)


def within(panel, y):
    low, high = panel.get_ylim()
    return low - 0.02 * (high - low) <= y <= high + 0.02 * (high - low)


def add_zoom(panel, view, request, quantity, rows, lines, page):
    if not request.zoom or view.words or not lines:
        return None
    draw = lambda inset: draw_panel(inset, view, quantity, rows, view.facet_values[0], page)
    return insets.add_inset(panel, request.zoom, insets.crowded_corner(lines), lines, draw, page)


def handles(view, page, drawn):
    """Of the legend: the lines in colour, the bound, and how many are grey."""
    found = [layout.policy_handle(series, page.line) for series in view.in_colour()]
    if any(line[2] == "least bound" for line in drawn):
        found.append(layout.bound_handle(page.line))
    return found + ([layout.rest_handle(others(len(view.in_grey())), page.line)] if view.in_grey() else [])
