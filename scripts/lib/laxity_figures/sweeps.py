"""A sweep: its statistics, as `laxity report` computes them (nothing else computes means or intervals), and its runs."""

import io
import json

import pandas as pd

from laxity_figures.executable import run_laxity
from laxity_figures.problem import not_among
from laxity_figures.sources import read_csv

NUMBERS = ["mean", "low", "high", "difference", "difference_low", "difference_high", "p", "p_holm", "regret_least", "regret_least_low",
           "regret_least_high", "regret_clairvoyant", "regret_clairvoyant_low", "regret_clairvoyant_high", "n", "points"]


def number_or_text(column):
    """A column of numbers if all of it are, else of texts."""
    numbers = pd.to_numeric(column, errors="coerce")
    return column.astype(str) if numbers.isna().any() else numbers


class Sweep:
    """One sweep's folder under one request. Axes are named as in the report; `axes` are those of the workload,
    `policy_axes` parameters of policies."""

    def __init__(self, source, request):
        self.source, self.request = source, request
        self.tables = {}
        self.header = list(read_csv(source.file("runs.csv"), ["policy", "seed"], nrows=1).columns)
        source.check_complete()
        position = self.header.index("seed")
        self.measures = [name for name in self.header[position + 1:] if not name.endswith("depth_histogram")]
        names = list(self.table(self.default_measures()).columns)
        self.axes = names[names.index("scope") + 1:names.index("policy")]
        self.policy_axes = names[names.index("policy") + 1:names.index("kind")]
        policies = self.means(self.default_measures())
        self.policies = list(dict.fromkeys(policies["policy"][policies["kind"] != "bound"]))

    def default_measures(self):
        return [name for name in ("accuracy", "miss_ratio") if name in self.measures] or self.measures[:1]

    def measures_asked(self, default):
        """Those of --y, or the default ones that there are. Throws Problem for one that isn't there."""
        for name in self.request.y:
            if name not in self.measures:
                raise not_among("--y", name, self.measures, f"a column of {self.source.file('runs.csv')}")
        return self.request.y or [name for name in default if name in self.measures] or self.default_measures()

    def table(self, measures, baseline=""):
        """The report's long table (sim/study/report.hpp): points and the grid, policies, best forms and bounds."""
        key = (tuple(measures), baseline)
        if key not in self.tables:
            best = [argument for name, pattern in self.request.best for argument in ("--best", f"{name}={pattern}")]
            text = run_laxity(["report", str(self.source.folder), "--format", "csv", "--metric", ",".join(measures), *best,
                               *(["--baseline", baseline] if baseline else [])], self.request.laxity)
            table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
            for name in NUMBERS:
                table[name] = pd.to_numeric(table[name], errors="coerce")
            self.tables[key] = table
        return self.tables[key]

    def means(self, measures, baseline=""):
        """The rows of points, axes as numbers where all their values are; "itself" where the policy is the baseline."""
        table = self.table(measures, baseline)
        table = table[table["scope"] == "point"].copy()
        for axis in self.axes:
            table[axis] = number_or_text(table[axis])
        return table.assign(itself=table["policy"] == baseline)

    def ranking(self):
        """Policies by their mean accuracy over the grid, the best first; best forms that were chosen after the fact last."""
        measure = self.default_measures()[0]
        table = self.table(self.default_measures())
        table = table[(table["scope"] == "grid") & (table["metric"] == measure) & (table["kind"] != "bound")]
        table = table.assign(after=table["kind"] == "best")
        return list(table.sort_values(["after", "mean"], ascending=[True, measure == "miss_ratio"], kind="stable")["policy"])

    def runs(self, columns, file="runs.csv"):
        """A row per run with these columns of a file, axes and policies named as the report names them."""
        path = self.source.file(file)
        names = {self.column_of(axis): axis for axis in self.axes + self.policy_axes}
        runs = read_csv(path, [*columns, *names], dtype={name: str for name in names}, keep_default_na=False,
                        na_values={name: [""] for name in columns}, usecols=[*names, "policy", "seed", *columns]).rename(columns=names)
        for axis in self.axes:
            runs[axis] = number_or_text(runs[axis].map(lambda text: json.loads(text) if text.startswith('"') else text))
        for axis in self.policy_axes:
            parameter = self.parameter_of(axis)
            runs["policy"] = [with_parameter(policy, parameter, value) for policy, value in zip(runs["policy"], runs[axis])]
        return runs

    def column_of(self, axis):
        """The column of runs.csv; older results call it by its whole pointer."""
        name = axis.removeprefix("axis:")
        return next(column for column in self.header if column == name or column.endswith("/" + name))

    def parameter_of(self, axis):
        """The policies' parameter that an axis of policies sets."""
        name = axis.removeprefix("axis:")
        swept = self.source.configuration.get("axes", [])
        found = [entry.get("parameter") for entry in swept if isinstance(entry, dict) and entry.get("name") == name] if isinstance(swept, list) else []
        return found[0] if found and found[0] else name


def with_parameter(policy, parameter, value):
    return f"{policy}{',' if ':' in policy else ':'}{parameter}={value}" if value else policy


def without_parameter(policy, parameter):
    """"rtdeepiot:delta=0.1,predictor=max" without delta -> "rtdeepiot:predictor=max"."""
    name, _, arguments = policy.partition(":")
    kept = [argument for argument in arguments.split(",") if argument and argument.partition("=")[0] != parameter]
    return name + (":" if kept else "") + ",".join(kept)


def sweep_of(source, request):
    """The Sweep of a source, read once."""
    return source.cache.setdefault("sweep", None) or source.cache.update(sweep=Sweep(source, request)) or source.cache["sweep"]
