"""Bars instead of curves, where a figure has but one point: an axis with one place on it would say less."""

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.quantities import bound_points, facet_title, numbers_of, points, runs_facts
from laxity_figures.selection import axis_name, text_of
from laxity_figures.styles import BOUND


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


def draw_bars(view, request, quantities, rows, name, facts):
    """The Drawing of a view with one point: a bar per policy, in their order; None where nothing has a value."""
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
            panel.set_xlabel(panels.wrapped(quantity.name, panels.panel_points(panel), page))
            panels.set_limits(panel, request.ylim if quantity is quantities[0] else (None, None), (None, None))
            panel.set_title(facet_title(view, facet), pad=2.5, fontsize=page.small)
    if all(line[4]["value"].isna().all() for line in drawn):
        return None
    bound = [layout.bound_handle(page.line)] if any(line[2] == "least bound" for line in drawn) else []
    title = ", ".join(filter(None, [view.title, f"{axis_name(view.x)} {text_of(view.x_values[0])}" if view.x else ""]))
    layout.finish(figure, page, bound, title=title, mark=view.sweep.source.state())
    return Drawing(figure, name + view.suffix, numbers_of(drawn), facts + runs_facts(view))
