"""What history, path and stalls each bring: the recorded live runs against simulations that do without one of them.

Only simulations are run; the live runs are the ones of the study. Both sides are simulated on the trace that was measured before the
study, so that what the machine drifted since is in every row alike.
"""

import json

import pandas as pd

from laxity_figures.problem import Problem
from laxity_validation.evidence import METRICS, off
from laxity_validation.studies import ROOT, settings

# what a reader sees -> the parts of the replay that are switched off
WITHOUT = {"all parts": (), "without history": ("history",), "without path": ("path",), "without stalls": ("stalls",),
           "whole passes alone": ("history", "path", "stalls")}


def metrics_of(summary):
    """The metrics of a summary.json, by name; None where there is no number."""
    response = summary.get("response_ms") or {}
    return {**{name: summary.get(name) for name in ("accuracy", "miss_ratio", "mean_depth", "utilisation")},
            **{f"response_{quantile}_ms": response.get(quantile) for quantile in ("p50", "p95", "p99")}}


def recorded_live_runs(study):
    """(point, policy, seed, metrics) of every repetition whose records were kept."""
    found = []
    for path in sorted(study.runs.glob("*/repetition-*/live/summary.json")):
        summary = json.loads(path.read_text())
        manifest = json.loads((path.parent / "manifest.json").read_text())
        arrival = manifest["configuration"]["tasks"][0]["arrival"]
        found.append((arrival[study.about["axis"].rpartition("/")[2]], summary["policy"], summary["seed"], metrics_of(summary)))
    return found


def simulate(study, value, policy, seed, without, laxity):
    changes = {**settings(None, study.folder.resolve(), study.about["seconds"]), study.about["axis"]: value,
               **{f"/replay/{part}": False for part in without}}
    words = [word for pointer, change in changes.items() for word in ("--set", f"{pointer}={json.dumps(change)}")]
    return metrics_of(json.loads(laxity.output("simulate", "--workload", ROOT / study.about["workload"], "--policy", policy, "--seed", seed, *words)))


def differences(studies, laxity, progress=lambda text: None):
    """A row per form of the replay, study, cell and metric: simulated, difference. Empty if no live run was recorded."""
    rows = []
    for study in studies:
        runs = recorded_live_runs(study)
        for number, (value, policy, seed, live) in enumerate(runs):
            progress(f"{study.name}: simulating without its parts, {number + 1} of {len(runs)}")
            for form, without in WITHOUT.items():
                simulated = simulate(study, value, policy, seed, without, laxity)
                rows += [{"form": form, "study": study.name, "load": value, "policy": policy, "metric": metric, "simulated": simulated[metric],
                          "difference": live[metric] - simulated[metric]} for metric in METRICS if None not in (live[metric], simulated[metric])]
    return pd.DataFrame(rows)


def brings(studies, laxity, progress=lambda text: None):
    """A row per form: the mean |difference| of every metric, in points or percent. None, and why, where it can't be had."""
    try:
        table = differences(studies, laxity, progress)
    except Problem as problem:
        return None, str(problem)
    if table.empty:
        return None, "no records of live runs were kept"
    table["off"] = off(table)
    means = table.pivot_table(index="form", columns="metric", values="off", aggfunc="mean", sort=False)
    return means.reindex(index=list(WITHOUT), columns=[metric for metric in METRICS if metric in means.columns]), ""
