"""Accuracy against misses: a path per policy over the axis, with lines of equal score; at one point, the front.

The score of the thin lines is the vertical less the horizontal quantity: a job answered wrongly but in time weighs half as
much as one that is missed. --y A,B puts A on the vertical and B on the horizontal axis.
"""

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from laxity_figures import insets, layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.measures import measure_of
from laxity_figures.problem import NothingToDraw, Problem
from laxity_figures.quantities import Quantity, facet_title, grey_facts, others, points, runs_facts
from laxity_figures.selection import axis_name, text_of, views
from laxity_figures.styles import PALE
from laxity_figures.sweeps import sweep_of


MOST_WHISKERS = 10  # points of a path whose intervals are drawn; those of longer ones are in the .csv alone


def path_of(view, rows, vertical, horizontal, series, facet):
    """The points of one policy in the order of the axis, where both quantities have a value."""
    up = points(view, Quantity(vertical), rows, series, facet)
    across = points(view, Quantity(horizontal), rows, series, facet)
    table = up.merge(across, on=["x", "place"], suffixes=("", "_across"))
    return table[table["value"].notna() & table["value_across"].notna()]


def front_of(tables, vertical, horizontal):
    """The points that no other one beats in both quantities, along the horizontal axis: (x, y) of the stairs."""
    up, across = (-1 if vertical.less_is_better else 1), (1 if horizontal.less_is_better else -1)
    all_points = sorted({(across * x, -up * y) for table in tables for x, y in zip(table["value_across"], table["value"])})
    front, best = [], np.inf
    for x, y in all_points:
        if y < best:
            front.append((across * x, -up * y))
            best = y
    return front


def wide_range(values):
    """Whether an axis of these needs to be logarithmic: the smallest above which it is, None for a linear one."""
    positive = np.array([value for value in values if np.isfinite(value) and value > 0])
    if len(positive) < 3 or min(values) < 0 or positive.max() < 30 * np.percentile(positive, 25):
        return None
    return 10.0 ** np.floor(np.log10(max(np.percentile(positive, 10), positive.max() / 300)))


def set_horizontal(panel, values, request):
    """Returns what to say of the axis."""
    threshold = None if request.logx else wide_range(values)
    panel.set_xlim(min(values) - 0.04 * (max(values) - min(values)), max(values) + 0.04 * (max(values) - min(values)) or 1.0)
    if request.logx:
        panel.set_xscale("log")
        panel.set_xlim(0.7 * min([value for value in values if value > 0], default=1.0), 1.4 * max(values))
    elif threshold:
        panel.set_xscale("symlog", linthresh=threshold, linscale=0.4)
        panel.set_xlim(-0.12 * threshold, 1.7 * max(values))
        decades = 10.0 ** np.arange(np.log10(threshold), np.log10(1.7 * max(values)) + 1e-9)
        step = 1 if panels.panel_points(panel) > 26 * (len(decades) + 1) else 2
        panel.xaxis.set_major_locator(FixedLocator([0, *decades[::-1][::step][::-1]]))
    if request.logx or threshold:
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return f"horizontal axis: linear below {threshold:g}, logarithmic above" if threshold else ""


def focus(panel, values):
    """The vertical axis shows what is in colour; grey paths may leave it."""
    pad = 0.06 * (max(values) - min(values)) or 1.0
    panel.set_ylim(min(values) - pad, max(values) + pad)


def iso_lines(panel, page):
    """Thin lines of equal score across the panel, labelled at its upper or right edge. Limits are set."""
    (left, right), (low, high) = panel.get_xlim(), panel.get_ylim()
    steps = {25: 10, 12: 5, 5: 2, 2: 1, 0.8: 0.5, 0.4: 0.2}
    step = next((step for least, step in steps.items() if high - low > least), 0.1)
    scores = step * np.arange(np.ceil(-100 / step), 100 / step + 1)
    x = np.unique(np.concatenate([np.linspace(max(left, 0), right, 200), np.geomspace(max(right, 1e-6) / 1e4, max(right, 1e-6), 200)]))
    for score in scores[(scores < high) & (scores > low - right)]:
        panel.plot(x, score + x, color="#d9d9d9", linewidth=0.45, zorder=0.5, scalex=False, scaley=False)
        at = score + x
        inside = x[(at < high) & (at > low)]
        if len(inside) and low + 0.04 * (high - low) < score + inside[0] < high - 0.06 * (high - low):
            panel.annotate(f"{score:g}", (inside[0], score + inside[0]), xytext=(1.5, 1), textcoords="offset points", color="#a0a0a0",
                           fontsize=0.75 * page.small, va="bottom", zorder=0.6)
    panel.set_xlim(left, right)
    panel.set_ylim(low, high)


def draw_path(panel, table, series, page, joined):
    if not series.emphasis:
        style = {"marker": "", "linestyle": "-"} if joined else {"marker": ".", "linestyle": "none"}
        panel.plot(table["value_across"], table["value"], color=PALE, linewidth=0.55 * page.line, zorder=1.5, **style)
        return
    if len(table) <= MOST_WHISKERS:
        style = {"color": series.style.colour, "linewidth": 0.5 * page.line, "alpha": 0.5, "zorder": 2}
        panel.hlines(table["value"], *table[["low_across", "high_across"]].to_numpy(float).T, **style)
        panel.vlines(table["value_across"], table["low"], table["high"], **style)
    line = series.style.line(series.width(page.line))
    if not joined:
        line.update(linestyle="none", markersize=1.5 * page.marker)
    panel.plot(table["value_across"], table["value"], zorder=3 + series.emphasis, **line)


def length_of(panel, table):
    """From the first to the last point of a path, in panels."""
    if len(table) < 2:
        return 0.0
    ends = table[["value_across", "value"]].iloc[[0, -1]].to_numpy(float)
    return float(np.hypot(*np.diff(panel.transAxes.inverted().transform(panel.transData.transform(ends)), axis=0)[0]))


def name_ends(panel, view, table, page):
    """Of the longest path: where it begins and ends on the axis."""
    for row, offset, align in ((table.iloc[0], (5, 3), "left"), (table.iloc[-1], (-5, -3), "right")):
        panel.annotate(f"{axis_name(view.x)} {text_of(row['x'])}", (row["value_across"], row["value"]), xytext=offset, textcoords="offset points",
                       fontsize=0.85 * page.small, ha=align, va="center", color="#444444", zorder=7)


def draw_front(panel, tables, vertical, horizontal):
    stairs = np.array(front_of(tables, vertical, horizontal))
    if len(stairs) > 1:
        panel.plot(stairs[:, 0], stairs[:, 1], color="#555555", linewidth=0.6, drawstyle="steps-post", zorder=1.8)


def draw_panel(panel, view, tables, measures, page, joined):
    """All paths of a panel, or all points and their front. tables: {series: its path}; measures: vertical, horizontal."""
    for series in view.in_grey() + sorted(view.in_colour(), key=lambda each: each.emphasis):
        draw_path(panel, tables[series], series, page, joined)
    if len(view.x_values) == 1:
        draw_front(panel, tables.values(), *measures)


def set_axes(panel, view, shown, request):
    """Limits and scales, which all panels share, from the paths in colour. Returns what to say of them."""
    focus(panel, [value for table in shown for column in ("value", "low", "high") for value in table[column].dropna()])
    said = set_horizontal(panel, [value for table in shown for value in table["value_across"]], request)
    panels.set_scale(panel, None, request.logy, request.ylim)
    panels.set_limits(panel, request.xlim, (None, None))
    return [said] if said else []


def name_longest(panel, view, tables, page):
    longest = max(view.in_colour(), key=lambda series: length_of(panel, tables[series]), default=None)
    if longest and length_of(panel, tables[longest]) > 0.3:
        name_ends(panel, view, tables[longest], page)


def add_zoom(panel, view, request, tables, measures, joined):
    """An inset in the first panel, of the part asked for or of where the paths in colour crowd. Returns the part, or None."""
    if not request.zoom:
        return None
    lines = [(table["value_across"], table["value"]) for table in tables.values() if len(table)]
    shown = pd.concat([tables[series][["value_across", "value"]] for series in view.in_colour()])
    draw = lambda inset: draw_panel(inset, view, tables, measures, request.page, joined)
    return insets.add_inset(panel, request.zoom, insets.densest_part(panel, shown), lines, draw, request.page)


def name_of(view, vertical, horizontal):
    point = f"-{axis_name(view.x)}={text_of(view.x_values[0])}" if len(view.x_values) == 1 and view.x else ""
    default = (vertical.column, horizontal.column) == ("accuracy", "miss_ratio")
    return ("pareto" if default else f"{vertical.column}-{horizontal.column}-pareto") + point + view.suffix


def draw_view(view, request, vertical, horizontal):
    page = request.page
    rows = view.rows([vertical.column, horizontal.column])
    rows = rows[rows["kind"] != "bound"]
    joined = len(view.x_values) > 1 and not view.words
    paths = {facet: {series: path_of(view, rows, vertical, horizontal, series.key, facet) for series in view.series} for facet in view.facet_values}
    shown = [tables[series] for tables in paths.values() for series in view.in_colour() if len(tables[series])]
    if not shown:
        return None
    figure, grid = panels.new_figure(page, 1, len(paths), height=page.column * 0.78, sharex=True, sharey=True)
    facts = [f"drawn: {vertical.name} against {horizontal.name}" + (f", a path per line over {view.x_label}" if joined else ""),
             "intervals: 95 % of the mean over the seeds (Student's t)" + ("" if len(view.x_values) <= MOST_WHISKERS else ", in the .csv alone")]
    for panel, (facet, tables) in zip(grid[0], paths.items()):
        draw_panel(panel, view, tables, (vertical, horizontal), page, joined)
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
        panel.set_xlabel(panels.wrapped(horizontal.label, panels.panel_points(panel), page))
    facts += set_axes(grid[0][0], view, shown, request)
    equal = vertical.unit and vertical.unit == horizontal.unit and not request.logy
    for panel, tables in zip(grid[0], paths.values()):
        if equal:
            iso_lines(panel, page)
        if joined:
            name_longest(panel, view, tables, page)
    facts += ["thin line: the front, which no policy beats in both"] if len(view.x_values) == 1 else []
    facts += [f"grey lines: equal {vertical.name} \N{MINUS SIGN} {horizontal.name}, in points"] if equal else []
    facts += insets.inset_facts(add_zoom(grid[0][0], view, request, paths[view.facet_values[0]], (vertical, horizontal), joined))
    panels.set_vertical_label(grid[0][0], vertical.label, page)
    rest = [layout.rest_handle(others(len(view.in_grey())), page.line)] if view.in_grey() else []
    layout.finish(figure, page, [layout.policy_handle(series, page.line) for series in view.in_colour()] + rest, title=view.title,
                  mark=view.sweep.source.state())
    numbers = [table_of(view, table, vertical, horizontal, series, facet) for facet, tables in paths.items() for series, table in tables.items()]
    return Drawing(figure, name_of(view, vertical, horizontal), pd.concat(numbers, ignore_index=True), facts + grey_facts(view) + runs_facts(view))


def table_of(view, table, vertical, horizontal, series, facet):
    first = {axis_name(view.facet): facet} if view.facet else {}
    columns = {f"{measure.label}{what}": table[f"{column}{suffix}"] for measure, suffix in ((vertical, ""), (horizontal, "_across"))
               for column, what in (("value", ""), ("low", ", low"), ("high", ", high"))}
    return pd.DataFrame({**first, "line": series.label, axis_name(view.x) or "point": table["x"], **columns})


def draw(request, source):
    sweep = sweep_of(source, request)
    if request.y and len(request.y) != 2 and "pareto" in request.kinds:
        raise Problem(f"--y: expected two columns for --kind pareto, vertical and horizontal, found {','.join(request.y)}; e.g. --y accuracy,miss_ratio")
    measures = sweep.measures_asked(["accuracy", "miss_ratio"])
    if len(measures) != 2:
        raise NothingToDraw("--kind pareto: expected two measures, found one")
    for view in views(sweep, request):
        drawing = draw_view(view, request, *map(measure_of, measures))
        if drawing:
            yield drawing
