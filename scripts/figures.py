#!/usr/bin/python3
"""Figures of a results folder, one paper column wide, as PDF and PNG.

Draws whatever RESULTS_DIR holds, itself or in folders below it:
  a sweep (runs.csv)                        NAME.pdf         accuracy and miss ratio against the swept axis,
                                                             and the least bound if there is a bounds.csv;
                                                             means and intervals are those of `laxity report`
                                            NAME-depth.pdf   the share of jobs that left at each depth
  a comparison (validation.csv)             NAME.pdf         simulation beside device, a panel per metric
  a plan (candidates.csv and plan.json)     NAME-plan.pdf    accuracy loss and worst miss ratio of every plan tried
  recorded runs (jobs.csv and stages.csv)   NAME-timeline.pdf  the busiest second, and its busiest moment
NAME is the path of the folder. Figures drawn here before (index.json lists them) are drawn anew. Of a comparison's runs only the live one with the most misses gets a timeline.
"""

import argparse
import io
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from outputs import OwnFiles, Problem

COLUMN_WIDTH = 3.4  # inches

# Okabe and Ito's palette, which readers with any colour vision can tell apart; markers and dashes repeat the distinction.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PINK = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
GREY = "#888888"
COLOURS = [BLUE, ORANGE, GREEN, RED, SKY, PINK, GREY]  # black is the winner's
MARKERS = "sD^vPX<>hpd"
DASHES = ["-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1))]

STYLE = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 7.5, "axes.labelsize": 7.5,
    "axes.titlesize": 7.5, "xtick.labelsize": 7, "ytick.labelsize": 7, "legend.fontsize": 7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "axes.grid": True,
    "grid.color": "#dddddd", "grid.linewidth": 0.5, "axes.axisbelow": True, "lines.linewidth": 1.1,
    "lines.markersize": 3.4, "legend.frameon": False, "legend.handlelength": 2.4, "legend.columnspacing": 1.2,
    "legend.handletextpad": 0.5, "legend.labelspacing": 0.35, "legend.borderaxespad": 0, "pdf.fonttype": 42,
    "ps.fonttype": 42, "hatch.linewidth": 0.5, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
}

# Axis labels for the JSON pointers that sweeps use most.
AXIS_LABELS = {"load": "load (offered work at full depth / capacity)", "delta": "delta", "clients": "clients"}


# --- Names, numbers, files ---

def short_name(policy):
    """"rtdeepiot:predictor=exp,delta=0.05" -> "rtdeepiot exp, delta=0.05"."""
    name, _, arguments = policy.partition(":")
    words = []
    for argument in filter(None, arguments.split(",")):
        key, _, value = argument.partition("=")
        words.append(value if key == "predictor" else key if value == "true" else argument)
    return " ".join([name, ", ".join(words)]).strip()


def axis_label(pointer):
    key = pointer.rsplit("/", 1)[-1]
    return AXIS_LABELS.get(key, key.replace("_", " ").strip() or pointer)


def read_csv(path, needed, **options):
    try:
        table = pd.read_csv(path, **options)
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: {str(error).strip()}; run the command that wrote it again") from None
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise Problem(f"{path}: expected a column \"{missing[0]}\", found {', '.join(table.columns)}")
    if table.empty:
        raise Problem(f"{path}: expected rows, found only the header; was the run interrupted?")
    return table


class Styles:
    """One colour, marker and dash per policy, the same in every figure of a folder. The winner of a sweep is black."""

    def __init__(self):
        self.order, self.winners = [], []

    def of(self, policy):
        if policy in self.winners:
            return {"color": BLACK, "marker": "o", "markersize": 3.8, "linestyle": "-"}
        if policy not in self.order:
            self.order.append(policy)
        index = self.order.index(policy)
        return {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index % len(MARKERS)],
                "markersize": 3.4, "linestyle": DASHES[index // len(COLOURS) % len(DASHES)]}

    def handle(self, policy):
        return Line2D([], [], label=short_name(policy), markeredgewidth=0, **self.of(policy))


class Output:
    """Keeps figures, in every format asked for, with the same bytes for the same data, until all are drawn."""

    def __init__(self, formats):
        self.formats, self.files = formats, {}

    def save(self, figure, name):
        for kind in self.formats:
            metadata = {"pdf": {"CreationDate": None}, "png": {"Software": None}, "svg": {"Date": None}}.get(kind)
            drawn = io.BytesIO()
            figure.savefig(drawn, format=kind, dpi=300, metadata=metadata)
            self.files[f"{name}.{kind}"] = drawn.getvalue()
        plt.close(figure)

    def write(self, folder, replace):
        for path in OwnFiles(folder).write(self.files, replace):
            print(path)


def legend_above(figure, handles, title=None, rect=(0, 0, 1, 1), columns=4):
    """Lays out the figure with a legend above its panels, in as many columns as fit, that covers nothing."""
    for count in range(min(columns, len(handles)), 0, -1):
        legend = figure.legend(handles=handles, loc="upper center", ncol=count, bbox_to_anchor=(0.5, 0.997), title=title,
                               title_fontsize=7)
        extent = legend.get_window_extent(figure.canvas.get_renderer())
        if extent.width <= figure.bbox.width or count == 1:
            break
        legend.remove()
    top = 1 - (extent.height + 5 * figure.dpi / 72) / figure.bbox.height
    for _ in range(2):  # the first pass may change the ticks
        figure.tight_layout(rect=(rect[0], rect[1], rect[2], top), pad=0.3, h_pad=0.8, w_pad=0.8)
        figure.canvas.draw()


# --- A sweep ---

def find_laxity(path):
    """The executable whose statistics are drawn: the one asked for, else that of this checkout or tarball."""
    root = Path(__file__).resolve().parent.parent
    choices = [path] if path else [root / "build/release/laxity", root / "laxity", root / "build/dev/laxity"]
    found = next((choice for choice in choices if choice.is_file()), None if path else shutil.which("laxity"))
    if not found:
        raise Problem(f"--laxity: expected the executable, found none at {', '.join(map(str, choices))}; build it")
    return found


def report_of(folder, laxity):
    """Every mean of accuracy and misses with its interval, a row per point, policy and measure."""
    command = [str(find_laxity(laxity)), "report", str(folder), "--format", "csv", "--metric", "accuracy,miss_ratio"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Problem(result.stderr.strip().removeprefix("laxity: ") or f"{' '.join(command)} failed")
    table = pd.read_csv(io.StringIO(result.stdout), keep_default_na=False, na_values={column: [""] for column in ["mean", "low", "high"]})
    return table[table["scope"] == "point"]


def depths_of(folder, axes, policy_axes):
    """The depth histogram of every run, with axes and policies named as the report names them."""
    path = folder / "runs.csv"
    header = read_csv(path, ["policy", "seed", "depth_histogram"], nrows=1).columns
    columns = {next(column for column in header if column == axis.removeprefix("axis:") or column.endswith("/" + axis.removeprefix("axis:"))): axis for axis in axes + policy_axes}
    runs = read_csv(path, [], dtype={column: str for column in columns}, keep_default_na=False,
                    usecols=[*columns, "policy", "depth_histogram"]).rename(columns=columns)
    for axis in axes:
        runs[axis] = number_or_text(runs[axis].map(lambda text: json.loads(text) if text.startswith('"') else text))
    swept = json.loads((folder / "manifest.json").read_text())["configuration"].get("axes", [])
    parameters = {axis["name"]: axis["parameter"] for axis in swept if isinstance(axis, dict) and axis.get("policy")} if isinstance(swept, list) else {}
    for axis in policy_axes:
        def label(policy, value, parameter=parameters[axis.removeprefix("axis:")]):
            return f"{policy}{',' if ':' in policy else ':'}{parameter}={value}" if value else policy
        runs["policy"] = [label(policy, value) for policy, value in zip(runs["policy"], runs[axis])]
    return runs


def number_or_text(column):
    """A column of numbers if all of it are."""
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.isna().any() else numbers


class Sweep:
    def __init__(self, path, chosen, laxity):
        self.means = report_of(path.parent, laxity)
        names = list(self.means.columns)
        self.axes = names[names.index("scope") + 1:names.index("policy")]
        for axis in self.axes:
            self.means[axis] = number_or_text(self.means[axis].astype(str))
        self.depths = depths_of(path.parent, self.axes, names[names.index("policy") + 1:names.index("kind")])
        if not self.axes:  # a single point
            self.axes = ["point"]
            self.means["point"] = self.depths["point"] = "all"
        known = list(dict.fromkeys(self.means["policy"][self.means["kind"] == "policy"]))
        unknown = [policy for policy in chosen or [] if policy not in known]
        if unknown:
            raise Problem(f"--policies: {path} has no \"{unknown[0]}\"; it has {' '.join(known)}")
        self.policies = [policy for policy in known if not chosen or policy in chosen]
        self.winner = winner_of(path.parent)

    def slices(self):
        """The first axis is drawn; every combination of the others is a figure of its own: (suffix, means, depths)."""
        first = self.axes[0]
        moves_along = lambda axis: (self.means.groupby(first)[axis].nunique() == 1).all()  # zipped with the first
        others = [axis for axis in self.axes[1:] if not moves_along(axis)]
        if not others:
            return [("", self.means, self.depths)]
        slices = []
        for values, means in self.means.groupby(others if len(others) > 1 else others[0], sort=False):
            values = values if isinstance(values, tuple) else (values,)
            depths = self.depths
            for axis, value in zip(others, values):
                depths = depths[depths[axis] == value]
            suffix = "".join(f"-{axis}-{value}" for axis, value in zip(others, values))
            slices.append((re.sub(r"[^\w.=-]+", "_", suffix), means, depths))
        return slices


def winner_of(folder):
    try:
        return json.loads((folder / "summary.json").read_text()).get("winner", "")
    except (OSError, ValueError):
        return ""


def places_of(values):
    """Where axis values are drawn: numbers at themselves, words side by side. Returns (value -> x, tick labels or None)."""
    values = list(dict.fromkeys(values))
    if all(isinstance(value, (int, float, np.number)) for value in values):
        return {value: float(value) for value in values}, None
    return {value: float(index) for index, value in enumerate(values)}, [str(value) for value in values]


def set_axis_ticks(panel, values):
    places, words = places_of(values)
    if words:
        panel.set_xticks(range(len(words)), words)
    elif len(places) <= 9:
        ticks = sorted(places.values())
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def points_of(means, axis, measure, policy, kind="policy"):
    """Where to draw the means of one policy, and half their intervals (0 where there is none), in percent."""
    rows = means[(means["kind"] == kind) & (means["policy"] == policy) & (means["metric"] == measure)].dropna(subset=["mean"])
    places, _ = places_of(means[axis])
    points = sorted((places[row[axis]], 100 * row["mean"], 100 * (row["high"] - row["mean"])) for _, row in rows.iterrows())
    return [np.nan_to_num(np.array(column, dtype=float)) for column in zip(*points)]


def draw_means(axes, means, axis, measure, policy, style, emphasis):
    points = points_of(means, axis, measure, policy)
    if not points:
        return
    x, mean, half = points
    axes.fill_between(x, mean - half, mean + half, color=style["color"], alpha=0.2, linewidth=0)
    axes.errorbar(x, mean, half, elinewidth=0.8, markeredgewidth=0, **style,
                  **({"linewidth": 1.9, "zorder": 4} if emphasis else {}))


BOUND_STYLE = {"color": BLACK, "linestyle": (0, (1, 1.2)), "linewidth": 1.0}


def draw_bound(panel, means, axis):
    """The least bound at every point of this figure, mean over the seeds. Returns its handles for the legend."""
    points = points_of(means, axis, "accuracy", "least", kind="bound")
    if not points:
        return []
    panel.plot(points[0], points[1], **BOUND_STYLE, zorder=3)
    return [Line2D([], [], label="least bound", **BOUND_STYLE)]


def draw_sweep(means, sweep, styles, output, name):
    axis = sweep.axes[0]
    figure, panels = plt.subplots(2, 1, sharex=True, figsize=(COLUMN_WIDTH, 3.9))
    for panel, measure in zip(panels, ["accuracy", "miss_ratio"]):
        for policy in sweep.policies:
            draw_means(panel, means, axis, measure, policy, styles.of(policy), policy == sweep.winner)
    bound = draw_bound(panels[0], means, axis)
    set_axis_ticks(panels[1], means[axis])
    panels[0].set_ylabel("accuracy (% of jobs)")
    panels[1].set_ylabel("miss ratio (% of jobs)")
    panels[1].set_ylim(bottom=0)
    panels[1].set_xlabel(axis_label(axis))
    legend_above(figure, [styles.handle(policy) for policy in sweep.policies] + bound)
    output.save(figure, name)


def depth_colours(stages):
    """Depth is a quantity: dark is shallow, bright is deep (cividis); index 0 is a job that left with nothing."""
    shades = plt.get_cmap("cividis")(np.linspace(0.0, 0.95, stages))
    return [RED] + [matplotlib.colors.to_hex(shade) for shade in shades]


def depth_handles(stages):
    colours = depth_colours(stages)
    nothing = Patch(facecolor=colours[0], hatch="////", edgecolor="white", linewidth=0, label="none")
    return [nothing] + [Patch(facecolor=colours[depth], label=str(depth)) for depth in range(1, stages + 1)]


def depth_shares(runs, policy, axis):
    """Axis value -> share of jobs at each depth, over all seeds."""
    shares = {}
    for value, group in runs[runs["policy"] == policy].groupby(axis, sort=False)["depth_histogram"]:
        counts = np.sum([[int(count) for count in str(text).split(";")] for text in group], axis=0)
        shares[value] = counts / max(1, counts.sum())
    return shares


def draw_depths(runs, sweep, output, name):
    axis = sweep.axes[0]
    values = sorted(places_of(runs[axis])[0].items(), key=lambda item: item[1])
    columns = min(3, len(sweep.policies))
    rows = math.ceil(len(sweep.policies) / columns)
    figure, panels = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False,
                                  figsize=(COLUMN_WIDTH, 0.75 + 0.93 * rows))
    stages = 0
    for panel, policy in zip(panels.flat, sweep.policies):
        shares = depth_shares(runs, policy, axis)
        stages = max(stages, len(next(iter(shares.values()))) - 1)
        bottom = np.zeros(len(values))
        for depth, colour in enumerate(depth_colours(stages)):
            height = np.array([100 * shares[value][depth] if depth < len(shares.get(value, ())) else 0 for value, _ in values])
            panel.bar(range(len(values)), height, bottom=bottom, width=0.86, color=colour, linewidth=0,
                      **({"hatch": "////", "edgecolor": "white"} if depth == 0 else {}))
            bottom += height
        label = short_name(policy)
        panel.set_title(label if len(label) <= 16 else label.replace(" ", "\n", 1), pad=2.5, linespacing=0.95)
        panel.grid(False)
        step = math.ceil(len(values) / 4)
        panel.set_xticks(range(0, len(values), step), [f"{value}" for value, _ in values][::step])
        panel.set_ylim(0, 100)
        panel.set_yticks([0, 50, 100])
    for panel in panels.flat[len(sweep.policies):]:
        panel.set_visible(False)
    for column in range(columns):  # the lowest panel of a column carries the labels, also in a ragged last row
        lowest = [panels[row][column] for row in range(rows) if panels[row][column].get_visible()][-1]
        lowest.tick_params(labelbottom=True)
    legend_above(figure, depth_handles(stages), "stages finished in time", rect=(0.045, 0.04, 1, 1), columns=8)
    figure.text(0.012, 0.48, "jobs (%)", rotation=90, va="center", ha="left")
    figure.text(0.53, 0.012, axis_label(axis), ha="center", va="bottom")
    output.save(figure, name)


# --- Simulation beside device ---

METRICS = {
    "accuracy": ("accuracy (%)", 100), "miss_ratio": ("miss ratio (%)", 100), "mean_depth": ("mean depth (stages)", 1),
    "utilisation": ("utilisation (%)", 100), "response_p50": ("response p50 ({unit})", 1),
    "response_p95": ("response p95 ({unit})", 1), "response_p99": ("response p99 ({unit})", 1),
}


def point_values(point):
    """"/tasks/0/arrival/load=0.8,/x=3" -> {pointer: value}."""
    values = {}
    for assignment in re.split(r",(?=/)", point) if point else []:
        pointer, _, value = assignment.partition("=")
        try:
            values[pointer] = float(value)
        except ValueError:
            values[pointer] = value
    return values


def drawn_axis(points):
    """The first pointer whose value differs between the points, else the first there is, else none."""
    pointers = list(points[0])
    return next((p for p in pointers if len({point.get(p) for point in points}) > 1), pointers[0] if pointers else "")


def draw_validation(path, styles, output, name):
    table = read_csv(path, ["point", "policy", "metric", "unit", "simulated", "live", "ci95"],
                     keep_default_na=False, na_values={column: [""] for column in ["simulated", "live", "difference", "ci95"]},
                     dtype={"point": str})
    axis = drawn_axis([point_values(point) for point in table["point"]])
    table["value"] = [point_values(point).get(axis, "") for point in table["point"]]
    places, _ = places_of(table["value"])
    metrics = [metric for metric in METRICS if metric in set(table["metric"])]
    metrics += [metric for metric in dict.fromkeys(table["metric"]) if metric not in METRICS]
    rows = math.ceil(len(metrics) / 2)
    figure, panels = plt.subplots(rows, 2, sharex=True, squeeze=False, figsize=(COLUMN_WIDTH, 0.6 + 1.05 * rows))
    for panel, metric in zip(panels.flat, metrics):
        draw_metric(panel, table[table["metric"] == metric], metric, places, styles)
        set_axis_ticks(panel, table["value"])
    for panel in panels.flat[len(metrics):]:
        panel.set_visible(False)
    for panel in panels.flat[max(0, len(metrics) - 2):len(metrics)]:
        panel.tick_params(labelbottom=True)
    handles = [Line2D([], [], color="#555555", linestyle="-", marker="o", markerfacecolor="white", label="simulated"),
               Line2D([], [], color="#555555", linestyle="none", marker="o", label="live (95 %)")]
    policies = list(dict.fromkeys(table["policy"]))
    legend_above(figure, handles + [styles.handle(policy) for policy in policies], rect=(0, 0.04, 1, 1))
    figure.text(0.53, 0.012, axis_label(axis), ha="center", va="bottom")
    output.save(figure, name)


def draw_metric(panel, table, metric, places, styles):
    label, scale = METRICS.get(metric, (metric.replace("_", " ") + " ({unit})", 1))
    unit = str(table["unit"].iloc[0])
    if scale == 100 and unit == "%":
        scale = 1
    panel.set_title(label.format(unit=unit), pad=2.5)
    width = (max(places.values()) - min(places.values())) or 1.0
    policies = list(dict.fromkeys(table["policy"]))
    for index, policy in enumerate(policies):
        rows = table[table["policy"] == policy]
        x = np.array([places[value] for value in rows["value"]])
        order = np.argsort(x, kind="stable")
        x = x[order]
        simulated, live, interval = (scale * rows[column].to_numpy(float)[order] for column in ["simulated", "live", "ci95"])
        style = styles.of(policy)
        panel.plot(x, simulated, markerfacecolor="white", markeredgewidth=0.9, **{**style, "markersize": style["markersize"] + 1.6})
        shift = 0.012 * width * (1 + index)  # beside the simulation's marker, so that equal values are both seen
        panel.errorbar(x + shift, live, np.nan_to_num(interval), color=style["color"], marker=style["marker"],
                       linestyle="none", markersize=style["markersize"], markeredgewidth=0,
                       elinewidth=0.9, zorder=4)
    panel.margins(x=0.1, y=0.14)
    if METRICS.get(metric, ("", 1))[1] == 100:  # a share
        low, high = panel.get_ylim()
        panel.set_ylim(0 if metric == "miss_ratio" else max(low, 0), min(max(high, 0.5), 102))


# --- The timeline of a busy second ---

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
    panel.plot(missed["deadline"] - start, np.full(len(missed), top), linestyle="none", marker="|", color=RED, markersize=5, clip_on=False)
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
               Line2D([], [], color=BLACK, linestyle="none", marker="|", markersize=6, label="deadline"),
               Line2D([], [], color=RED, linestyle="none", marker="x", markersize=4.5, markeredgewidth=1.3, label="missed"),
               Patch(facecolor="white", hatch="//////", edgecolor=RED, linewidth=0.4, label="lost to a deadline")]
    return handles + [Patch(facecolor=colours[depth], label=f"stage {depth}") for depth in range(1, count + 1)]


def draw_timeline(folder, output, name):
    run = Run(folder)
    end = max(run.jobs["left"].max(), 1e-3)
    span = min(1000.0, end)
    second = run.busiest(0, end, span, span / 20)
    length = moment_length(run, second, span)
    moment = run.busiest(second, second + span, length, length / 10)
    depth = max(assign_rows(run.jobs_within(moment, moment + length)).values()) + 1
    height = min(4.2, max(1.0, 0.105 * depth))
    figure, panels = plt.subplots(2, 1, figsize=(COLUMN_WIDTH, 2.15 + height), gridspec_kw={"height_ratios": [0.6, height]})
    draw_second(panels[0], run, second, span, moment, length)
    handles = draw_moment(panels[1], run, second, moment, length)
    legend_above(figure, handles, columns=3)
    output.save(figure, name)


# --- What a folder holds ---

def recorded_runs(root):
    """Folders with records of their own, and of each comparison the live run with the most misses."""
    folders = [path.parent for path in sorted(root.rglob("jobs.csv")) if (path.parent / "stages.csv").exists()]
    comparisons = {path.parent for path in root.rglob("validation.csv")}
    own = [folder for folder in folders if not comparisons & set(folder.parents)]
    for comparison in sorted(comparisons):
        live = [folder for folder in folders if comparison in folder.parents and folder.name == "live"]
        if live:
            own.append(max(live, key=lambda folder: pd.read_csv(folder / "jobs.csv", usecols=["missed"])["missed"].sum()))
    return own


def name_of(folder, root):
    relative = folder.relative_to(root).as_posix()
    return root.resolve().name if relative == "." else re.sub(r"[^\w.=-]+", "-", relative)


# --- A plan ---

def draw_plan(path, output, name):
    columns = ["loss", "worst_miss_ratio", "storage_bytes", "feasible"]
    tried, front = read_csv(path, columns), read_csv(path.parent / "front.csv", columns)
    try:
        plan = json.loads((path.parent / "plan.json").read_text())
        bound = float(plan["miss_bound"])
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{path.parent / 'plan.json'}: {error}; run `laxity plan` again") from None
    figure, panel = plt.subplots(figsize=(COLUMN_WIDTH, 2.5))
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
    legend_above(figure, handles)
    output.save(figure, name)


def draw_all(root, chosen, laxity, output):
    styles, drawn = Styles(), 0
    for path in sorted(root.rglob("runs.csv")):
        sweep = Sweep(path, chosen, laxity)
        styles.winners.append(sweep.winner)
        for policy in dict.fromkeys(sweep.depths["policy"]):
            styles.of(policy)
        name = name_of(path.parent, root)
        for suffix, means, depths in sweep.slices():
            draw_sweep(means, sweep, styles, output, name + suffix)
            draw_depths(depths, sweep, output, name + "-depth" + suffix)
        drawn += 1
    for path in sorted(root.rglob("validation.csv")):
        draw_validation(path, styles, output, name_of(path.parent, root))
        drawn += 1
    for path in sorted(root.rglob("candidates.csv")):
        draw_plan(path, output, name_of(path.parent, root) + "-plan")
        drawn += 1
    for folder in recorded_runs(root):
        draw_timeline(folder, output, name_of(folder, root) + "-timeline")
        drawn += 1
    if drawn == 0:
        raise Problem(f"{root}: expected runs.csv, validation.csv or jobs.csv and stages.csv, found none; "
                      "make them with `laxity sweep`, `laxity validate`, `laxity plan` or `laxity simulate --out`")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, metavar="RESULTS_DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write; default: RESULTS_DIR/figures")
    parser.add_argument("--format", default="pdf,png", metavar="LIST", help="pdf, png, svg; default: pdf,png")
    parser.add_argument("--policies", nargs="+", metavar="POLICY", help="draw only these of a sweep, e.g. edf rtdeepiot:predictor=exp")
    parser.add_argument("--replace", action="store_true",
                        help="files in the way, other than figures drawn here before, move aside, to NAME.old, NAME.old.2, ...")
    parser.add_argument("--laxity", type=Path, metavar="FILE", help="the executable; default: build/release/laxity of this checkout, or this tarball's")
    arguments = parser.parse_args()
    formats = arguments.format.split(",")
    try:
        if not arguments.results.is_dir():
            raise Problem(f"{arguments.results}: expected a results folder, found none")
        if not set(formats) <= {"pdf", "png", "svg"}:
            raise Problem(f"--format: expected pdf, png or svg, found \"{arguments.format}\"")
        with plt.rc_context(STYLE):
            output = Output(formats)
            draw_all(arguments.results, arguments.policies, arguments.laxity, output)
        output.write(arguments.out or arguments.results / "figures", arguments.replace)
    except Problem as problem:
        sys.exit(f"figures: {problem}")


if __name__ == "__main__":
    main()
