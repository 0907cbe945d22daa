"""How deep jobs got at one point: the histogram of the stages finished in time, a panel per policy, its mean marked.

The point is the last value of the axis, or what --where says.
"""

import numpy as np
import pandas as pd

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.kinds.exits import COLUMN, shares, wrapped
from laxity_figures.problem import Problem
from laxity_figures.quantities import runs_facts
from laxity_figures.selection import axis_name, text_of, views
from laxity_figures.styles import depth_colours
from laxity_figures.sweeps import sweep_of


def draw_histogram(panel, share, stages, page):
    heights = np.zeros(stages + 1)
    heights[:len(share)] = 100 * share
    bars = panel.bar(range(stages + 1), heights, width=0.82, color=depth_colours(stages), linewidth=0)
    bars[0].set_hatch("/////")
    bars[0].set_edgecolor("white")
    mean = float(np.dot(heights, np.arange(stages + 1)) / 100)
    panel.axvline(mean, color="black", linewidth=0.6, linestyle=(0, (2, 1.2)))
    panel.grid(False, axis="x")
    panel.set_xticks(range(stages + 1))
    return mean


def draw_view(view, request):
    page, point = request.page, view.x_values[-1]
    runs = view.runs([COLUMN])
    found = [(series, facet, shares(view, runs, series.key, facet).get(point)) for series in view.in_colour() for facet in view.facet_values]
    found = [entry for entry in found if entry[2] is not None]
    if not found:
        return None
    stages = max(len(share) for _, _, share in found) - 1
    figure, grid = panels.new_grid(page, len(found), 0.27, sharey=True)
    rows = []
    for panel, (series, facet, share) in zip(grid.flat, found):
        mean = draw_histogram(panel, share, stages, page)
        title = f"{series.label}, {text_of(facet)}" if view.facet else series.label
        panel.set_title(wrapped(title), pad=2.5, fontsize=page.small, linespacing=0.95)
        first = {"line": series.label, **({axis_name(view.facet): facet} if view.facet else {})}
        rows += [{**first, "depth": depth, "jobs (%)": 100 * part, "mean depth": mean} for depth, part in enumerate(share)]
    figure.supylabel("jobs (%)", fontsize=page.text, x=0.003)
    figure.supxlabel("stages finished in time", fontsize=page.text)
    where = f"{axis_name(view.x)} {text_of(point)}" if view.x else "one point"
    layout.finish(figure, page, title=", ".join(filter(None, [view.title, where])), mark=view.sweep.source.state())
    facts = [f"drawn: share of the jobs that left after so many stages finished in time, at {where}, over all seeds; dashed: the mean"]
    name = f"depths-{view.x_name}={text_of(point)}" if view.x else "depths"
    return Drawing(figure, name + view.suffix, pd.DataFrame(rows), facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    if COLUMN not in sweep.header:
        raise Problem(f"{source.file('runs.csv')}: expected a column \"{COLUMN}\", found none; run the sweep again")
    for view in views(sweep, request):
        drawing = draw_view(view, request)
        if drawing:
            yield drawing
