"""A comparison of simulation and device, as `laxity validate` writes it: validation.csv, a row per point, policy and metric."""

import re
from dataclasses import dataclass

from laxity_figures.measures import measure_of
from laxity_figures.policies import emphasised, named, short_name
from laxity_figures.selection import Series, axis_name, ordered, same, text_of
from laxity_figures.problem import not_among
from laxity_figures.sources import read_csv
from laxity_figures.styles import PALE, Style, style_of

GREY = Style(PALE, "solid", ".")
NUMBERS = ["simulated", "live", "difference", "ci95"]
ORDER = ["accuracy", "miss_ratio", "mean_depth", "utilisation", "response_p50", "response_p95", "response_p99"]


@dataclass(frozen=True)
class Metric:
    """`scale`: what a value of validation.csv is multiplied by to be drawn."""

    column: str
    name: str
    unit: str
    scale: float

    @property
    def label(self):
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def is_share(self):
        return self.scale == 100


def metric_of(column, unit):
    """The Metric of a row; times are in whatever unit the comparison was written in."""
    measure = measure_of(f"{column}_ms" if column.startswith("response_") else column)
    share = measure.unit.startswith("%") and unit != "%"
    name = {"response_p50": "median response", "response_p95": "95 % response", "response_p99": "99 % response"}.get(column, measure.name)
    return Metric(column, name, "%" if share or unit == "%" else "" if unit == "1" else unit, 100.0 if share else 1.0)


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text.strip('"')  # of words, which stand there as in JSON


def point_values(point):
    """"/tasks/0/arrival/load=0.8,/x=3" -> {pointer: value}."""
    assignments = re.split(r",(?=/)", point) if point else []
    return {pointer: number_or_text(value) for pointer, _, value in (assignment.partition("=") for assignment in assignments)}


class Comparison:
    """The rows of a validation.csv that are asked for. `axis` is the pointer that is drawn along x, "" if there is none."""

    def __init__(self, source, request):
        path = source.file("validation.csv")
        self.table = read_csv(path, ["point", "policy", "metric", "unit", *NUMBERS], optional=NUMBERS, keep_default_na=False,
                              na_values={name: [""] for name in NUMBERS}, dtype={name: str for name in ("point", "policy", "metric", "unit")})
        points = [point_values(point) for point in self.table["point"]]
        pointers = list(dict.fromkeys(pointer for point in points for pointer in point))
        self.axis = self.find(request.x, "--x", pointers) if request.x else next(
            (pointer for pointer in pointers if len({point.get(pointer) for point in points}) > 1), pointers[0] if pointers else "")
        self.table["x"] = [point.get(self.axis, "all") for point in points]
        for name, texts in request.where.items():
            pointer = self.find(name, "--where", pointers)
            values = [point_values(point).get(pointer, "") for point in self.table["point"]]
            for text in texts:
                if not any(same(value, text) for value in values):
                    raise not_among(f"--where {name}", text, map(text_of, ordered(values)), "one of the values that were compared")
            self.table = self.table[[any(same(value, text) for text in texts) for value in values]]
        policies = named(list(dict.fromkeys(self.table["policy"])), request.policies)
        self.table = self.table[self.table["policy"].isin(policies)]
        colour = emphasised(policies, policies, (), request.top, bool(request.policies))
        self.series = [Series(policy, short_name(policy), style_of(policy) if policy in colour else GREY, int(policy in colour)) for policy in policies]
        self.x_values = ordered(self.table["x"])
        self.metrics = self.metrics_asked(request.y)

    @staticmethod
    def find(name, option, pointers):
        found = [pointer for pointer in pointers if name in (pointer, axis_name(pointer))]
        if not found:
            raise not_among(option, name, map(axis_name, pointers), "an axis of this comparison")
        return found[0]

    def metrics_asked(self, names):
        there = list(dict.fromkeys(self.table["metric"]))
        for name in names:
            if name not in there:
                raise not_among("--y", name, there, "a metric of validation.csv")
        there.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
        units = dict(zip(self.table["metric"], self.table["unit"]))
        return [metric_of(name, units[name]) for name in names or there]

    @property
    def words(self):
        return not all(isinstance(value, float) for value in self.x_values)

    @property
    def crowded(self):
        """Whether so many points stand side by side that each has to be small."""
        return len(self.x_values) * len(self.series) > 36

    def in_colour(self):
        return [series for series in self.series if series.emphasis]

    def in_grey(self):
        return [series for series in self.series if not series.emphasis]

    def place(self, value):
        return float(self.x_values.index(value)) if self.words else value

    def rows(self, metric, series):
        """x, place, and the numbers in drawn units, in the order of x."""
        table = self.table[(self.table["metric"] == metric.column) & (self.table["policy"] == series.key)].copy()
        table["place"] = [self.place(value) for value in table["x"]]
        table[NUMBERS] *= metric.scale
        return table.sort_values("place", kind="stable")
