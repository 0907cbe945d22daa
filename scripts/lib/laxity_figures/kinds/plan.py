"""What a plan was chosen from: accuracy loss and worst miss ratio of every plan tried, the front and the chosen one."""

import json

import pandas as pd
from matplotlib.lines import Line2D

from laxity_figures import layout
from laxity_figures.drawing import Drawing
from laxity_figures.panels import new_figure
from laxity_figures.problem import Problem
from laxity_figures.sources import read_csv

SKY, BLUE, RED, GREY = "#56B4E9", "#0072B2", "#D55E00", "#888888"


def draw(request, source):
    path = source.file("candidates.csv")
    columns = ["loss", "worst_miss_ratio", "storage_bytes", "feasible"]
    tried, front = read_csv(path, columns), read_csv(path.parent / "front.csv", columns)
    try:
        plan = json.loads((path.parent / "plan.json").read_text())
        bound = float(plan["miss_bound"])
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{path.parent / 'plan.json'}: {error}; run `laxity plan` again") from None
    figure, ((panel,),) = new_figure(request.page)
    draw = lambda table, **style: panel.plot(100 * table["loss"], 100 * table["worst_miss_ratio"], **style)
    draw(tried, linestyle="", marker=".", color=SKY, markersize=3, markeredgewidth=0, label="plans tried")
    draw(front, color=BLUE, marker="o", label="Pareto front")
    draw(tried.iloc[:1], linestyle="", marker="*", color=RED, markersize=8, label="chosen", zorder=4)  # the best is first
    panel.axhline(100 * bound, color=GREY, linewidth=0.8, linestyle=(0, (4, 2)))
    handles = panel.get_legend_handles_labels()[0] + [
        Line2D([], [], color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), label="miss bound")]
    panel.set_xlabel("accuracy loss (points, summed over the tasks by weight)")
    panel.set_ylabel("worst task's miss ratio (%)")
    panel.set_ylim(bottom=-2)
    layout.finish(figure, request.page, handles)
    numbers = pd.DataFrame({"loss (points)": 100 * tried["loss"], "worst miss ratio (%)": 100 * tried["worst_miss_ratio"],
                            "on the front": tried[["loss", "worst_miss_ratio"]].apply(tuple, axis=1).isin(front[["loss", "worst_miss_ratio"]].apply(tuple, axis=1)),
                            "chosen": tried.index == 0})
    yield Drawing(figure, "plan", numbers, [f"drawn: the {len(tried)} plans that were tried; miss bound {100 * bound:g} %"])
