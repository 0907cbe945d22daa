"""Response times: the share of all jobs that were answered within a time (cdf), or were not yet (ccdf).

Jobs of all seeds are pooled, a panel per point; of more than three points the lowest, the middle and the highest are shown,
--where chooses others. A vertical line is a deadline that all jobs have. A recorded run is drawn too, a line per task.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from laxity_figures import histograms, layout, panels
from laxity_figures.curves import handles
from laxity_figures.distributions import Distribution, Window
from laxity_figures.drawing import Drawing
from laxity_figures.measures import spoken
from laxity_figures.notes import note
from laxity_figures.problem import Problem
from laxity_figures.quantities import facet_title, runs_facts
from laxity_figures.selection import Series, axis_name, ordered_style, text_of, views
from laxity_figures.sources import read_csv
from laxity_figures.styles import BLACK, PALE, Style
from laxity_figures.sweeps import sweep_of

MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}


# --- A figure of distributions ---

def draw_line(panel, distribution, window, page):
    """The steps of one distribution and its quantiles. Returns what was drawn as a table."""
    series = distribution.series
    points, marks = window.drawn(distribution), window.marked(distribution)
    x = np.concatenate([[window.first * 0.5], points["response (ms)"], [window.last * 2]])
    y = np.concatenate([[100.0 if window.tail else 0.0], points["jobs (%)"], points["jobs (%)"].iloc[-1:]])
    style = series.style.line(page.line, marker=False) if series.emphasis else {"color": PALE, "linewidth": 0.55 * page.line}
    panel.plot(x, np.where(y > 0, y, np.nan) if window.tail else y, drawstyle="steps-post", zorder=2 + series.emphasis, **style)
    if series.emphasis:  # they tell lines apart without colour
        panel.plot(marks["response (ms)"], marks["jobs (%)"].where(marks["jobs (%)"] > 0), linestyle="none",
                   marker=series.style.marker, color=series.style.colour, zorder=3 + series.emphasis)
    return pd.concat([points, marks]).assign(line=series.label, panel=distribution.panel, jobs=distribution.jobs, answered=distribution.histogram.count)


def set_axes(panel, window, request):
    panel.set_xscale("log")
    panel.set_xlim(window.first * 0.9, window.last * 1.1)
    if not window.tail:
        panel.set_ylim(0, 101)
    else:
        panel.set_yscale("log", nonpositive="mask")
        panel.set_ylim(window.floor, 140)
        panels.plain_decades(panel.yaxis)
    set_time_ticks(panel, window, request.page)
    panels.set_limits(panel, request.xlim, request.ylim)


def set_time_ticks(panel, window, page):
    """0.1, 1, 10 ms, where there is room also 2 and 5, or every so many of them, so that they stand side by side."""
    steps = (1, 2, 5) if window.last / window.first < 100 else (1,)
    ticks = [step * 10.0 ** power for power in range(-6, 9) for step in steps]
    ticks = [tick for tick in ticks if window.first * 0.9 <= tick <= window.last * 1.1]
    ticks = ticks or [float(f"{tick:.2g}") for tick in np.geomspace(window.first, window.last, 3)]
    room = panels.panel_points(panel) * 0.9
    fits = lambda some: len(panels.spread_out(list(np.log(some)), [f"{tick:g}" for tick in some], room, page)) == len(some)
    shown = next((some for some in (ticks[::-1][::stride] for stride in range(1, len(ticks) + 1)) if fits(some)), ticks[-1:])
    panel.xaxis.set_major_locator(FixedLocator(shown))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())


def mark_deadline(panel, deadline, page):
    """If --xlim has not left it out: a name beside the panel would take its room."""
    low, high = panel.get_xlim()
    if not low <= deadline <= high:
        return
    panel.axvline(deadline, color=BLACK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1.8)
    panel.annotate("deadline", (deadline, 0.02), xycoords=("data", "axes fraction"), xytext=(-1.5, 0), textcoords="offset points",
                   rotation=90, ha="right", va="bottom", fontsize=page.small)


def draw_figure(request, distributions, titles, tail, deadline=None):
    """A panel for each of {name: title}. Returns (figure, what was drawn as a table)."""
    page, window = request.page, Window.of(distributions, tail)
    if deadline:
        window = replace(window, first=min(window.first, deadline), last=max(window.last, deadline))
    figure, grid = panels.new_figure(page, 1, len(titles), sharex=True, sharey=True)
    tables = []
    for panel, (name, title) in zip(grid[0], titles.items()):
        inside = [each for each in distributions if each.panel == name]
        tables += [draw_line(panel, each, window, page) for each in sorted(inside, key=lambda each: each.series.emphasis)]
        set_axes(panel, window, request)
        if deadline:
            mark_deadline(panel, deadline, page)
        panel.set_title(title, pad=2.5, fontsize=page.small)
        panel.set_xlabel("response time (ms)")
    panels.set_vertical_label(grid[0][0], "jobs not answered (%)" if tail else "jobs answered (%)", page)
    return figure, pd.concat(tables, ignore_index=True)


def facts_of(tail, deadline=None):
    facts = [f"drawn: share of all released jobs that were {'not ' if tail else ''}answered within a time; a job that missed is never answered",
             "markers: where 50, 95 and 99 % of the answered jobs were; times are off by at most 0.1 %",
             "intervals: none; this is the distribution of all jobs, not of a mean"]
    return facts + ([f"vertical line: every job's deadline, {deadline:g} ms"] if deadline else [])


# --- Of a sweep ---

def points_shown(view, request):
    """The values of x that get a panel."""
    if len(view.x_values) <= 3:
        return view.x_values
    shown = [view.x_values[0], view.x_values[len(view.x_values) // 2], view.x_values[-1]]
    name = axis_name(view.x)
    note(f"of {len(view.x_values)} values of {name}, {', '.join(map(text_of, shown))} are drawn; --where {name}=... chooses others")
    return shown


def fixed_deadline(workload):
    """The deadline of all tasks in ms where they have the same, in a unit of time; else None."""
    found = set()
    for task in workload.get("tasks", []):
        deadline = task.get("deadline") if isinstance(task, dict) else None
        if not isinstance(deadline, dict) or "fixed" not in deadline or deadline.get("unit") not in MILLISECONDS:
            return None
        found.add(float(deadline["fixed"]) * MILLISECONDS[deadline["unit"]])
    return found.pop() if len(found) == 1 else None


def distributions_of(view, places):
    """A Distribution per line, pooled over the seeds, for each of {panel: (x, facet)}."""
    path = view.sweep.source.file("responses.csv")
    counts = view.spread(view.runs(["jobs"]))
    texts = view.spread(view.runs(["response_histogram"], "responses.csv"))
    found = []
    for name, (x, facet) in places.items():
        for series in view.in_grey() + view.in_colour():
            of_line = lambda rows: rows[(rows["x"] == x) & (rows["series"] == series.key) & (rows["facet"] == facet)]
            fields = of_line(texts)["response_histogram"].fillna("")
            histogram = histograms.pooled(histograms.parse(text, f"{path}: row {row + 2}") for row, text in fields.items())
            if histogram is not None:
                found.append(Distribution(series, name, histogram, int(of_line(counts)["jobs"].sum())))
    return found


def figures_of(view, request):
    """{panel: (x, facet)} and titles of each figure: a panel per point, or per facet and then a figure per point."""
    point = lambda x: f"{spoken(axis_name(view.x))} {text_of(x)}" if view.x else ""
    if view.facet:
        for x in points_shown(view, request):
            yield {text_of(value): (x, value) for value in view.facet_values}, [facet_title(view, value) for value in view.facet_values], point(x)
    else:
        shown = points_shown(view, request)
        yield {text_of(x): (x, "") for x in shown}, [point(x) for x in shown], ""


def drawn_part(view, distributions):
    """The view with only those lines that have a distribution: what the legend names."""
    drawn = {each.series.key for each in distributions}
    return replace(view, series=[series for series in view.series if series.key in drawn])


def draw_sweep(request, source, tail):
    sweep, page = sweep_of(source, request), request.page
    if not source.file("responses.csv").exists():
        raise Problem(f"{source.file('responses.csv')}: expected the response times of the sweep's runs, found no such file; run the sweep again")
    deadline = fixed_deadline(source.configuration.get("workload", {})) if not any("deadline" in axis for axis in sweep.axes) else None
    for view in views(sweep, request):
        for places, titles, title in figures_of(view, request):
            distributions = distributions_of(view, places)
            if not distributions:
                continue
            figure, numbers = draw_figure(request, distributions, dict(zip(places, titles)), tail, deadline)
            layout.finish(figure, page, handles(drawn_part(view, distributions), page, []), title=", ".join(filter(None, [view.title, title])), mark=source.state())
            suffix = f"-{title.replace(' ', '=')}" if title else ""
            numbers = numbers.rename(columns={"panel": axis_name(view.facet or view.x) or "point"})
            constant = view.constant(view.runs([]))
            same = [f"the same in all panels, for they have no {axis_name(view.x)}: {', '.join(constant)}"] if constant else []
            yield Drawing(figure, f"response-{'ccdf' if tail else 'cdf'}{view.suffix}{suffix}", numbers, facts_of(tail, deadline) + same + runs_facts(view))


# --- Of a recorded run ---

def task_styles(tasks):
    """A Series per task; of one task, one black line."""
    if len(tasks) == 1:
        return [Series(tasks[0], tasks[0], Style(BLACK, "solid", "o"))]
    return [Series(task, task, ordered_style(index, len(tasks))) for index, task in enumerate(tasks)]


def draw_run(request, source, tail):
    columns = ["task", "release_ns", "deadline_ns", "exit_ns", "missed"]
    jobs = read_csv(source.file("jobs.csv"), columns, numbers=["release_ns", "deadline_ns", "missed"], optional=["exit_ns"], usecols=lambda name: name in columns,
                    dtype={"task": str}, keep_default_na=False)
    found = []
    for series in task_styles(sorted(jobs["task"].unique())):
        of_task = jobs[jobs["task"] == series.key]
        answered = of_task[(of_task["missed"] == 0) & of_task["exit_ns"].notna()]
        histogram = histograms.of_times((answered["exit_ns"] - answered["release_ns"]).astype(np.int64).to_numpy())
        found += [Distribution(series, "", histogram, len(of_task))] if histogram is not None else []
    if not found:
        note(f"{source.name}: no job was answered in time: no response times")
        return
    relative = (jobs["deadline_ns"] - jobs["release_ns"]).unique()
    deadline = relative[0] / 1e6 if len(relative) == 1 else None
    figure, numbers = draw_figure(request, found, {"": ""}, tail, deadline)
    layout.finish(figure, request.page, [layout.policy_handle(each.series, request.page.line) for each in found] if len(found) > 1 else [])
    numbers = numbers.drop(columns="panel").rename(columns={"line": "task"})
    yield Drawing(figure, "response-ccdf" if tail else "response-cdf", numbers, [*facts_of(tail, deadline), f"jobs: {len(jobs)}"])


def draw(request, source, tail):
    yield from (draw_run if source.type == "run" else draw_sweep)(request, source, tail)


def draw_cdf(request, source):
    return draw(request, source, tail=False)


def draw_ccdf(request, source):
    return draw(request, source, tail=True)
