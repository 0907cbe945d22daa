"""How a measure varies over the seeds at one point: a box per policy (median, quartiles, whiskers to 1.5 times their
distance), each seed a dot.

The point is the last value of the axis, or what --where says. Policies from best to worst; of more than a dozen, those in colour.
"""

import numpy as np
import pandas as pd

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.measures import measure_of
from laxity_figures.quantities import runs_facts
from laxity_figures.selection import axis_name, text_of, views
from laxity_figures.sweeps import sweep_of


def samples(view, runs, measure, point, facet):
    """{series: its values over the seeds, in drawn units}, without those that have none, from best to worst."""
    rows = runs[(runs["facet"] == facet) & ((runs["x"] == point) | (runs["x"] == ""))]
    shown = view.series if len(view.series) <= 12 else view.in_colour()
    found = {series: measure.scale * rows[rows["series"] == series.key][measure.column].dropna().to_numpy(float) for series in shown}
    found = {series: values for series, values in found.items() if len(values)}
    sign = 1 if measure.less_is_better else -1
    return dict(sorted(found.items(), key=lambda item: sign * np.median(item[1])))


def draw_boxes(panel, found, page, places):
    at = [places[series] for series in found]
    colours = [series.style.colour if series.emphasis else "#999999" for series in found]
    thin = {"linewidth": 0.6 * page.line}
    drawn = panel.boxplot(list(found.values()), positions=at, vert=False, widths=0.62, manage_ticks=False, patch_artist=True, showfliers=False,
                          medianprops={"color": "black", "linewidth": page.line}, boxprops=thin, whiskerprops=thin, capprops=thin)
    for index, colour in enumerate(colours):
        drawn["boxes"][index].set(facecolor=colour, alpha=0.35, edgecolor=colour)
        values = found[list(found)[index]]
        offset = 0.22 * (np.arange(len(values)) % 3 - 1)  # beside each other, not at random: the same bytes
        panel.plot(values, at[index] + offset, linestyle="none", marker=".", markersize=0.6 * page.marker, color=colour, zorder=4)


def draw_view(view, request, measures):
    page, point = request.page, view.x_values[-1]
    runs = view.runs([measure.column for measure in measures])
    facet = view.facet_values[0]
    first = samples(view, runs, measures[0], point, facet)
    if not first:
        return None
    places = {series: len(first) - 1 - index for index, series in enumerate(first)}
    figure, grid = panels.new_figure(page, 1, len(measures), height=0.5 + (0.19 if page.text < 12 else 0.5) * len(first), sharey=True)
    rows = []
    for panel, measure in zip(grid[0], measures):
        found = {series: values for series, values in samples(view, runs, measure, point, facet).items() if series in places}
        draw_boxes(panel, found, page, places)
        panel.set_xlabel(measure.label)
        panel.grid(False, axis="y")
        panel.tick_params(axis="y", length=0)
        panels.set_limits(panel, request.ylim if measure is measures[0] else (None, None), (None, None))
        rows += [{"line": series.label, "measure": measure.label, "value": value} for series in places if series in found for value in found[series]]
    grid[0][0].set_yticks(list(places.values()), [series.label for series in places])
    grid[0][0].set_ylim(-0.6, len(places) - 0.4)
    where = f"{axis_name(view.x)} {text_of(point)}" if view.x else ""
    layout.finish(figure, page, title=", ".join(filter(None, [view.title, where])), mark=view.sweep.source.state())
    facts = [f"drawn: {', '.join(measure.name for measure in measures)} of every seed{' at ' + where if where else ''}; boxes: quartiles and median; "
             "whiskers: the last seed within 1.5 times the box"]
    suffix = f"-{view.x_name}={text_of(point)}" if view.x else ""
    return Drawing(figure, f"{'-'.join(measure.column for measure in measures)}-box{suffix}{view.suffix}", pd.DataFrame(rows), facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    measures = [measure_of(name) for name in sweep.measures_asked(["accuracy"])]
    for view in views(sweep, request):
        drawing = draw_view(view, request, measures if request.y else measures[:1])
        if drawing:
            yield drawing
