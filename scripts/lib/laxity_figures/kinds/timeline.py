"""The timeline of a recorded run: its busiest second, and of that the moment that can be read, job by job."""

import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from laxity_figures import layout
from laxity_figures.drawing import Drawing
from laxity_figures.panels import new_figure
from laxity_figures.sources import read_csv
from laxity_figures.styles import depth_colours

BLACK, YELLOW, RED = "#000000", "#F0E442", "#D55E00"


class Run:
    """The jobs and stages of a recorded run, in ms."""

    def __init__(self, folder):
        times = ["release", "deadline", "start", "exit", "left"]
        self.folder = folder
        self.jobs = read_csv(folder / "jobs.csv", ["task", "job", "missed"] + [time + "_ns" for time in times])
        self.stages = read_csv(folder / "stages.csv", ["task", "job", "stage", "resource", "lane", "start_ns", "end_ns", "counted_until_ns"])
        for time in times:
            self.jobs[time] = self.jobs[time + "_ns"] * 1e-6
        for time in ["start", "end", "counted_until"]:
            self.stages[time] = self.stages[time + "_ns"] * 1e-6
        self.jobs = self.jobs.sort_values("release", kind="stable", ignore_index=True)

    def busiest(self, begin, end, length, step):
        """Start of the window of that length with most misses; among those, with most jobs in the system."""
        starts = np.arange(begin, max(end - length, begin) + 1e-9, step)
        missed = np.sort(self.jobs.loc[self.jobs["missed"] == 1, "deadline"])
        misses = np.searchsorted(missed, starts + length) - np.searchsorted(missed, starts)
        return starts[np.lexsort((-self.time_in_system(starts, length), -misses))[0]]

    def time_in_system(self, starts, length):
        """Job-milliseconds between release and leaving in each window."""
        released, left = np.sort(self.jobs["release"]), np.sort(self.jobs["left"])
        def integral(events, times):  # of the number of events so far
            sums = np.concatenate([[0], np.cumsum(events)])
            counts = np.searchsorted(events, times)
            return counts * times - sums[counts]
        ends = starts + length
        return (integral(released, ends) - integral(released, starts)) - (integral(left, ends) - integral(left, starts))

    def jobs_within(self, start, end):
        return self.jobs[(self.jobs["left"] > start) & (self.jobs["release"] < end)]


def assign_rows(jobs):
    """Rows for the jobs, in order of release: the first that is free. Returns {(task, job): row}."""
    free, rows = [], {}
    for job in jobs.itertuples():
        row = next((index for index, until in enumerate(free) if until <= job.release), len(free))
        if row == len(free):
            free.append(0.0)
        free[row] = max(job.deadline, job.left) + 1e-6
        rows[(job.task, job.job)] = row
    return rows


def moment_length(run, second, span):
    """How many ms of that second can be read: about 36 jobs."""
    jobs = run.jobs_within(second, second + span)
    length = 36 * span / max(1, len(jobs))
    nice = [m * 10.0 ** e for e in range(-3, 4) for m in (1, 2, 5)]
    return min(span, max(value for value in nice if value <= max(length, nice[0])))


def draw_second(panel, run, start, span, moment, length):
    events = pd.concat([pd.DataFrame({"time": run.jobs["release"], "change": 1}), pd.DataFrame({"time": run.jobs["left"], "change": -1})])
    events = events.sort_values(["time", "change"], kind="stable")
    active = events["change"].cumsum().to_numpy()
    times = events["time"].to_numpy()
    inside = (times >= start) & (times <= start + span)
    first = active[np.searchsorted(times, start) - 1] if np.searchsorted(times, start) > 0 else 0
    x = np.concatenate([[start], times[inside], [start + span]])
    y = np.concatenate([[first], active[inside], [active[inside][-1] if inside.any() else first]])
    panel.axvspan(moment - start, moment - start + length, color=YELLOW, alpha=0.6, linewidth=0)
    panel.fill_between(x - start, y, step="post", color="#777777", linewidth=0)
    missed = run.jobs[(run.jobs["missed"] == 1) & (run.jobs["deadline"] >= start) & (run.jobs["deadline"] <= start + span)]
    top = max(y.max(), 1) * 1.12
    panel.plot(missed["deadline"] - start, np.full(len(missed), top), linestyle="none", marker="|", color=RED, markersize=5, markeredgewidth=0.8, clip_on=False)
    panel.set_xlim(0, span)
    panel.set_ylim(0, top)
    panel.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(3, integer=True))
    panel.set_ylabel("jobs in\nsystem")
    panel.set_xlabel(f"time (ms after {start / 1000:.1f} s)")
    released = ((run.jobs["release"] >= start) & (run.jobs["release"] < start + span)).sum()
    panel.set_title(f"{span / 1000:g} s: {released} jobs, {len(missed)} missed; {length:g} ms of it below", pad=4)


def draw_moment(panel, run, second, start, length):
    jobs = run.jobs_within(start, start + length)
    rows = assign_rows(jobs)
    for job in jobs.itertuples():
        row = rows[(job.task, job.job)]
        panel.barh(row, job.deadline - job.release, left=job.release - second, height=0.8, color="#e4e4e4", linewidth=0)
        panel.plot([job.deadline - second] * 2, [row - 0.46, row + 0.46], color=BLACK, linewidth=0.9, solid_capstyle="butt")
        if job.missed:
            panel.plot(job.deadline - second, row, marker="x", color=RED, markersize=4.5, markeredgewidth=1.3, zorder=5)
    stages = run.stages[(run.stages["end"] > start) & (run.stages["start"] < start + length)]
    count = int(run.stages["stage"].max()) + 1
    colours = depth_colours(count)
    for stage in stages.itertuples():
        row = rows.get((stage.task, stage.job))
        if row is None:
            continue
        counted = max(stage.start, min(stage.end, stage.counted_until))
        panel.barh(row, counted - stage.start, left=stage.start - second, height=0.8, color=colours[stage.stage + 1],
                   edgecolor="white", linewidth=0.25)
        if stage.end > counted:
            panel.barh(row, stage.end - counted, left=counted - second, height=0.8, color="white", hatch="//////",
                       edgecolor=RED, linewidth=0.4)
    panel.set_xlim(start - second, start - second + length)
    panel.set_ylim(max(rows.values()) + 0.6, -0.6)
    panel.set_yticks([])
    panel.grid(False)
    panel.set_ylabel("jobs")
    panel.set_xlabel(f"time (ms after {second / 1000:.1f} s)")
    handles = [Patch(facecolor="#e4e4e4", label="release to deadline"),
               Line2D([], [], color=BLACK, linestyle="none", marker="|", markersize=6, markeredgewidth=1, label="deadline"),
               Line2D([], [], color=RED, linestyle="none", marker="x", markersize=4.5, markeredgewidth=1.3, label="missed"),
               Patch(facecolor="white", hatch="//////", edgecolor=RED, linewidth=0.4, label="lost to a deadline")]
    return handles + [Patch(facecolor=colours[depth], label=f"stage {depth}") for depth in range(1, count + 1)]


def draw(request, source):
    run = Run(source.folder)
    end = max(run.jobs["left"].max(), 1e-3)
    span = min(1000.0, end)
    second = run.busiest(0, end, span, span / 20)
    length = moment_length(run, second, span)
    moment = run.busiest(second, second + span, length, length / 10)
    depth = max(assign_rows(run.jobs_within(moment, moment + length)).values()) + 1
    height = min(4.2, max(1.0, 0.105 * depth))
    figure, grid = new_figure(request.page, 2, height=2.15 + height, gridspec_kw={"height_ratios": [0.6, height]})
    panels = grid[:, 0]
    draw_second(panels[0], run, second, span, moment, length)
    handles = draw_moment(panels[1], run, second, moment, length)
    layout.finish(figure, request.page, handles, columns=3)
    inside = (run.stages["end"] > moment) & (run.stages["start"] < moment + length)
    yield Drawing(figure, "timeline", run.stages.loc[inside, ["task", "job", "stage", "resource", "lane", "start", "end", "counted_until"]].add_suffix(" (ms)").rename(
        columns=lambda name: name if name.startswith(("start", "end", "counted")) else name.removesuffix(" (ms)")),
        [f"drawn: the second with most misses, from {second:g} ms, and {length:g} ms of it, from {moment:g} ms; the numbers are the stages of the latter"])
