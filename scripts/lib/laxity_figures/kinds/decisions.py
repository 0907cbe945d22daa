"""What a decision costs the host, against the number of active jobs: both axes logarithmic, a panel per kind of event.

The median by default; --y decision_p99_ns draws the 99 % quantile. Policies in colour are the dearest form of each, which
is what decides whether a policy is fit for short stages.
"""

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from laxity_figures import layout
from laxity_figures.curves import others
from laxity_figures.drawing import Drawing
from laxity_figures.panels import new_figure, set_limits, spread_out
from laxity_figures.policies import emphasised, named, short_name
from laxity_figures.problem import not_among
from laxity_figures.selection import Series, keep_columns
from laxity_figures.sources import read_csv
from laxity_figures.styles import PALE, style_of

EVENTS = {"release": "a job arrives", "stage_end": "a stage ends"}
TIMES = {"decision_p50_ns": "median", "decision_p99_ns": "99 % quantile"}
EMPTY = {"na_values": {name: [""] for name in TIMES}, "keep_default_na": False}


def time_asked(request):
    """The column that is drawn."""
    for name in request.y:
        if name not in TIMES:
            raise not_among("--y", name, TIMES, "a column of decisions.csv")
    return request.y[0] if request.y else "decision_p50_ns"


def series_of(table, column, request):
    """A Series per policy, in the order of the file. Dearest first is who gets a colour."""
    policies = named(list(dict.fromkeys(table["policy"])), request.policies)
    most = table[table["active_jobs"] == table["active_jobs"].max()].groupby("policy")[column].max()
    ranked = sorted(policies, key=lambda policy: -most.get(policy, 0))
    colour = emphasised(ranked, policies, ("edf",), request.top, bool(request.policies))
    return [Series(policy, short_name(policy), style_of(policy), int(policy in colour)) for policy in policies]


def log_axes(panel, counts, page):
    panel.set_xscale("log")
    panel.set_yscale("log", nonpositive="mask")
    ticks = spread_out(list(np.log(counts)), [f"{count:g}" for count in counts], 110, page)
    panel.xaxis.set_major_locator(FixedLocator([np.exp(place) for place, _ in ticks]))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_locator(LogLocator(numticks=9))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())


def draw_panel(panel, rows, series, column, page):
    """A line per policy. Returns the labels of their ends."""
    ends = []
    for each in sorted(series, key=lambda one: one.emphasis):
        line = rows[(rows["policy"] == each.key) & (rows[column] > 0)].sort_values("active_jobs")
        if line.empty:
            continue
        how = each.style.line(page.line) if each.emphasis else {"color": PALE, "linewidth": 0.55 * page.line, "zorder": 1.5}
        panel.plot(line["active_jobs"], line[column] / 1000, **how)
        if each.emphasis:
            ends.append(layout.EndLabel(each.label, each.style.colour, line[column].iloc[-1] / 1000))
    return ends


def draw(request, source):
    table = read_csv(source.file("decisions.csv"), ["policy", "event", "active_jobs", "decisions", *TIMES],
                     numbers=["active_jobs", "decisions"], optional=list(TIMES), dtype={"policy": str, "event": str}, **EMPTY)
    table = keep_columns(table, ["active_jobs", "event"], request.where, "a column of decisions.csv that can be chosen from")
    column, page = time_asked(request), request.page
    series = series_of(table, column, request)
    shown = table[table["policy"].isin([each.key for each in series])]
    events = [event for event in EVENTS if event in set(shown["event"])]
    figure, grid = new_figure(page, 1, len(events), height=page.height() * 1.05, sharey=True)
    for panel, event in zip(grid[0], events):
        log_axes(panel, sorted(shown["active_jobs"].unique()), page)
        draw_panel(panel, shown[shown["event"] == event], series, column, page)
        panel.set_title(EVENTS[event], pad=2.5)
        panel.set_xlabel("active jobs")
        set_limits(panel, request.xlim, request.ylim)
    grid[0][0].set_ylabel("decision (\u00b5s)" if column == "decision_p50_ns" else "decision, 99 % (\u00b5s)")
    grey = [each.label for each in series if not each.emphasis]
    handles = [layout.policy_handle(each, page.line) for each in series if each.emphasis]
    layout.finish(figure, page, handles + ([layout.rest_handle(others(len(grey)), page.line)] if grey else []))
    numbers = pd.DataFrame({"policy": shown["policy"], "event": shown["event"].map(EVENTS), "active jobs": shown["active_jobs"],
                            "decisions": shown["decisions"], "median (us)": shown["decision_p50_ns"] / 1000,
                            "99 % quantile (us)": shown["decision_p99_ns"] / 1000})
    facts = [f"drawn: {TIMES[column]} of what a decision takes, notification and scheduler included, on one core",
             f"decisions: up to {table['decisions'].max():g} of each kind for each policy and number of active jobs",
             "intervals: none; the 99 % quantile is in the .csv"]
    yield Drawing(figure, "decisions", numbers, facts + ([f"in grey: {', '.join(grey)}"] if grey else []))
