"""What a plan was chosen from: accuracy loss and worst miss ratio of every plan that was tried, its storage as the colour.

The front is of the plans that no other one beats in both loss and violation of the miss bound, among those that fit the
storage; the star is the plan that was chosen. Plans that need more storage than allowed are crosses.
"""

import json

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout, panels
from laxity_figures.drawing import Drawing
from laxity_figures.policies import parameters
from laxity_figures.problem import Problem
from laxity_figures.sources import read_csv
from laxity_figures.styles import BLACK, RED

COLUMNS = ["loss", "violation", "worst_miss_ratio", "storage_bytes", "feasible"]
PALETTE = LinearSegmentedColormap.from_list("storage", colormaps["viridis"](np.linspace(0.0, 0.9, 128)))  # without its palest
MEGABYTE = 1e6


def read_plan(path):
    """(miss bound, storage bound in MB or None) of plan.json. Throws Problem."""
    try:
        plan = json.loads(path.read_text())
        storage = parameters(plan["policy"]).get("storage_mb")
        return float(plan["miss_bound"]), float(storage) if storage not in (None, "inf") else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{path}: {' '.join(str(error).split())}; run `laxity plan` again") from None


def numbers_of(tried, front, storage_bound):
    """A row per plan, in drawn units, the chosen one first."""
    key = lambda table: [tuple(row) for row in table[COLUMNS[:4]].itertuples(index=False)]
    megabytes = tried["storage_bytes"] / MEGABYTE
    return pd.DataFrame({"loss (points)": 100 * tried["loss"], "worst miss ratio (%)": 100 * tried["worst_miss_ratio"], "storage (MB)": megabytes,
                         "feasible": tried["feasible"], "fits storage": (megabytes <= (storage_bound or np.inf)).astype(int),
                         "on the front": [int(each in set(key(front))) for each in key(tried)], "chosen": (np.arange(len(tried)) == 0).astype(int)})


def draw_plans(panel, numbers, page):
    """Every plan that was tried. Returns the coloured ones, for the colour bar."""
    x, y = "loss (points)", "worst miss ratio (%)"
    fits, too_big = (numbers[numbers["fits storage"] == value] for value in (1, 0))
    panel.plot(too_big[x], too_big[y], linestyle="none", marker="x", color="#b0b0b0", markersize=0.7 * page.marker, markeredgewidth=0.5, zorder=2)
    order = fits.sort_values("storage (MB)", ascending=False, kind="stable")  # the small ones on top
    dots = panel.scatter(order[x], order[y], c=order["storage (MB)"], cmap=PALETTE, s=page.marker ** 2, linewidths=0, zorder=3)
    front = numbers[numbers["on the front"] == 1].drop_duplicates([x, y]).sort_values(x, kind="stable")
    panel.plot(front[x], front[y], color=BLACK, linewidth=0.8 * page.line, marker="o", markersize=1.25 * page.marker, markerfacecolor="none",
               markeredgecolor=BLACK, markeredgewidth=0.6, zorder=4)
    chosen = numbers.iloc[0]
    panel.plot(chosen[x], chosen[y], linestyle="none", marker="*", color=RED, markersize=3 * page.marker, markeredgecolor="white",
               markeredgewidth=0.4, zorder=6)
    return dots


def handles_of(numbers, page):
    line = lambda label, **style: Line2D([], [], label=label, **style)
    found = [line("tried", color=PALETTE(0.4), linestyle="none", marker="o", markersize=page.marker),
             line("front", color=BLACK, linewidth=0.8 * page.line, marker="o", markersize=1.25 * page.marker, markerfacecolor="none", markeredgecolor=BLACK, markeredgewidth=0.6),
             line("chosen", color=RED, linestyle="none", marker="*", markersize=2.6 * page.marker)]
    if (numbers["fits storage"] == 0).any():
        found.insert(1, line("too large", color="#b0b0b0", linestyle="none", marker="x", markersize=0.8 * page.marker, markeredgewidth=0.6))
    return found


def mark_bound(panel, bound, page):
    panel.axhline(100 * bound, color="#666666", linewidth=0.7, linestyle=(0, (4, 2)), zorder=1.9)
    panel.annotate(f"miss bound {100 * bound:g} %", (1.0, 100 * bound), xycoords=panel.get_yaxis_transform(), xytext=(0, 1.5),
                   textcoords="offset points", ha="right", va="bottom", fontsize=page.small, color="#444444")


def add_colour_bar(figure, panel, dots, page):
    bar = figure.colorbar(dots, ax=panel, pad=0.025, aspect=24, fraction=0.06)
    bar.set_label("storage (MB)")
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_locator(MaxNLocator(5))
    bar.ax.tick_params(length=2)


def draw(request, source):
    page = request.page
    tried, front = (read_csv(source.file(name), COLUMNS, numbers=COLUMNS) for name in ("candidates.csv", "front.csv"))
    bound, storage = read_plan(source.file("plan.json"))
    numbers = numbers_of(tried, front, storage)
    figure, ((panel,),) = panels.new_figure(page, height=page.height() * 1.08)
    dots = draw_plans(panel, numbers, page)
    panel.margins(x=0.04, y=0.04)
    panel.set_ylim(bottom=min(0.0, panel.get_ylim()[0]))
    panels.set_limits(panel, request.xlim, request.ylim)
    mark_bound(panel, bound, page)
    panel.set_xlabel("accuracy loss (points)")
    panels.set_vertical_label(panel, "worst miss ratio (%)", page)
    add_colour_bar(figure, panel, dots, page)
    layout.finish(figure, page, handles_of(numbers, page))
    chosen = numbers.iloc[0]
    facts = [f"drawn: the {len(tried)} plans that were tried; {len(front)} on the front of loss and violation of the miss bound",
             f"bounds: miss ratio of every task {100 * bound:g} %; storage {f'{storage:g} MB' if storage else 'none'}",
             f"chosen (star): loss {chosen['loss (points)']:.3g} points, worst miss ratio {chosen['worst miss ratio (%)']:.3g} %, "
             f"{chosen['storage (MB)']:.3g} MB, {'within' if chosen['feasible'] else 'NOT within'} the bounds",
             "loss: accuracy of the largest variant - accuracy, summed over the tasks by weight; misses are simulated on the planning seed",
             "intervals: none; every plan met the same jobs"]
    yield Drawing(figure, "plan", numbers, facts)
