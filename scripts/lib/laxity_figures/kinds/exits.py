"""The exit mix: which share of the jobs left at each depth, stacked, a panel per policy.

Depth 0 is a job that left with nothing: hatched, so that it is seen in grey as well.
"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.problem import Problem
from laxity_figures.quantities import runs_facts
from laxity_figures.selection import axis_name, text_of, views
from laxity_figures.styles import depth_colours
from laxity_figures.sweeps import sweep_of

COLUMN = "depth_histogram"


def counts_of(texts):
    """"1;2;3" per run -> jobs at depth 0, 1, 2, over all of them."""
    rows = [[int(count) for count in str(text).split(";")] for text in texts]
    total = np.zeros(max(map(len, rows), default=1))
    for row in rows:
        total[:len(row)] += row
    return total


def shares(view, runs, series, facet):
    """x -> share of the jobs at each depth, over all seeds; nothing where no job was scored."""
    mine = runs[(runs["series"] == series) & (runs["facet"] == facet)]
    found = {}
    for value, group in mine.groupby("x", sort=False):
        counts = counts_of(group[COLUMN])
        if counts.sum() > 0:
            found[value] = counts / counts.sum()
    return found


def depth_handles(stages):
    colours = depth_colours(stages)
    nothing = Patch(facecolor=colours[0], hatch="/////", edgecolor="white", linewidth=0, label="none")
    return [nothing] + [Patch(facecolor=colours[depth], label=str(depth)) for depth in range(1, stages + 1)]


def stack(panel, view, found, stages):
    """Areas along a number; bars over words, or where there is one point."""
    values = [value for value in view.x_values if value in found]
    heights = np.array([[100 * found[value][depth] if depth < len(found[value]) else 0.0 for value in values] for depth in range(stages + 1)])
    places = [view.place(value) for value in values]
    bottom = np.zeros(len(values))
    for depth, colour in enumerate(depth_colours(stages)):
        style = {"color": colour, "linewidth": 0} if depth else {"facecolor": colour, "hatch": "/////", "edgecolor": "white", "linewidth": 0}
        if view.words or len(values) < 2:
            panel.bar(places, heights[depth], bottom=bottom, width=0.8, **style)
        else:
            panel.fill_between(places, bottom, bottom + heights[depth], **style)
        bottom += heights[depth]


def wrapped(title, most=17):
    """A panel's title in as many lines as it needs."""
    return textwrap.fill(title, most)


def draw_view(view, request, runs):
    page = request.page
    series = view.in_colour()
    constant = [label for label in view.constant(runs) if label in {each.label for each in series}]
    runs = view.spread(runs)
    found = [(each, facet, shares(view, runs, each.key, facet)) for each in series for facet in view.facet_values]
    found = [entry for entry in found if entry[2]]
    if not found:
        return None
    stages = max(len(share) for _, _, by_value in found for share in by_value.values()) - 1
    figure, grid = panels.new_grid(page, len(found), 0.29, sharex=True, sharey=True)
    for panel, (each, facet, by_value) in zip(grid.flat, found):
        stack(panel, view, by_value, stages)
        title = each.label if not view.facet else f"{each.label}, {text_of(facet)}"
        panel.set_title(wrapped(title), pad=2.5, fontsize=page.small, linespacing=0.95)
        panel.grid(False)
        panels.ticks_at_values(panel, view, page)
        if not view.x:
            panel.set_xticks([])
        if not view.words and len(view.x_values) > 1:
            panel.set_xlim(min(view.x_values), max(view.x_values))
        panel.set_ylim(0, 100)
        panel.set_yticks([0, 50, 100])
    figure.supylabel("jobs (%)", fontsize=page.text, x=0.003)
    figure.supxlabel(view.x_label if view.x else "", fontsize=page.text)
    layout.finish(figure, page, depth_handles(stages), "stages finished in time", title=view.title, mark=view.sweep.source.state(), columns=9)
    of_facet = lambda facet: {axis_name(view.facet): facet} if view.facet else {}
    numbers = pd.DataFrame([{"line": each.label, **of_facet(facet), axis_name(view.x) or "point": value, "depth": depth, "jobs (%)": 100 * share}
                            for each, facet, by_value in found for value in view.x_values if value in by_value
                            for depth, share in enumerate(by_value[value])])
    facts = [f"drawn: share of the jobs that left after so many stages finished in time, against {view.x_label}, over all seeds",
             "depth 0: left with no answer",
             *([f"the same all along, for they have no {axis_name(view.x)}: {', '.join(constant)}"] if constant else [])]
    return Drawing(figure, f"{view.x_name}-exits{view.suffix}", numbers, facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    if COLUMN not in sweep.header:
        raise Problem(f"{source.file('runs.csv')}: expected a column \"{COLUMN}\", found none; run the sweep again")
    for view in views(sweep, request):
        drawing = draw_view(view, request, view.runs([COLUMN]))
        if drawing:
            yield drawing
