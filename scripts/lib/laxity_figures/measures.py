"""What a column of the results is called in a label, and in which unit it is drawn.

One row per measure of results/README.md; a column that has no row here (a measure added later) is labelled by its name.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A drawn value is `scale` times the value in the results."""

    column: str
    name: str
    unit: str = ""
    scale: float = 1.0
    lowest: float = None  # an axis that comes near to it begins there
    less_is_better: bool = False

    @property
    def label(self):
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def difference_unit(self):
        """Shares differ by points, not by percent."""
        return "points" if self.unit.startswith("%") else self.unit


def share(column, name, of="jobs", **more):
    return Measure(column, name, f"% of {of}" if of else "%", 100.0, 0.0, **more)


def time(column, name, **more):
    return Measure(column, name, "ms", lowest=0.0, less_is_better=True, **more)


def count(column, name, unit, less_is_better=True):
    return Measure(column, name, unit, lowest=0.0, less_is_better=less_is_better)


MEASURES = {measure.column: measure for measure in [
    share("accuracy", "accuracy"), share("weighted_accuracy", "weighted accuracy"),
    share("miss_ratio", "miss ratio", less_is_better=True), share("confident_ratio", "confident answers"),
    share("utilisation", "utilisation", of=""), share("accepted", "accepted sets", of="sets"),
    share("schedulable", "schedulable sets", of="sets"),
    count("jobs", "released jobs", "jobs"), count("missed", "missed jobs", "jobs"),
    Measure("mean_depth", "mean depth", "stages", lowest=0.0),
    count("complete", "complete jobs", "jobs", False), count("stopped", "stopped jobs", "jobs", False),
    count("cut", "jobs cut at their deadline", "jobs"), count("missed_unstarted", "missed, not started", "jobs"),
    count("missed_late", "missed, started", "jobs"),
    time("response_mean_ms", "mean response time"), time("response_p50_ms", "median response time"),
    time("response_p95_ms", "95 % response time"), time("response_p99_ms", "99 % response time"),
    time("response_max_ms", "longest response time"), time("overrun_ms", "overrun"), time("length_ms", "length of the run"),
    time("off_ms", "time without power"), Measure("backlog_trend", "backlog trend", less_is_better=True),
    count("decisions", "decisions", "calls"), count("preemptions", "preemptions", ""),
    count("harvested_mj", "harvested", "mJ", False), count("used_mj", "used", "mJ"), count("spilled_mj", "spilled", "mJ"),
    count("left_mj", "left at the end", "mJ", False), count("power_failures", "power failures", ""),
]}


def measure_of(column):
    """The Measure of a column; "camera.accuracy" is the accuracy of the task camera."""
    if column in MEASURES:
        return MEASURES[column]
    task, dot, name = column.rpartition(".")
    known = MEASURES.get(name) if dot else None
    if known:
        return Measure(column, f"{known.name} of {task}", known.unit, known.scale, known.lowest, known.less_is_better)
    return Measure(column, column.replace("_", " "))


# Axes that sweeps vary most.
AXES = {
    "load": "load (offered work / capacity)", "utilisation": "utilisation", "clients": "clients", "delta": "delta",
    "planning_quantile": "planning quantile", "copies": "tasks",
}


UNITS = {"ms": "ms", "us": "us", "mJ": "mJ", "mW": "mW", "mb": "MB"}  # that names of axes end in


def spoken(name):
    """A name in words; a symbol with an index (D_u) stays as it is."""
    return name if re.fullmatch(r"[A-Za-z]_\w", name) else name.replace("_", " ").strip()


def axis_label(axis):
    name = axis.removeprefix("axis:").rsplit("/", 1)[-1].removeprefix("generate.")
    what, _, unit = name.rpartition("_")
    return AXES.get(name, f"{spoken(what)} ({UNITS[unit]})" if what and unit in UNITS else spoken(name) or axis)
