"""The studies: sweeps of workloads/scenarios/reproduction, run when they are first asked for, looked up by point.

Results lie in FOLDER/NAME. A sweep that is there goes on, so a reproduction that was stopped does too. Every mean,
interval and paired difference is the report's; nothing is computed here.
"""

import io
import json
import sys

import pandas as pd

from .estimates import Estimate
from .executable import ROOT, Problem

SCENARIOS = ROOT / "workloads/scenarios/reproduction"
QUICK = ["--seeds", "6", "--jobs", "4000", "--warmup", "400"]  # in place of ten seeds of 20,000 jobs


class Study:
    """One finished sweep. Axes are given by name: study.mean("accuracy", "edf", clients=6)."""

    def __init__(self, name, folder, laxity):
        self.name, self.folder, self.laxity = name, folder, laxity
        self.reports = {}

    def report(self, metric, baseline=""):
        """Every statistic of one measure: a row per point and policy, then those of the whole grid."""
        if (metric, baseline) not in self.reports:
            arguments = ["report", self.folder, "--format", "csv", "--metric", metric]
            text = self.laxity.output(*arguments, *(["--baseline", baseline] if baseline else []))
            self.reports[metric, baseline] = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        return self.reports[metric, baseline]

    def row(self, table, policy, where):
        rows = table[(table["kind"] == "policy") & (table["policy"] == policy)]
        rows = rows[rows["scope"] == ("point" if where else "grid")]
        for axis, value in where.items():
            rows = rows[rows[axis].map(lambda text, value=value: same(text, value))]
        if len(rows) != 1:
            raise Problem(f"{self.folder}: expected one row of {policy} at {where or 'the grid'}, found {len(rows)}; "
                          "remove the folder and run the study again")
        return rows.iloc[0]

    def mean(self, metric, policy, **where):
        return estimate(self.row(self.report(metric), policy, where), "mean", "low", "high")

    def difference(self, metric, policy, baseline, **where):
        """policy - baseline, paired by seed; without a point over the whole grid."""
        row = self.row(self.report(metric, baseline), policy, where)
        return estimate(row, "difference", "difference_low", "difference_high")

    def values(self, axis):
        """The values of an axis, in their order: numbers where all are."""
        table = self.report("accuracy")
        texts = list(dict.fromkeys(table[table["scope"] == "point"][axis]))
        numbers = pd.to_numeric(pd.Series(texts), errors="coerce")
        return texts if numbers.isna().any() else [number.item() for number in numbers.to_numpy()]

    def policies(self):
        return list(dict.fromkeys(self.report("accuracy")["policy"]))


def same(text, value):
    if isinstance(value, str):
        return text == value
    try:
        return float(text) == float(value)
    except ValueError:
        return False


def estimate(row, mean, low, high):
    """Where all runs agree there is no variance, and the interval is the mean itself."""
    if row[mean] == "":
        raise Problem(f"{row['study']}: {row['policy']} has no {row['metric']} here; is the run too short?")
    ends = [row[low] or row[mean], row[high] or row[mean]]
    return Estimate(float(row[mean]), float(ends[0]), float(ends[1]))


class Studies:
    """All studies of a reproduction, by name. `quick` runs them with fewer and shorter runs; `options` go to every sweep."""

    def __init__(self, laxity, folder, quick=False, options=()):
        self.laxity, self.folder, self.quick, self.options = laxity, folder, quick, list(options)
        self.known, self.plans = {}, {}

    def __getitem__(self, name):
        if name not in self.known:
            self.known[name] = self.run(name)
        return self.known[name]

    def run(self, name):
        file, folder = SCENARIOS / f"{name}.json", self.folder / name
        print(f"reproduce: study {name}", file=sys.stderr, flush=True)
        size = QUICK if self.quick else []
        self.laxity.output("sweep", file, "--out", folder, *self.options, *size)
        return Study(name, folder, self.laxity)

    def plan(self, workload, policy, **changes):
        """The plan of `rtmdl` for a workload with some values changed, as JSON. Keys of `changes` are JSON pointers."""
        arguments = ["--workload", SCENARIOS / f"{workload}.json", "--policy", policy, *settings(changes)]
        key = tuple(map(str, arguments))
        if key not in self.plans:
            self.plans[key] = json.loads(self.laxity.output("plan", *arguments))
        return self.plans[key]

    def shown(self, workload, **changes):
        """What `laxity show` prints of a workload with some values changed."""
        return self.laxity.output("show", SCENARIOS / f"{workload}.json", *settings(changes))


def settings(changes):
    return [part for pointer, value in changes.items() for part in ("--set", f"{pointer}={value}")]
