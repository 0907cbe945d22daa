"""README.md of results/validation/DEVICE: the table against the aims, where it holds, what it is made of. All text follows from the tables."""

import math

from laxity_figures.policies import short_name
from laxity_validation.evidence import AIMS, SHARES, beyond

NAMES = {"accuracy": "accuracy", "miss_ratio": "misses", "mean_depth": "mean depth", "response_p50_ms": "response p50", "response_p95_ms": "response p95",
         "response_p99_ms": "response p99", "utilisation": "utilisation"}
MOST_LISTED = 40  # cells beyond their margin; the rest is counted


def number(value, digits=2):
    return "-" if value is None or (isinstance(value, float) and math.isnan(value)) else f"{value:.{digits}f}"


def unit(metric):
    return "points" if metric in SHARES else "%"


def with_unit(value, metric, digits=2):
    text = number(value, digits)
    return text if text == "-" else f"{text} {unit(metric)}"


def table(header, rows):
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in rows] + [""]


def aim_text(metric):
    mean, worst = AIMS[metric]
    return f"{mean:g} on average" + ("" if worst is None else f", {worst:g} at most")


def aims_section(aims):
    rows = [(NAMES[row["metric"]], unit(row["metric"]), row["cells"], number(row["mean"], 3), number(row["worst"], 3), aim_text(row["metric"]),
             "yes" if row["met"] else "**no**", number(row["repeatability"], 3), number(row["drift"], 3),
             f"{row['equal']} / {row['different']} / {row['cannot tell']}") for _, row in aims.iterrows()]
    missed = [NAMES[row["metric"]] for _, row in aims.iterrows() if not row["met"]]
    verdict = "Every aim is met." if not missed else f"Not met: {', '.join(missed)}."
    return ["## Against the aims", "",
            "|live - simulation| of each cell, its mean and largest value over the cells; in points, or in per cent of the simulated value. A cell's "
            "difference is the mean over its repetitions, so that a part of every number here is chance: *repetitions apart* is how far single repetitions "
            "of live - simulation are from each other (standard deviation, mean over cells), which no simulation could beat. *Drift* is by how much the "
            "simulation on the trace that was measured before the study is off from the one on the windows around each run. The last column counts cells "
            "that are shown to be equal within their margin, shown to differ by more, and neither.", "",
            *table(("metric", "in", "cells", "mean", "worst", "aim", "met", "repetitions apart", "drift", "equal / different / cannot tell"), rows), verdict, ""]


def regime_text(regimes):
    """Where it holds: the loads at which no row is shown to differ, and those where one is."""
    known = regimes[regimes["rows"] > 0]
    clean = [f"{row['study']} at {row['load']:g}" for _, row in known.iterrows() if row["different"] == 0]
    bad = [f"{row['study']} at {row['load']:g} ({row['different']} of {row['rows']} rows)" for _, row in known.iterrows() if row["different"]]
    return [f"No row is shown to leave its margin: {', '.join(clean) or 'nowhere'}.", f"Some are: {', '.join(bad) or 'nowhere'}.", ""]


def regime_section(regimes):
    rows = [(row["study"], f"{row['load']:g}", number(row["accuracy"], 3), number(row["response_p99_ms"]), number(row["utilisation"]),
             "-" if math.isnan(row["equal"]) else f"{100 * row['equal']:.0f} %", row["different"]) for _, row in regimes.iterrows()]
    return ["## Where it holds", "", "Mean |live - simulation| over the policies; `load` is the number of clients where arrivals are clients.", "",
            *table(("study", "load", "accuracy, points", "p99, %", "utilisation, %", "rows equal", "rows different"), rows), *regime_text(regimes)]


def order_section(order):
    if order is None:
        return ["## Order of the policies", "", "Not known: no study has an agreement.csv with pairs.", ""]
    share = f"{100 * order['agreed'] / order['told']:.0f} %" if order["told"] else "-"
    return ["## Order of the policies", "",
            f"Of {order['pairs']} pairs of policies at {order['points']} points the device tells {order['told']} apart in accuracy; of these the simulation has "
            f"{order['agreed']} in the same order ({share}). Kendall's tau of all policies is {number(order['tau'])} on average. Who takes the simulation's best "
            f"policy instead of the device's own loses {number(100 * order['loss'], 3)} points of accuracy on average, {number(100 * order['worst_loss'], 3)} at most. "
            "Every pair: [agreement.csv](agreement.csv).", ""]


def part_text(part, value, metric):
    scale, word = (100, "points") if metric in (*SHARES, "utilisation") else (1, "ms" if metric.endswith("_ms") else "stages")
    return f"{part} {scale * value:+.3g} {word}"


def beyond_section(rows, budget):
    cells = beyond(rows, budget)
    if not cells:
        return ["## Beyond the margin", "", "No cell is shown to be.", ""]
    lines = []
    for row, parts in cells[:MOST_LISTED]:
        name = f"{row['network']}, {row['arrivals']} {row['load']:g}"
        text = ", ".join(part_text(part, value, row["metric"]) for part, value in parts[:4]) or "no budget"
        lines.append((name, f"`{short_name(row['policy'])}`", NAMES[row["metric"]], part_text("", row["difference"], row["metric"]).strip(),
                      part_text("", row["margin"], row["metric"]).strip().lstrip("+"), text))
    rest = [f"And {len(cells) - MOST_LISTED} more, in the studies' `validation.csv`.", ""] if len(cells) > MOST_LISTED else []
    return ["## Beyond the margin", "", f"The {len(cells)} rows whose 90 % interval lies outside the margin, or that are further off than the aim allows at most, the worst first, and the largest parts of each "
            "difference. A budget is of the simulation on the user's trace, so that its parts include the drift.", "",
            *table(("cell", "policy", "metric", "live - simulation", "margin", "made of"), lines), *rest]


def replayed_section(replayed):
    if replayed is None:
        return ["## The simulator's own error", "", "Not known: no budget has it.", ""]
    rows = [(NAMES[row["metric"]], unit(row["metric"]), row["cells"], number(row["mean"], 3), number(row["worst"], 3)) for _, row in replayed.iterrows()]
    return ["## The simulator's own error", "",
            "|live - simulation| where every stage, decision and stall took what the live run recorded of it: what is left is the simulator's, and does not "
            "depend on how steady the machine was.", "", *table(("metric", "in", "cells", "mean", "worst"), rows)]


def parts_section(means, why):
    if means is None:
        return ["## What each part brings", "", f"Not known: {why}.", ""]
    rows = [(form, *(number(means.loc[form, metric], 3) for metric in means.columns)) for form in means.index]
    header = ("replayed", *(f"{NAMES[metric]}, {unit(metric)}" for metric in means.columns))
    return ["## What each part brings", "",
            "Mean |live - simulation| over the recorded live runs, simulated on the trace that was measured before the study (drift is in every row), with "
            "parts of the replay switched off: `--set /replay/history=false` and so on.", "", *table(header, rows)]


def figures_section(names):
    return ["## Figures", "", *[line for name in names for line in (f"![{name}](figures/{name}.png)", "")]] if names else []


def study_lines(studies):
    rows = [(study.name, study.about["network"], study.about["arrivals"], ", ".join(f"{value:g}" for value in study.about["values"]),
             ", ".join(f"`{policy}`" for policy in study.about["policies"]), study.about["repetitions"], f"{study.about['seconds']:g} s") for study in studies]
    return table(("study", "network", "arrivals", "loads (clients)", "policies", "repetitions", "each"), rows)


def page(device, studies, aims, regimes, order, rows, budget, replayed, means, why, figures):
    """The whole text."""
    head = [f"# Simulation and {device}", "",
            "The device beside the simulation, as `laxity validate` measures it: live runs in random order, a window before and after each that measures the "
            "stages anew for the trace that it is compared with, margins stated before. Nothing looks at a live run to make its simulation. This page and the "
            "tables beside it are made by `scripts/validation`.", "", *study_lines(studies),
            "[summary.csv](summary.csv): every cell and metric; low and high are the 90 % interval of live - simulation over the repetitions. "
            "[agreement.csv](agreement.csv): every pair of policies. [budget.csv](budget.csv): what each difference is made of.", ""]
    return "\n".join([*head, *aims_section(aims), *order_section(order), *regime_section(regimes), *beyond_section(rows, budget), *replayed_section(replayed),
                      *parts_section(means, why), *figures_section(figures)]).rstrip() + "\n"
