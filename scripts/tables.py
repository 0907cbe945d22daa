#!/usr/bin/python3
"""Tables of a sweep: every policy at every point, for a paper or a README.

Reads RESULTS_DIR/runs.csv, and RESULTS_DIR/bounds.csv if the sweep was run with --bounds, and prints
  accuracy and misses         mean over the seeds, percent of jobs
  regret                      least bound - accuracy, and clairvoyant bound - accuracy, in points (with bounds.csv)
  difference to a baseline    paired by seed: the same jobs under both policies; points +- half the 95 % interval
one row per policy, one column per value of the swept axis. Further axes give a table each.
"""

import argparse
import fnmatch
import sys
from pathlib import Path

import numpy as np

from figures import Problem, axis_label, half_width_95, read_csv, short_name
from outputs import write_file

EXAMPLES = """examples:
  tables.py results/paper
  tables.py results/paper --baseline edf --format latex
  tables.py results/paper --best "rtdeepiot, best form=rtdeepiot:*" --baseline "rtdeepiot, best form"
"""


class Table:
    """A title, a header and rows of text; knows how to print itself."""

    def __init__(self, title, header):
        self.title, self.header, self.rows = title, header, []

    def add(self, name, cells):
        self.rows.append([name, *cells])

    def markdown(self):
        lines = [f"**{self.title}**", "", "| " + " | ".join(self.header) + " |"]
        lines.append("| --- |" + " ---: |" * (len(self.header) - 1))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"

    def latex(self):
        def line(cells):
            return " & ".join(cell.replace("%", r"\%").replace("_", r"\_").replace("+-", r"$\pm$") for cell in cells) + r" \\"
        lines = [f"% {self.title}", r"\begin{tabular}{l" + "r" * (len(self.header) - 1) + "}", r"\toprule"]
        lines += [line(self.header), r"\midrule", *[line(row) for row in self.rows], r"\bottomrule", r"\end{tabular}"]
        return "\n".join(lines) + "\n"


class Cells:
    """The runs of one table: values of a measure by policy and axis value, in the order of the seeds."""

    def __init__(self, runs, axis, bounds):
        self.runs, self.axis, self.bounds = runs, axis, bounds
        self.values = list(dict.fromkeys(runs[axis]))
        self.policies = list(dict.fromkeys(runs["policy"]))
        self.best = {}  # name -> {axis value: policy}

    def add_best(self, name, pattern):
        """A row for the policy that did best at each point: chosen after the fact, so it flatters that row."""
        members = [policy for policy in self.policies if fnmatch.fnmatchcase(policy, pattern)]
        if not members:
            raise Problem(f"--best: no policy is like \"{pattern}\"; there are {' '.join(self.policies)}")
        self.best[name] = {value: max(members, key=lambda policy: self.measure(policy, value, "accuracy").mean())
                           for value in self.values}

    def names(self):
        return self.policies + list(self.best)

    def label(self, name):
        return name if name in self.best else short_name(name)

    def measure(self, name, value, column):
        policy = self.best[name][value] if name in self.best else name
        chosen = self.runs[(self.runs["policy"] == policy) & (self.runs[self.axis] == value)]
        return chosen.sort_values("seed")[column].to_numpy()

    def bound(self, value, column):
        chosen = self.bounds[self.bounds[self.axis] == value].sort_values("seed")
        return chosen[column].to_numpy(dtype=float)


def accuracy_table(cells, title):
    table = Table(f"accuracy / misses, %{title}", header(cells))
    for name in cells.names():
        table.add(cells.label(name), [f"{100 * cells.measure(name, value, 'accuracy').mean():.2f} / "
                                      f"{100 * cells.measure(name, value, 'miss_ratio').mean():.2f}"
                                      for value in cells.values])
    if cells.bounds is not None:
        for column in ["least", "clairvoyant"]:
            table.add({"least": "*least bound*"}.get(column, f"*{column}*"),
                      [percent(cells.bound(value, column)) for value in cells.values])
    return table


def percent(values):
    return "-" if np.isnan(values).any() else f"{100 * values.mean():.2f}"


def regret_table(cells, title):
    table = Table(f"regret to the least bound / to clairvoyant, points of accuracy{title}", header(cells))
    for name in cells.names():
        row = []
        for value in cells.values:
            accuracy = cells.measure(name, value, "accuracy")
            row.append(" / ".join(percent(cells.bound(value, column) - accuracy) for column in ["least", "clairvoyant"]))
        table.add(cells.label(name), row)
    return table


def difference_table(cells, baseline, title):
    table = Table(f"accuracy minus that of {cells.label(baseline)}, points, paired by seed{title}", header(cells))
    for name in cells.names():
        if name == baseline:
            continue
        row = []
        for value in cells.values:
            difference = 100 * (cells.measure(name, value, "accuracy") - cells.measure(baseline, value, "accuracy"))
            row.append(f"{difference.mean():+.2f} +- {half_width_95(difference):.2f}")
        table.add(cells.label(name), row)
    return table


def header(cells):
    return [axis_label(cells.axis).partition(" (")[0]] + [f"{value}" for value in cells.values]


def tables_of(folder, options):
    runs = read_csv(folder / "runs.csv", ["policy", "seed", "accuracy", "miss_ratio"])
    axes = list(runs.columns[:list(runs.columns).index("policy")])
    if not axes:
        runs.insert(0, "point", "all")
        axes = ["point"]
    bounds = None
    if (folder / "bounds.csv").exists():
        bounds = read_csv(folder / "bounds.csv", ["seed", "least", "clairvoyant"])
        if axes == ["point"]:
            bounds.insert(0, "point", "all")
    for others, group in runs.groupby(axes[1:], sort=False) if axes[1:] else [((), runs)]:
        others = others if isinstance(others, tuple) else (others,)
        title = "".join(f", {axis.rsplit('/', 1)[-1]} {value}" for axis, value in zip(axes[1:], others))
        chosen = bounds
        for axis, value in zip(axes[1:], others):
            chosen = None if chosen is None else chosen[chosen[axis] == value]
        yield from tables_of_group(Cells(group, axes[0], chosen), options, title)


def tables_of_group(cells, options, title):
    for text in options.best:
        name, _, pattern = text.partition("=")
        if not pattern:
            raise Problem(f"--best: expected NAME=PATTERN, found \"{text}\"")
        cells.add_best(name, pattern)
    yield accuracy_table(cells, title)
    if cells.bounds is not None:
        yield regret_table(cells, title)
    if options.baseline:
        if options.baseline not in cells.names():
            raise Problem(f"--baseline: no policy \"{options.baseline}\"; there are {', '.join(cells.names())}")
        yield difference_table(cells, options.baseline, title)


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of a sweep")
    parser.add_argument("--baseline", help="policy, or name of a --best row, that the others are compared with")
    parser.add_argument("--best", action="append", default=[], metavar="NAME=PATTERN",
                        help="add a row for the best policy like PATTERN at each point, chosen after the fact")
    parser.add_argument("--format", choices=["markdown", "latex"], default="markdown")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to write; default: standard output")
    parser.add_argument("--replace", action="store_true", help="an --out that is there, with other text, moves to FILE.old, FILE.old.2, ...")
    options = parser.parse_args()
    try:
        text = "".join(f"{table.markdown() if options.format == 'markdown' else table.latex()}\n"
                       for table in tables_of(options.results, options))
        if options.out:
            write_file(options.out, text, options.replace)
        else:
            print(text, end="")
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
