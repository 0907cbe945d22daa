"""What a results folder holds: sources, each drawn by the kinds of its type, and what their manifests say.

A source is a folder with a file by which its type is known. RESULTS_DIR may be one itself or hold many, at any depth.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from laxity_figures.problem import Problem

# type -> (the files by which it is known, the command that makes it)
TYPES = {
    "sweep": (("runs.csv",), "laxity sweep"),
    "capacity": (("capacity.csv",), "laxity capacity"),
    "validation": (("validation.csv",), "laxity validate"),
    "budget": (("budget.csv",), "laxity validate --explain"),
    "plan": (("candidates.csv",), "laxity plan"),
    "decisions": (("decisions.csv",), "laxity bench --decisions"),
    "run": (("jobs.csv", "stages.csv"), "laxity simulate or live with --out"),
}


def check_numbers(path, table, names, empty):
    """Makes columns numbers. Throws Problem, with the row, for one that isn't, or is missing where none may be (`empty`)."""
    for name in names:
        found = pd.to_numeric(table[name], errors="coerce").replace([float("inf"), float("-inf")], float("nan"))
        blank = table[name].isna() | (table[name].astype(str).str.strip() == "")
        bad = found.isna() & ~(blank if empty else False)
        if bad.any():
            row = bad.to_numpy().argmax()
            raise Problem(f"{path}: row {row + 2}: expected a number in \"{name}\", found \"{str(table[name].iloc[row])[:40]}\"; "
                          "run the command that wrote it again")
        table[name] = found


def read_csv(path, needed, numbers=(), optional=(), without_rows=False, **options):
    """A table with at least the columns `needed` and, unless it may be `without_rows`, one row; `numbers` and `optional` are
    finite numbers, the latter may be empty. Throws Problem."""
    try:
        table = pd.read_csv(path, **options)
    except UnicodeDecodeError:
        raise Problem(f"{path}: expected a table in UTF-8, found other bytes; run the command that wrote it again") from None
    except (OSError, ValueError, OverflowError) as error:
        raise Problem(f"{path}: {' '.join(str(error).split())}; run the command that wrote it again") from None
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise Problem(f"{path}: expected a column \"{missing[0]}\", found {', '.join(map(str, table.columns[:40]))}")
    if table.empty and not without_rows:
        raise Problem(f"{path}: expected rows, found only the header; was the run interrupted?")
    check_numbers(path, table, numbers, False)
    check_numbers(path, table, optional, True)
    return table


@dataclass
class Source:
    """One folder, as one type of source. `prefix` begins the names of its figures: empty for RESULTS_DIR itself."""

    type: str
    folder: Path
    prefix: str = ""
    cache: dict = field(default_factory=dict, repr=False)  # of what kinds read, by whatever key they like

    @property
    def name(self):
        return self.folder.resolve().name

    def file(self, name):
        return self.folder / name

    @cached_property
    def manifest(self):
        """manifest.json, or {} where there is none. Throws Problem if it is another's, or no JSON."""
        path = self.folder / "manifest.json"
        try:
            found = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Problem(f"{path}: {' '.join(str(error).split())}; run the command that wrote it again") from None
        schema = found.get("schema") if isinstance(found, dict) else None
        if schema not in ("laxity.manifest/1", "laxity.manifest/2"):
            raise Problem(f"{path}: /schema: expected \"laxity.manifest/2\", found {json.dumps(schema)}; "
                          "these results are of another version: draw them with its figures.py")
        return found

    @property
    def configuration(self):
        found = self.manifest.get("configuration", {})
        return found if isinstance(found, dict) else {}

    def rows_expected(self):
        """How many runs the sweep will have; None if that isn't known (points left out, seeds added as needed)."""
        study = self.configuration
        axes = study.get("axes")
        if not isinstance(axes, list) or "where" in study or "until" in study or not isinstance(study.get("seeds"), list):
            return None
        length = {axis["name"]: len(axis["values"]) for axis in axes}
        for group in study.get("zip", []):
            for name in group[1:]:
                length[name] = 1
        points = own = 1
        runs = 0
        for axis in axes:
            points *= 1 if "policy" in axis else length[axis["name"]]
        for policy in study.get("policies", []):
            own = 1
            for axis in axes:
                own *= length[axis["name"]] if axis.get("policy") in (policy, policy.partition(":")[0]) else 1
            runs += own
        return points * runs * len(study["seeds"])

    def rows(self):
        """How many runs runs.csv has."""
        with self.file("runs.csv").open("rb") as file:
            return sum(line.endswith(b"\n") for line in file) - 1

    def check_complete(self):
        """Throws Problem where a sweep that was complete has lost rows since."""
        state = self.manifest.get("state", {})
        if isinstance(state, dict) and state.get("complete") and state.get("rows", self.rows()) != self.rows():
            raise Problem(f"{self.file('runs.csv')}: expected {state['rows']} runs, as manifest.json says, found {self.rows()}; "
                          "it was cut off: copy it again, or start the sweep again, which adds what is missing")

    def state(self):
        """"" if it is complete, else how far it is, as in "unfinished: 120 of 200 runs"."""
        state = self.manifest.get("state", {})
        if self.type != "sweep" or not isinstance(state, dict) or state.get("complete", True):
            return ""
        rows = self.rows()
        expected = self.rows_expected()
        return f"unfinished: {rows} of {expected} runs" if expected and expected >= rows else f"unfinished: {rows} runs so far"


def prefix_of(folder, root):
    relative = folder.relative_to(root).as_posix()
    return "" if relative == "." else re.sub(r"[^\w.=-]+", "-", relative) + "-"


def is_shown(folder, root):
    """Not of figures that were drawn before, nor a shard of a sweep that is there as a whole."""
    if (folder / "index.json").exists():
        return False
    return not any(parent.name == "shards" and (parent.parent / "runs.csv").exists() for parent in folder.relative_to(root).parents
                   for parent in [root / parent])


def folders_of(root, type_):
    files = TYPES[type_][0]
    found = (path.parent for path in sorted(root.rglob(files[0])))
    return [folder for folder in found if all((folder / name).exists() for name in files) and is_shown(folder, root)]


def recorded_runs(root):
    """Folders with records of their own, and of each comparison the live run with the most misses."""
    folders = folders_of(root, "run")
    comparisons = folders_of(root, "validation")
    own = [folder for folder in folders if not set(comparisons) & set(folder.parents)]
    misses = lambda folder: read_csv(folder / "jobs.csv", ["missed"], usecols=lambda name: name == "missed")["missed"].sum()
    for comparison in comparisons:
        live = [folder for folder in folders if comparison in folder.parents and folder.name == "live"]
        own += [max(live, key=misses)] if live else []
    return own


def find_sources(root):
    """Every source in `root`, by type and folder. Throws Problem if there is no folder, or nothing in it."""
    if not root.is_dir():
        raise Problem(f"{root}: expected a results folder, found {'a file' if root.exists() else 'none'}")
    found = [Source(type_, folder, prefix_of(folder, root)) for type_ in TYPES
             for folder in (recorded_runs(root) if type_ == "run" else folders_of(root, type_))]
    if not found:
        files = ", ".join(" and ".join(files) for files, _ in TYPES.values())
        commands = ", ".join(f"`{command}`" for _, command in TYPES.values())
        raise Problem(f"{root}: expected runs.csv or another of {files}, found none; make them with {commands}")
    return found
