"""All policies at all points: a row per policy, the best first, a column per value of the axis, each cell with its mean.

The colour says how far a cell is behind the best of its column. Framed and bold are those that cannot be told from the best
(paired t tests after Holm, as in laxity report); a frame of one cell alone is a policy that beats all others.
"""

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.measures import measure_of
from laxity_figures.panels import value_text
from laxity_figures.problem import NothingToDraw
from laxity_figures.quantities import runs_facts
from laxity_figures.selection import axis_name, views
from laxity_figures.sweeps import sweep_of


def cells(view, measure, facet):
    """The means as a matrix (policy x value of the axis), and which are in the best group; policies from best to worst."""
    rows = view.rows([measure.column])
    rows = rows[(rows["metric"] == measure.column) & (rows["kind"] != "bound") & (rows["facet"] == facet)]
    labels = {series.key: series.label for series in view.series}
    pick = lambda column: rows.pivot_table(index="series", columns="x", values=column, aggfunc="first", sort=False, dropna=False)
    mean = measure.scale * pick("mean")
    mean = mean.reindex(columns=[value for value in view.x_values if value in mean.columns])
    order = mean.rank(axis=0, ascending=measure.less_is_better).mean(axis=1).sort_values(kind="stable").index
    group = rows.assign(best=rows["group"] == "best").pivot_table(index="series", columns="x", values="best", aggfunc="first", sort=False)
    return mean.loc[order], group.reindex(index=order, columns=mean.columns).fillna(False).astype(bool), [labels[key] for key in order]


def cell_text(value):
    """With three digits or so: what a cell has room for."""
    return f"{value:.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"


def draw_cells(panel, mean, group, labels, measure, page, size):
    values = mean.to_numpy(float)
    best = np.nanmin(values, axis=0) if measure.less_is_better else np.nanmax(values, axis=0)
    behind = np.abs(values - best)
    edges = [np.arange(count + 1) - 0.5 for count in values.shape[::-1]]  # not an image: sharp in every format
    image = panel.pcolormesh(*edges, behind, cmap="cividis_r", vmin=0, vmax=max(np.nanpercentile(behind, 90), 1e-9))
    panel.invert_yaxis()
    for (row, column), value in np.ndenumerate(values):
        if not np.isfinite(value):
            continue
        shade = image.norm(behind[row, column])
        panel.text(column, row, cell_text(value), ha="center", va="center", fontsize=size, color="white" if shade > 0.5 else "black",
                   weight="bold" if group.iloc[row, column] else "normal")
        if group.iloc[row, column]:
            panel.add_patch(Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, fill=False, edgecolor="black", linewidth=0.7))
    panel.set_xticks(range(len(mean.columns)), [value_text(value) for value in mean.columns], fontsize=page.small)
    panel.set_yticks(range(len(labels)), labels, fontsize=size)
    panel.tick_params(length=0)
    panel.grid(False)
    for spine in panel.spines.values():
        spine.set_visible(False)
    return image


def draw_view(view, request, measure, facet):
    page = request.page
    mean, group, labels = cells(view, measure, facet)
    if mean.isna().all().all():
        return None
    size = min(page.small, max(4.6, 7.6 * page.small / 7 - 0.055 * len(labels)))
    figure, ((panel,),) = panels.new_figure(page, height=0.55 + 1.42 * size / 72 * len(labels))
    image = draw_cells(panel, mean, group, labels, measure, page, size)
    panel.set_xlabel(view.x_label)
    facet_text = f"{axis_name(view.facet)} {facet}" if view.facet else ""
    bar = figure.colorbar(image, ax=panel, fraction=0.03, pad=0.015, aspect=min(45, 2 * len(labels)), extend="max")
    bar.set_label(f"behind the best ({measure.difference_unit})" if measure.difference_unit else "behind the best", fontsize=page.small)
    bar.ax.tick_params(labelsize=0.9 * page.small)
    bar.outline.set_visible(False)
    bar.solids.set(rasterized=False, edgecolor="face")
    layout.finish(figure, page, title=", ".join(filter(None, [measure.label, facet_text, view.title])), mark=view.sweep.source.state())
    rank = mean.rank(axis=0, ascending=measure.less_is_better, method="min")
    numbers = pd.DataFrame([{"line": label, axis_name(view.x) or "point": value, measure.label: mean.iloc[row, column], "rank": rank.iloc[row, column],
                             "cannot be told from the best": group.iloc[row, column]}
                            for row, label in enumerate(labels) for column, value in enumerate(mean.columns)])
    facts = [f"drawn: {measure.label}, means over the seeds; policies by their mean rank; colour: behind the best of the column",
             "framed: cannot be told from the best at that point (paired t tests, corrected after Holm, 5 %)"]
    suffix = f"-{axis_name(view.facet)}={facet}" if view.facet else ""
    return Drawing(figure, f"{view.x_name}-{measure.column}-heatmap{suffix}{view.suffix}", numbers, facts + runs_facts(view))


def draw(request, source):
    sweep = sweep_of(source, request)
    if len(sweep.policies) < 2:
        raise NothingToDraw(f"--kind heatmap: expected at least two policies in {source.file('runs.csv')}, found one")
    for view in views(sweep, request):
        for name in sweep.measures_asked(["accuracy"])[:None if request.y else 1]:
            for facet in view.facet_values:
                drawing = draw_view(view, request, measure_of(name), facet)
                if drawing:
                    yield drawing
