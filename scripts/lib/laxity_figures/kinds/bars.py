"""Grouped bars with 95 % intervals: a group per value of the axis, a bar per policy, a panel per measure.

The usual figure where the axis has words (task sets, networks, harvesters), between which there is no line. A bar is as long
as its value, so that it begins at zero; colour, hatch and place within the group each tell who it is, in grey too.
"""

from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from laxity_figures import layout, panels
from laxity_figures.curves import is_stacked, new_grid, note_gaps
from laxity_figures.drawing import Drawing
from laxity_figures.measures import measure_of
from laxity_figures.problem import Problem
from laxity_figures.quantities import Quantity, bound_points, facet_title, grey_facts, numbers_of, others, points, runs_facts
from laxity_figures.selection import views
from laxity_figures.styles import BOUND, PALE, lightness, shaded
from laxity_figures.sweeps import sweep_of

HATCHES = {"solid": "", "dashed": "/////", "dashdot": "\\\\\\\\\\", "long": "-----", "dashdotdot": "xxxxx", "short": "....."}
GROUP = 0.84  # of the distance between groups
STUB = 1.0  # widths of a line: how high a bar is at least, so that a value of zero is seen, and is not taken for none


def are_usual(view, request):
    """Whether bars are what one expects of this view: categories, and no logarithmic axis."""
    return view.words and len(view.x_values) > 1 and not request.logy


def look(style):
    """As arguments of bar(). Hatches are white on dark colours, dark on pale ones."""
    ink = "white" if lightness(style.colour) < 72 else shaded(style.colour, -0.55)
    return {"facecolor": style.colour, "edgecolor": ink, "hatch": HATCHES[style.dash], "linewidth": 0}


def slots(view):
    """Where in a group each policy in colour stands, and its width; the grey ones share one more slot."""
    coloured = view.in_colour()
    width = GROUP / (len(coloured) + bool(view.in_grey()))
    places = {series.key: (index + 0.5) * width - GROUP / 2 for index, series in enumerate(coloured)}
    return places, GROUP / 2 - width / 2, width


def group_of(view, values):
    return [view.x_values.index(value) for value in values]


def draw_bars_of(panel, view, series, table, place, width, page):
    """One policy's bar in each group; a point without a value has none."""
    table = table[table["value"].notna()]
    x = [group + place for group in group_of(view, table["x"])]
    panel.bar(x, table["value"], width=0.92 * width, zorder=2, **look(series.style))
    ends = [at - 0.46 * width for at in x], [at + 0.46 * width for at in x]
    stub = STUB * page.line
    raised = panel.transData + ScaledTranslation(0, stub / 2 / 72, panel.figure.dpi_scale_trans)
    panel.hlines([0] * len(x), *ends, color=series.style.colour, linewidth=stub, transform=raised, zorder=1.9)
    known = (table["low"].notna() & table["high"].notna()).to_numpy()
    panel.vlines([at for at, there in zip(x, known) if there], table["low"][known], table["high"][known], color="black",
                 linewidth=0.6 * page.line, zorder=3)


def draw_grey(panel, view, tables, place, width, page):
    """The policies that are not in colour, a mark each, in one slot of the group."""
    for table in tables:
        x = [group + place for group in group_of(view, table["x"])]
        panel.hlines(table["value"], [at - 0.4 * width for at in x], [at + 0.4 * width for at in x], color=PALE, linewidth=0.7 * page.line, zorder=2)


def draw_panel(panel, view, quantity, rows, facet, page):
    """All groups of a panel. Returns what was drawn."""
    drawn = {series.key: (view, quantity, series.label, facet, points(view, quantity, rows, series.key, facet)) for series in view.series}
    for series in view.series:
        note_gaps(view, quantity, series, drawn[series.key][4])
    places, rest, width = slots(view)
    for series in view.in_colour():
        draw_bars_of(panel, view, series, drawn[series.key][4], places[series.key], width, page)
    draw_grey(panel, view, [drawn[series.key][4] for series in view.in_grey()], rest, width, page)
    bound = bound_points(view, quantity, rows, facet) if quantity.bound else None
    if bound is not None and bound["value"].notna().any():
        groups = group_of(view, bound["x"])
        panel.hlines(bound["value"], [at - GROUP / 2 for at in groups], [at + GROUP / 2 for at in groups], linewidth=0.9 * page.line, zorder=4,
                     color=BOUND["color"], linestyle=[BOUND["linestyle"]])
        drawn["least bound"] = (view, quantity, "least bound", facet, bound)
    return [line for line in drawn.values() if line[4]["value"].notna().any()]


def set_axes(panel, view, quantity, request, drawn, first):
    """Ticks of x are the groups; the bars' axis begins at zero, and has a line there if some are below."""
    values = [value for line in drawn for value in line[4]["value"].dropna()]
    panels.set_scale(panel, quantity.measure, False, request.ylim if first else (None, None))
    if not any(values):
        panel.set_ylim(0, 1)
    if any(value < 0 for value in values):
        panel.axhline(0, color="black", linewidth=0.6)
    panels.ticks_of_words(panel, range(len(view.x_values)), [panels.value_text(value) for value in view.x_values], request.page)
    panel.tick_params(axis="x", length=0)


def handles(view, page, drawn):
    found = [Patch(label=series.label, **look(series.style)) for series in view.in_colour()]
    if any(line[2] == "least bound" for line in drawn):
        found.append(layout.bound_handle(page.line))
    return found + ([layout.rest_handle(others(len(view.in_grey())), page.line)] if view.in_grey() else [])


def draw_view(view, request, quantities, name, facts):
    """The Drawing of a view; None where nothing has a value."""
    page = request.page
    rows = view.rows([quantity.measure.column for quantity in quantities])
    figure, grid = new_grid(page, quantities, view.facet_values)
    drawn = []
    for row, quantity in zip(grid, quantities):
        layer = {panel: draw_panel(panel, view, quantity, rows, facet, page) for panel, facet in zip(row, view.facet_values)}
        for panel in layer:
            set_axes(panel, view, quantity, request, sum(layer.values(), []), quantity is quantities[0])
        drawn += sum(layer.values(), [])
        panels.set_vertical_label(row[0], quantity.name, page)
    if not drawn:
        return None
    for panel, facet in zip(grid[0], view.facet_values):
        panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    for panel in grid[-1] if is_stacked(page, view.facet_values) else grid.flat:
        panel.set_xlabel(panels.wrapped(view.x_label, panels.panel_points(panel), page))
    layout.finish(figure, page, handles(view, page, drawn), title=view.title, mark=view.sweep.source.state())
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + grey_facts(view) + runs_facts(view))


def draw(request, source):
    """Of all views if asked for by name, else of those whose axis has words; lines draws the others."""
    asked = "bars" in request.kinds
    if asked and request.logy:
        raise Problem("--kind bars: expected an axis from zero, for bars are as long as their values, found --logy; leave it out, or use --kind lines")
    sweep = sweep_of(source, request)
    measures = sweep.measures_asked(["accuracy", "miss_ratio"])
    quantities = [Quantity(measure_of(name), bound="least" if name == "accuracy" else "") for name in measures]
    for view in (view for view in views(sweep, request) if asked or are_usual(view, request)):
        facts = [f"drawn: {', '.join(quantity.measure.name for quantity in quantities)} at each {view.x_label}, a bar per line: means over the seeds",
                 "intervals: 95 % of the mean over the seeds (Student's t)"]
        drawing = draw_view(view, request, quantities, "-".join([view.x_name, *measures, "bars"]), facts)
        if drawing:
            yield drawing
