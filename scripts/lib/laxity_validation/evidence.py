"""What studies say, as tables: summary.csv, agreement.csv, budget.csv, and the aims.

All numbers are those of `laxity validate`: its validation.csv (means over the repetitions that count), agreement.csv and budget.csv.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from laxity_figures.comparisons import point_values
from laxity_figures.problem import Problem
from laxity_figures.sources import check_numbers, read_csv

METRICS = ("accuracy", "miss_ratio", "mean_depth", "response_p50_ms", "response_p95_ms", "response_p99_ms", "utilisation")
SHARES = ("accuracy", "miss_ratio")  # compared in points; all else in percent of the simulated value
# metric -> (most on average, most at all), in points or percent; None: nothing was aimed at
AIMS = {"accuracy": (0.05, 0.25), "miss_ratio": (0.05, 0.25), "mean_depth": (0.25, None), "response_p50_ms": (1, None),
        "response_p95_ms": (1.5, None), "response_p99_ms": (1.5, None), "utilisation": (0.5, None)}
NUMBERS = ["simulated", "live", "difference", "low", "high", "margin"]
MORE = ["drift", "repeatability"]  # where the version that wrote it knows them
INFORMATION = ("history", "replayed")  # rows of a budget that are no parts of its sum


@dataclass(frozen=True)
class StudyFiles:
    """A study that is complete."""

    folder: Path
    about: dict

    @property
    def runs(self):
        return self.folder / "runs"

    @property
    def name(self):
        return self.about["name"]


def studies_in(folder):
    """Every complete study, by name. Throws Problem if there is none."""
    found = []
    for path in sorted(folder.glob("*/study.json")):
        try:
            about = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise Problem(f"{path}: {error}; run the study again") from None
        if about.get("schema") != "laxity.validation-study/1":
            raise Problem(f"{path}: /schema: expected \"laxity.validation-study/1\", found {json.dumps(about.get('schema'))}; run the study again")
        found.append(StudyFiles(path.parent, about))
    if not found:
        raise Problem(f"{folder}: expected complete studies (NAME/study.json), found none; run scripts/validation without --from")
    return found


def named_metric(metric):
    return f"{metric}_ms" if metric.startswith("response_") and not metric.endswith("_ms") else metric


def with_study(table, study):
    """The columns network, arrivals and load before the rest. `load` holds the number of clients where arrivals are clients."""
    load = [point_values(point).get(study.about["axis"]) for point in table["point"]]
    return table.assign(network=study.about["network"], arrivals=study.about["arrivals"], load=load)


def read_rows(study):
    """validation.csv of a study."""
    path = study.runs / "validation.csv"
    table = read_csv(path, ["point", "policy", "metric", "verdict", *NUMBERS], optional=NUMBERS, keep_default_na=False,
                     na_values={name: [""] for name in [*NUMBERS, *MORE]}, dtype={name: str for name in ("point", "policy", "metric", "verdict")})
    check_numbers(path, table, [name for name in MORE if name in table.columns], True)
    table = table.assign(**{name: float("nan") for name in MORE if name not in table.columns})
    table["metric"] = table["metric"].map(named_metric)
    return with_study(table, study).assign(study=study.name)


def all_rows(studies):
    table = pd.concat([read_rows(study) for study in studies], ignore_index=True)
    return table[table["metric"].isin(METRICS)].reset_index(drop=True)


def optional_table(study, name, needed):
    """agreement.csv or budget.csv of a study; None where it was made without."""
    path = study.runs / name
    if not path.exists():
        return None
    return with_study(read_csv(path, needed, without_rows=True, keep_default_na=False, dtype=str), study)


def joined(studies, name, needed, first):
    """The tables of all studies, with the columns `first` before those of the file; None if no study has one."""
    tables = [table for study in studies if (table := optional_table(study, name, needed)) is not None]
    if not tables:
        return None
    table = pd.concat(tables, ignore_index=True)
    return table[[*first, *[column for column in table.columns if column not in (*first, "load")]]]


def agreement(studies):
    return joined(studies, "agreement.csv", ["point"], ["network", "arrivals", "load"])


def budget(studies):
    table = joined(studies, "budget.csv", ["point", "policy", "metric", "part", "value", "low", "high"], ["network", "arrivals"])
    if table is not None:
        table["metric"] = table["metric"].map(named_metric)
    return table


def summary(rows):
    """summary.csv, as a table."""
    table = rows.rename(columns={"simulated": "simulation"})
    return table[["network", "arrivals", "policy", "load", "metric", "simulation", "live", "difference", "low", "high"]]


def off(rows, column="difference"):
    """How far a difference is off: in points of shares, in percent of the simulated value of all else; NaN where there is none."""
    share = rows["metric"].isin(SHARES)
    relative = rows[column] / rows["simulated"].where(rows["simulated"] != 0)
    return 100 * rows[column].where(share, relative).abs()


def against_aims(rows):
    """A row per metric: cells, mean and worst |difference|, the aim, whether it is met, and how far repetitions are apart."""
    rows = rows.assign(off=off(rows), spread=off(rows, "repeatability"), moved=off(rows, "drift"))
    table = []
    for metric in METRICS:
        mine = rows[(rows["metric"] == metric) & rows["off"].notna()]
        if mine.empty:
            continue
        mean, worst = mine["off"].mean(), mine["off"].max()
        most_mean, most = AIMS[metric]
        table.append({"metric": metric, "cells": len(mine), "mean": mean, "worst": worst, "aim_mean": most_mean, "aim_worst": most,
                      "met": mean <= most_mean and (most is None or worst <= most), "repeatability": mine["spread"].mean(), "drift": mine["moved"].mean(),
                      **{verdict: int((mine["verdict"] == verdict).sum()) for verdict in ("equal", "different", "cannot tell")}})
    return pd.DataFrame(table)


def by_regime(rows):
    """A row per study and load: the mean |difference| of accuracy (points), of p99 and utilisation (%), and the share of rows that are equal."""
    rows = rows.assign(off=off(rows))
    table = []
    for (study, load), mine in rows.groupby(["study", "load"], sort=False):
        mean = lambda metric: mine[mine["metric"] == metric]["off"].mean()
        judged = mine[mine["verdict"] != ""]
        table.append({"study": study, "load": load, "accuracy": mean("accuracy"), "response_p99_ms": mean("response_p99_ms"),
                      "utilisation": mean("utilisation"), "equal": (judged["verdict"] == "equal").mean() if len(judged) else float("nan"),
                      "different": int((judged["verdict"] == "different").sum()), "rows": len(judged)})
    return pd.DataFrame(table)


def is_beyond(rows):
    """Of each row, whether it is shown to lie beyond its margin, or further off than anything was to be (AIMS)."""
    worst = rows["metric"].map({metric: worst for metric, (_, worst) in AIMS.items()}).astype(float)
    return (rows["verdict"] == "different") | (off(rows) > worst)


def beyond(rows, budget_table):
    """[(row, the parts of its budget)] of those rows, the worst first in terms of the margin. The budget is of the simulation on the
    user's trace, so that its parts include the drift."""
    mine = rows[is_beyond(rows)]
    mine = mine.assign(size=mine["difference"].abs() / mine["margin"]).sort_values("size", ascending=False, kind="stable")
    return [(row, parts_of(budget_table, row)) for _, row in mine.iterrows()]


def parts_of(table, row):
    """[(part, value)], the largest first."""
    if table is None:
        return []
    mine = table[(table["network"] == row["network"]) & (table["arrivals"] == row["arrivals"]) & (table["point"] == row["point"])
                 & (table["policy"] == row["policy"]) & (table["metric"] == row["metric"])]
    parts = [(part, float(value)) for part, value in zip(mine["part"], mine["value"]) if value != "" and part not in INFORMATION]
    return sorted(parts, key=lambda part: -abs(part[1]))


def replayed(rows, table):
    """A row per metric: cells, mean and worst |live - simulation| where every stage took what it took live ("replayed" of the budgets), in
    points or percent. None where no budget says so."""
    if table is None:
        return None
    keys = ["network", "arrivals", "point", "policy", "metric"]
    mine = table[(table["part"] == "replayed") & (table["value"] != "")]
    mine = rows.merge(mine.assign(replayed=pd.to_numeric(mine["value"]))[[*keys, "replayed"]], on=keys)
    if mine.empty:
        return None
    mine["off"] = off(mine, "replayed")
    return pd.DataFrame([{"metric": metric, "cells": len(some), "mean": some.mean(), "worst": some.max()}
                         for metric in METRICS if len(some := mine[mine["metric"] == metric]["off"].dropna())])


def order(table):
    """Of agreement.csv: pairs, those that the device tells apart, how many of these the simulation puts in the same order, and the mean
    and worst loss from taking the simulation's best. None without the file."""
    if table is None or table.empty or "significant" not in table.columns:
        return None
    told = table[table["significant"] == "1"]
    points = table.drop_duplicates(["network", "arrivals", "point"])
    loss, tau = (pd.to_numeric(points.get(name), errors="coerce") for name in ("loss", "tau"))
    return {"points": len(points), "pairs": len(table), "told": len(told), "agreed": int((told["same_order"] == "1").sum()),
            "tau": tau.mean(), "loss": loss.mean(), "worst_loss": loss.max()}


def device_slug(name):
    """A device as a file name: "Intel(R) Xeon(R) Processor" -> "intel-xeon-processor"."""
    plain = re.sub(r"\((r|tm|c)\)", "", name.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "device"


def device_of(studies):
    """The device that all traces name. Throws Problem if there are several."""
    names = sorted({json.loads((study.folder / "trace.json").read_text())["device"]["name"] for study in studies})
    if len(names) > 1:
        raise Problem(f"{studies[0].folder.parent}: expected studies of one device, found {', '.join(names)}; keep them in folders of their own")
    return names[0]
