"""A comparison of simulation and device, as `laxity validate` writes it: validation.csv, a row per point, policy and metric, and
budget.csv, a row for each part of each difference.

Newer files also have the interval of the difference (low, high) and the margin within which the two count as equal; without these
columns the interval is difference +- ci95 and there is no margin.
"""

import re
from dataclasses import dataclass

from laxity_figures.measures import measure_of
from laxity_figures.policies import emphasised, named, short_name
from laxity_figures.selection import Series, axis_name, ordered, same, text_of
from laxity_figures.problem import not_among
from laxity_figures.sources import check_numbers, read_csv
from laxity_figures.styles import PALE, Style, style_of

GREY = Style(PALE, "solid", ".")
NUMBERS = ["simulated", "live", "difference", "ci95"]
LATER = ["low", "high", "margin"]  # columns of files that repetitions were made for
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


def read_comparison(path):
    """validation.csv, with the columns LATER in any case, empty where they are not in the file."""
    numbers = [*NUMBERS, *LATER]
    table = read_csv(path, ["point", "policy", "metric", "unit", *NUMBERS], optional=NUMBERS, keep_default_na=False,
                     na_values={name: [""] for name in numbers}, dtype={name: str for name in ("point", "policy", "metric", "unit")})
    check_numbers(path, table, [name for name in LATER if name in table.columns], True)
    return table.assign(**{name: float("nan") for name in LATER if name not in table.columns})


def read_budget(path):
    numbers = ["value", "low", "high"]
    table = read_csv(path, ["point", "policy", "metric", "part", *numbers], optional=numbers, keep_default_na=False,
                     na_values={name: [""] for name in numbers}, dtype={name: str for name in ("point", "policy", "metric", "part")})
    if {"network", "arrivals"} <= set(table.columns):  # of several studies
        table["point"] = [f'/network="{network}",/arrivals="{arrivals}"' + (f",{point}" if point else "") for network, arrivals, point in
                          zip(table["network"], table["arrivals"], table["point"])]
    for metric in table["metric"].unique():  # "response_p50_ms" where the file says so, "response_p50" in ms where it doesn't
        table.loc[table["metric"] == metric, "unit"] = "ms" if metric.startswith("response_") else "stages" if metric == "mean_depth" else "1"
    table["metric"] = table["metric"].str.removesuffix("_ms")
    return table


class Comparison:
    """The rows of a validation.csv or budget.csv (`read`) that are asked for. `axis` is the pointer that is drawn along x, "" if there
    is none."""

    def __init__(self, source, request, file="validation.csv", read=read_comparison):
        self.file = file
        self.table = read(source.file(file))
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
                raise not_among("--y", name, there, f"a metric of {self.file}")
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
        table[[*NUMBERS, *LATER]] *= metric.scale
        table["below"] = (table["difference"] - table["low"]).fillna(table["ci95"])
        table["above"] = (table["high"] - table["difference"]).fillna(table["ci95"])
        return table.sort_values("place", kind="stable")

    def has(self, column):
        """Whether any of the rows asked for has a number there."""
        return bool(self.table[column].notna().any())

    def interval_fact(self):
        if self.has("low"):
            return "intervals: of live - simulated over repetitions (low and high of validation.csv), around the device's value"
        return "intervals: 95 % of live - simulated, by batch means, around the device's value"
