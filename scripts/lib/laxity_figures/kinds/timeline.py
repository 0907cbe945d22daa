"""The timeline of a recorded run: how many jobs were in the system, and the busiest moment job by job.

Above, a second of the run with its misses. Below, what each resource runs, and the jobs: a light bar from release to
deadline, the stages that were run, and what became of the job. One task: the colour is the stage; several: it is the task,
each with rows of its own. --from and --to (ms) choose another moment.
"""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from laxity_figures import layout
from laxity_figures.drawing import Drawing
from laxity_figures.panels import new_figure
from laxity_figures.recordings import Recording, packed, spans
from laxity_figures.styles import BLACK, RED, depth_colours, ordered_colours

WAITING, SHOWN, LOST = "#e4e4e4", "#F0E442", {"color": "white", "hatch": "//////", "edgecolor": RED, "linewidth": 0.4}


class Rows:
    """Where everything of a moment is drawn: resources on top, then the jobs of each task. `names`: {label: its rows}."""

    def __init__(self, recording, span):
        stages, self.jobs = recording.stages_within(span), recording.jobs_within(span)
        self.lanes = {lane: row for row, lane in enumerate(sorted(set(zip(stages["resource"], stages["lane"])), key=lambda lane: (lane[1], lane[0])))}
        self.names = {resource: [row for (name, _), row in self.lanes.items() if name == resource] for resource, _ in self.lanes}
        self.divider = len(self.lanes) - 0.35
        self.of_job, next_row = {}, len(self.lanes) + 0.3
        for task in recording.tasks:
            rows, after = packed(self.jobs[self.jobs["task"] == task], next_row)
            if rows:
                self.of_job.update(rows)
                self.names[task if len(recording.tasks) > 1 else "jobs"] = [next_row, after - 1]
                next_row = after + (0.3 if len(recording.tasks) > 1 else 0)
        self.count = next_row


def colours_of(recording):
    """(colour of a stage, handles of the legend)."""
    if len(recording.tasks) > 1:
        colours = dict(zip(recording.tasks, ordered_colours(len(recording.tasks))))
        return (lambda stage: colours[stage.task]), [Patch(facecolor=colour, label=task) for task, colour in colours.items()]
    shades = depth_colours(int(recording.stages["stage"].max()) + 1 if len(recording.stages) else 0)
    return (lambda stage: shades[stage.stage + 1]), [Patch(facecolor=shade, label=f"stage {depth}") for depth, shade in enumerate(shades) if depth]


def offset_of(span):
    """Times on an axis are counted from here, in whole tenths of a second, so that they stay short."""
    return np.floor(span.start / 100) * 100 if span.start >= 1000 else 0.0


def time_label(offset):
    return f"time (ms after {offset / 1000:g} s)" if offset else "time (ms)"


def draw_second(panel, recording, whole, moment, page):
    offset = offset_of(whole)
    times, counts = recording.active(whole)
    missed = recording.misses_within(whole)
    top = max(counts.max(), 1) * 1.15
    panel.axvspan(moment.start - offset, moment.end - offset, color=SHOWN, alpha=0.6, linewidth=0)
    panel.fill_between(times - offset, counts, step="post", color="#777777", linewidth=0)
    if len(missed):  # nothing, unclipped, would lie at the edge of the paper and leave no room for the panel
        panel.plot(missed["deadline"] - offset, np.full(len(missed), top), linestyle="none", marker="|", color=RED,
                   markersize=0.6 * page.text, markeredgewidth=0.5 * page.line, clip_on=False)
    panel.set_xlim(whole.start - offset, whole.end - offset)
    panel.set_ylim(0, top)
    panel.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    panel.set_ylabel("jobs in\nsystem")
    panel.set_xlabel(time_label(offset), labelpad=1)
    released = ((recording.jobs["release"] >= whole.start) & (recording.jobs["release"] < whole.end)).sum()
    length = f"{whole.length / 1000:.3g} s" if whole.length >= 1000 else f"{whole.length:.3g} ms"
    below = "all" if moment == whole else f"{moment.length:.4g} ms"
    panel.set_title(f"{released} job{'s' if released != 1 else ''}, {len(missed)} missed in {length}; {below} of it below", pad=0.5 * page.text, fontsize=page.small)


def draw_jobs(panel, rows, offset, page):
    """What is known of a job whatever was run of it."""
    jobs = rows.jobs
    places = np.array([rows.of_job[key] for key in zip(jobs["task"], jobs["job"])])
    due, answered = jobs["deadline"].to_numpy() - offset, (jobs["missed"] == 0).to_numpy()
    panel.barh(places, due - (jobs["release"] - offset), left=jobs["release"] - offset, height=0.8, color=WAITING, linewidth=0, zorder=2)
    panel.vlines(due, places - 0.46, places + 0.46, color=BLACK, linewidth=0.8 * page.line, zorder=5)
    panel.plot(due[~answered], places[~answered], linestyle="none", marker="x", color=RED, markersize=1.35 * page.marker, markeredgewidth=1.1 * page.line, zorder=7)
    panel.plot(jobs["exit"].to_numpy()[answered] - offset, places[answered], linestyle="none", marker="o", color="white", markersize=0.85 * page.marker,
               markeredgecolor=BLACK, markeredgewidth=0.6 * page.line, zorder=6)


def draw_stages(panel, recording, rows, span, colour, offset):
    """Every stage twice: with its job, and on the resource that ran it. What ran on after the job had left is hatched."""
    drawn = []
    for stage in recording.stages_within(span).itertuples():
        counted = max(stage.start, min(stage.end, stage.counted_until))
        job = rows.of_job.get((stage.task, stage.job))
        for row in (rows.lanes[(stage.resource, stage.lane)], job):
            if row is None:
                continue
            panel.barh(row, counted - stage.start, left=stage.start - offset, height=0.8, color=colour(stage), edgecolor="white", linewidth=0.25, zorder=3)
            if stage.end > counted:
                panel.barh(row, stage.end - counted, left=counted - offset, height=0.8, zorder=4, **LOST)
        drawn.append((stage.task, stage.job, stage.stage, stage.resource, stage.lane, stage.start, counted, stage.end))
    return pd.DataFrame(drawn, columns=["task", "job", "stage", "resource", "lane", "start (ms)", "counted until (ms)", "end (ms)"])


def draw_moment(panel, recording, rows, span, page):
    """Returns (handles of the legend, the stages drawn)."""
    offset = offset_of(span)
    colour, of_colours = colours_of(recording)
    draw_jobs(panel, rows, offset, page)
    stages = draw_stages(panel, recording, rows, span, colour, offset)
    panel.axhline(rows.divider, color="#aaaaaa", linewidth=0.4)
    panel.set_xlim(span.start - offset, span.end - offset)
    panel.set_ylim(rows.count - 0.3, -0.7)
    panel.set_yticks([(places[0] + places[-1]) / 2 for places in rows.names.values()], rows.names)
    panel.tick_params(axis="y", length=0)
    panel.grid(False)
    panel.set_xlabel(time_label(offset))
    missed, answered = rows.jobs["missed"] == 1, rows.jobs["missed"] == 0
    marks = [Patch(facecolor=WAITING, label="release to deadline"),
             Line2D([], [], color=BLACK, linestyle="none", marker="|", markersize=0.75 * page.text, markeredgewidth=page.line, label="deadline")]
    if answered.any():
        marks.append(Line2D([], [], color="white", linestyle="none", marker="o", markersize=page.marker, markeredgecolor=BLACK, markeredgewidth=0.6 * page.line, label="answer given"))
    if missed.any():
        marks.append(Line2D([], [], color=RED, linestyle="none", marker="x", markersize=1.35 * page.marker, markeredgewidth=1.1 * page.line, label="missed"))
    if (stages["end (ms)"] > stages["counted until (ms)"]).any():
        marks.append(Patch(label="lost to a deadline", facecolor="white", **{name: value for name, value in LOST.items() if name != "color"}))
    return marks + of_colours, stages


def numbers_of(jobs, stages):
    """Every drawn job with every drawn stage of it; one row where none was run."""
    table = jobs[["task", "job", "release", "deadline", "exit", "left", "depth", "missed"]]
    return table.rename(columns={name: f"{name} (ms)" for name in ("release", "deadline", "exit", "left")}).merge(stages, how="left", on=["task", "job"])


def draw(request, source):
    page, recording = request.page, Recording(source.folder)
    whole, moment = spans(recording, request.start, request.end)
    rows = Rows(recording, moment)
    em = page.text / 72
    height = min(max(0.95 * em * rows.count, 9 * em), 45 * em)
    figure, grid = new_figure(page, 2, height=11 * em + height, gridspec_kw={"height_ratios": [4.5 * em, height]})
    draw_second(grid[0][0], recording, whole, moment, page)
    handles, stages = draw_moment(grid[1][0], recording, rows, moment, page)
    layout.finish(figure, page, handles, columns=4)
    chosen = "as asked for" if (request.start, request.end) != (None, None) else "where most jobs missed or, without misses, most were in the system"
    facts = [f"drawn: {whole.start:g} to {whole.end:g} ms of the run (jobs in the system, misses) and {moment.start:g} to {moment.end:g} ms job by job, {chosen}",
             f"jobs: {len(recording.jobs)} in the run, {len(rows.jobs)} drawn one by one; the .csv has these and their stages"]
    yield Drawing(figure, "timeline", numbers_of(rows.jobs, stages), facts)
