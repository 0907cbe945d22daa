"""A recorded run: its jobs and stages, the part of it that is worth looking at, and where its jobs are drawn.

Times are in ms from the start of the run.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from laxity_figures.problem import Problem
from laxity_figures.sources import read_csv

JOB_TIMES = ["release", "deadline", "start", "exit", "left"]
STAGE_TIMES = ["start", "end", "counted_until"]
MOST = 400  # jobs that are drawn one by one
READABLE = 36  # jobs in one panel of a column's width
LENGTHS = [m * 10.0 ** e for e in range(-3, 6) for m in (1, 2, 5)]


@dataclass(frozen=True)
class Span:
    start: float
    end: float

    @property
    def length(self):
        return self.end - self.start


def read_times(path, columns, times, words):
    """A table with its times in ms; where none may be missing they are checked, as all numbers are."""
    names = [f"{time}_ns" for time in times]
    may_be_empty = [name for name in names if name in ("start_ns", "exit_ns") and "stage" not in columns]
    table = read_csv(path, [*columns, *names], numbers=[name for name in [*columns, *names] if name not in [*words, *may_be_empty]], optional=may_be_empty,
                     without_rows="stage" in columns,
                     usecols=lambda name: name in columns or name in names, dtype={name: str for name in words}, keep_default_na=False,
                     na_values={name: [""] for name in names})
    for time, name in zip(times, names):
        table[time] = table.pop(name) * 1e-6
    return table


class Recording:
    """jobs.csv and stages.csv of a run. Jobs are in the order of their release; "over" is when nothing is left to draw of one."""

    def __init__(self, folder):
        self.jobs = read_times(folder / "jobs.csv", ["task", "job", "depth", "missed"], JOB_TIMES, ["task"]).sort_values("release", kind="stable", ignore_index=True)
        self.stages = read_times(folder / "stages.csv", ["task", "job", "stage", "resource", "lane"], STAGE_TIMES, ["task", "resource"])
        if self.stages.empty and (self.jobs["depth"] > 0).any():
            raise Problem(f"{folder / 'stages.csv'}: expected the stages of the jobs that were run, found only the header; was the run interrupted?")
        self.stages["stage"] = self.stages["stage"].astype(int)
        self.tasks = list(dict.fromkeys(self.jobs["task"]))
        self.end = max(self.jobs["left"].max(), self.stages["end"].max() if len(self.stages) else 0.0, 1e-3)
        ends = self.stages.groupby(["task", "job"])["end"].max().rename("last_end")  # a stage may run on after its job
        self.jobs = self.jobs.join(ends, on=["task", "job"])
        self.jobs["over"] = self.jobs[["deadline", "left", "last_end"]].max(axis=1)

    def jobs_within(self, span):
        return self.jobs[(self.jobs["over"] > span.start) & (self.jobs["release"] < span.end)]

    def stages_within(self, span):
        return self.stages[(self.stages["end"] > span.start) & (self.stages["start"] < span.end)]

    def misses_within(self, span):
        due = self.jobs["deadline"]
        last = np.inf if span.end >= self.end else span.end  # a span ends before its end, the run's last one with it
        return self.jobs[(self.jobs["missed"] == 1) & (due >= span.start) & (due < last)]

    def busiest(self, within, length):
        """The Span of that length with most misses; among those, with most jobs in the system."""
        starts = np.arange(within.start, max(within.end - length, within.start) + 1e-9, length / 20)
        missed = np.sort(self.jobs.loc[self.jobs["missed"] == 1, "deadline"])
        misses = np.searchsorted(missed, starts + length) - np.searchsorted(missed, starts)
        start = starts[np.lexsort((-self.time_in_system(starts, length), -misses))[0]]
        return Span(start, min(start + length, within.end))

    def time_in_system(self, starts, length):
        """Job-milliseconds between release and leaving in each window."""
        released, left = np.sort(self.jobs["release"]), np.sort(self.jobs["left"])

        def integral(events, times):  # of the number of events so far
            sums = np.concatenate([[0], np.cumsum(events)])
            counts = np.searchsorted(events, times)
            return counts * times - sums[counts]

        ends = starts + length
        return (integral(released, ends) - integral(released, starts)) - (integral(left, ends) - integral(left, starts))

    def active(self, span):
        """How many jobs are in the system: (times, counts), counts[i] from times[i] on; the last is at the end."""
        times = np.concatenate([self.jobs["release"], self.jobs["left"]])
        changes = np.repeat([1, -1], len(self.jobs))
        order = np.lexsort((changes, times))
        times, counts = times[order], np.cumsum(changes[order])
        first = counts[np.searchsorted(times, span.start, "right") - 1] if times[0] <= span.start else 0
        inside = (times > span.start) & (times < span.end)
        counts = np.concatenate([[first], counts[inside]])
        return np.concatenate([[span.start], times[inside], [span.end]]), np.concatenate([counts, counts[-1:]])

    def readable_length(self, within):
        """How long a part of this span can be read: a round number of ms with about as many jobs as fit."""
        length = READABLE * within.length / max(1, len(self.jobs_within(within)))
        return min(within.length, max(value for value in LENGTHS if value <= max(length, LENGTHS[0])))


def spans(recording, start, end):
    """(what is shown as a whole, the moment of it that is shown job by job). `start`, `end`: as asked for, or None.

    Throws Problem for a moment that is not in the run.
    """
    if start is not None and start >= recording.end or end is not None and end <= (start or 0.0):
        raise Problem(f"--from, --to: expected FROM < TO within the run's {recording.end:.6g} ms, found "
                      f"{'the start' if start is None else f'{start:g}'} to {'the end' if end is None else f'{end:g}'}")
    second = min(1000.0, recording.end)
    if start is None and end is None:
        whole = recording.busiest(Span(0.0, recording.end), second)
        return whole, recording.busiest(whole, recording.readable_length(whole))
    length = recording.readable_length(Span(0.0, recording.end))
    start = max(0.0, end - length) if start is None else start
    end = min(recording.end, start + length if end is None else end)
    if (count := len(recording.jobs_within(Span(start, end)))) > MOST:
        raise Problem(f"--from, --to: expected a moment with at most {MOST} jobs, found {count} from {start:g} to {end:g} ms; choose a shorter one")
    middle, length = (start + end) / 2, max(second, end - start)
    first = min(max(0.0, middle - length / 2), max(0.0, recording.end - length))
    return Span(first, first + length), Span(start, end)


def packed(jobs, first):
    """Rows for jobs in order of release, from `first` down: each in the first row that is free. {(task, job): row}, next row."""
    free, rows = [], {}
    for job in jobs.itertuples():
        row = next((index for index, until in enumerate(free) if until <= job.release), len(free))
        if row == len(free):
            free.append(0.0)
        free[row] = job.over + 1e-6
        rows[(job.task, job.job)] = first + row
    return rows, first + max(len(free), 1)
