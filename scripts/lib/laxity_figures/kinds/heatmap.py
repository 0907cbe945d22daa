"""All policies at all points: a row per policy, the best first, a column per value of the axis, each cell with its mean, or
with --cells rank the rank of the policy at that point.

The colour says how far a cell is behind the best of its column, in the measure or in ranks. Framed and bold are those that
cannot be told from the best (paired t tests after Holm, as in laxity report); a frame of one cell alone is a policy that beats
all others. They share rank 1; the rank of any other is one more than the number of policies in the group or with a better mean.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.measures import Measure, measure_of
from laxity_figures.panels import value_text
from laxity_figures.problem import NothingToDraw
from laxity_figures.quantities import runs_facts
from laxity_figures.selection import axis_name, views
from laxity_figures.sweeps import sweep_of


def ranks_of(mean, group, less_is_better):
    """The rank of each policy at each point, matrices of policies x points; NaN where it has no mean. Without a group at a
    point, one seed only, the means alone decide; equal ones share the better rank."""
    ranks = mean.rank(axis=0, ascending=less_is_better, method="min")
    for point in mean.columns:
        best = group[point] & mean[point].notna()
        before = [((ranks[point] < rank) | best).sum() for rank in ranks[point]]
        if best.any():
            ranks[point] = (1.0 + pd.Series(before, index=mean.index)).mask(best, 1.0).where(mean[point].notna())
    return ranks


@dataclass(frozen=True)
class Matrix:
    """What a heat map knows: DataFrames of policies (keys of series, from best to worst) x values of the axis."""

    measure: Measure
    mean: pd.DataFrame  # in drawn units
    group: pd.DataFrame  # whether the cell cannot be told from the best of its column
    ranks: pd.DataFrame
    labels: list  # of the policies

    def behind(self, cells):
        """How far each cell is behind the best of its column: 0 for that, NaN where there is no mean."""
        values = (self.ranks if cells == "rank" else self.mean).to_numpy(float)
        less = cells == "rank" or self.measure.less_is_better
        return np.abs(values - (np.nanmin(values, axis=0) if less else np.nanmax(values, axis=0)))

    def text(self, row, column, cells):
        """With three digits or so: what a cell has room for."""
        value = (self.ranks if cells == "rank" else self.mean).iloc[row, column]
        return f"{value:.{0 if cells == 'rank' or abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"


def matrix_of(view, measure, facet, cells):
    """The Matrix of a view; policies by their mean rank, with --cells rank that of the ranks that are shown."""
    rows = view.spread(view.rows([measure.column]))
    rows = rows[(rows["metric"] == measure.column) & (rows["kind"] != "bound") & (rows["facet"] == facet)]
    labels = {series.key: series.label for series in view.series}
    pick = lambda column: rows.pivot_table(index="series", columns="x", values=column, aggfunc="first", sort=False, dropna=False)
    mean = measure.scale * pick("mean")
    mean = mean.reindex(columns=[value for value in view.x_values if value in mean.columns]).dropna(axis=1, how="all")
    group = rows.assign(best=rows["group"] == "best").pivot_table(index="series", columns="x", values="best", aggfunc="first", sort=False)
    group = group.reindex(index=mean.index, columns=mean.columns).fillna(False).astype(bool)
    ranks = ranks_of(mean, group, measure.less_is_better)
    orders = pd.DataFrame({"shown": ranks.mean(axis=1) if cells == "rank" else 0.0,
                           "mean": mean.rank(axis=0, ascending=measure.less_is_better).mean(axis=1)})
    order = orders.sort_values(["shown", "mean"], kind="stable").index
    return Matrix(measure, mean.loc[order], group.loc[order], ranks.loc[order], [labels[key] for key in order])


def draw_cells(panel, matrix, cells, page, size):
    """Returns what a bar of colours is made of."""
    behind = matrix.behind(cells)
    edges = [np.arange(count + 1) - 0.5 for count in behind.shape[::-1]]  # not an image: sharp in every format
    most = np.nanmax(behind) if cells == "rank" else np.nanpercentile(behind, 90)
    image = panel.pcolormesh(*edges, behind, cmap="cividis_r", vmin=0, vmax=max(most, 1e-9))
    panel.invert_yaxis()
    for (row, column), value in np.ndenumerate(behind):
        if not np.isfinite(value):
            continue
        best = matrix.group.iloc[row, column]
        panel.text(column, row, matrix.text(row, column, cells), ha="center", va="center", fontsize=size,
                   color="white" if image.norm(value) > 0.5 else "black", weight="bold" if best else "normal")
        if best:
            panel.add_patch(Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, fill=False, edgecolor="black", linewidth=0.7))
    panel.set_xticks(range(len(matrix.mean.columns)), [value_text(value) for value in matrix.mean.columns], fontsize=page.small)
    panel.set_yticks(range(len(matrix.labels)), matrix.labels, fontsize=size)
    panel.tick_params(length=0)
    panel.grid(False)
    for spine in panel.spines.values():
        spine.set_visible(False)
    return image


def draw_scale(figure, panel, image, matrix, cells, page):
    """The bar of colours."""
    bar = figure.colorbar(image, ax=panel, fraction=0.03, pad=0.015, aspect=min(45, 2 * len(matrix.labels)), extend="neither" if cells == "rank" else "max")
    unit = "ranks" if cells == "rank" else matrix.measure.difference_unit
    label = f"behind the best ({unit})" if unit else "behind the best"
    bar.set_label(panels.wrapped(label, 1.42 * page.small * len(matrix.labels), page), fontsize=page.small)
    if cells == "rank":
        bar.locator = MaxNLocator(5, integer=True)
    bar.ax.tick_params(labelsize=0.9 * page.small)
    bar.outline.set_visible(False)
    bar.solids.set(rasterized=False, edgecolor="face")


def facts_of(view, matrix, cells):
    drawn = f"ranks by {matrix.measure.name}" if cells == "rank" else f"{matrix.measure.label}, means over the seeds"
    framed = "framed: cannot be told from the best at that point (paired t tests, corrected after Holm, 5 %)"
    alone = [str(value_text(value)) for value in matrix.mean.columns if not matrix.group[value].any()]
    tested = matrix.group.to_numpy().any() and view.x in view.sweep.policy_axes  # all values of x are then one point to the tests
    why = "nothing framed, for the best of all columns are in others" if tested else "without such tests, for lack of seeds"
    constant = view.constant(view.rows([matrix.measure.column]))
    return [f"drawn: {drawn}; policies by their mean rank; colour: behind the best of the column",
            framed + ("; these share rank 1, any other has one more than there are policies among them or with a better mean" if cells == "rank" else ""),
            *([f"{why}: {', '.join(alone)}"] if alone else []),
            *([f"the same in all columns, for they have no {axis_name(view.x)}: {', '.join(constant)}"] if constant else [])]


def numbers_of(view, matrix):
    return pd.DataFrame([{"line": label, axis_name(view.x) or "point": value, matrix.measure.label: matrix.mean.iloc[row, column],
                          "rank": matrix.ranks.iloc[row, column], "cannot be told from the best": matrix.group.iloc[row, column]}
                         for row, label in enumerate(matrix.labels) for column, value in enumerate(matrix.mean.columns)])


def draw_view(view, request, measure, facet):
    page, cells = request.page, request.cells
    matrix = matrix_of(view, measure, facet, cells)
    if matrix.mean.empty:
        return None
    size = min(page.small, max(4.6, 7.6 * page.small / 7 - 0.055 * len(matrix.labels)))
    figure, ((panel,),) = panels.new_figure(page, height=0.55 + 1.42 * size / 72 * len(matrix.labels))
    draw_scale(figure, panel, draw_cells(panel, matrix, cells, page, size), matrix, cells, page)
    panel.set_xlabel(view.x_label)
    what = f"rank by {measure.name}" if cells == "rank" else measure.label
    facet_text = f"{axis_name(view.facet)} {facet}" if view.facet else ""
    layout.finish(figure, page, title=", ".join(filter(None, [what, facet_text, view.title])), mark=view.sweep.source.state())
    suffix = f"-{axis_name(view.facet)}={facet}" if view.facet else ""
    name = f"{view.x_name}-{measure.column}-{'ranks' if cells == 'rank' else 'heatmap'}{suffix}{view.suffix}"
    return Drawing(figure, name, numbers_of(view, matrix), facts_of(view, matrix, cells) + runs_facts(view))


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
