#!/usr/bin/env bash
# Draws every kind of figure that is not of a sweep's means from small results, twice, with the same bytes; compares what
# was drawn with what the results say; and what can't be drawn: check_figure_kinds.sh LAXITY
# Exit code 77 (skipped) without matplotlib and pandas.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "$1")
/usr/bin/python3 -c 'import matplotlib, pandas' 2>/dev/null || { echo "skipped: no python3-matplotlib and python3-pandas"; exit 77; }

work=$(mktemp -d)
trap 'code=$?; [ "$code" -eq 0 ] || cat "$work/err" 2>/dev/null; rm -rf "$work"' EXIT
results=$work/results
mixed=(--workload "$root/workloads/scenarios/mixed.json")
make() {
    "$laxity" "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}
# What goes wrong is in $work/err, and shown where it was not expected to.
figures() {
    /usr/bin/python3 "$root/scripts/figures.py" "$@" --laxity "$laxity" 2>"$work/err"
}
# refused 'what is said' RESULTS OPTION...: exit code 2, one line on stderr
refused() {
    local said=$1 code=0
    shift
    figures "$@" --out "$work/refused" >"$work/log" || code=$?
    [ "$code" -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "^figures: .*$said" "$work/err" ||
        { echo "expected \"$said\" for $*, found code $code:"; cat "$work/err"; exit 1; }
    [ ! -e "$work/refused" ] || { echo "written although refused: $*"; exit 1; }
}

make simulate "${mixed[@]}" --policy edf --set /horizon/jobs=1000 --out "$results/run"
make sweep "${mixed[@]}" --policy edf --policy lcf --axis /tasks/0/arrival/load=0.3,0.9 --jobs 1500 --seeds 2 --out "$results/sweep"
make sweep --workload "$root/workloads/scenarios/task-sets.json" --policy rm --policy edf --policy llf --axis utilisation=0.3..0.9:0.3 \
    --set /horizon/seconds=5 --seeds 8 --out "$results/sets"
make capacity "${mixed[@]}" --policy edf --policy lcf --axis /tasks/1/mandatory_stages=1,2 --along /tasks/0/arrival/load=0.1..1.5 \
    --miss-ratio 0.05 --seeds 3 --jobs 1000 --out "$results/capacity"
make plan "${mixed[@]}" --policy rtmdl:generations=4,population=12,plan_jobs=500 --out "$results/plan"
make bench --decisions --policy edf --policy lcf --active 1,10,20 --situations 20 --out "$results/decisions"
mkdir "$results/validation"
cat >"$results/validation/validation.csv" <<END
point,policy,metric,unit,simulated,live,difference,ci95
/tasks/0/arrival/load=0.4,edf,accuracy,1,0.9,0.905,0.005,0.002
/tasks/0/arrival/load=0.8,edf,accuracy,1,0.8,0.85,0.05,0.002
/tasks/0/arrival/load=0.4,edf,response_p99,ms,2,,,
/tasks/0/arrival/load=0.8,edf,response_p99,ms,3,3.02,0.02,0.005
END
cat >"$results/validation/budget.csv" <<END
point,policy,metric,part,value,low,high
/tasks/0/arrival/load=0.4,edf,accuracy,stage times,0.004,0.003,0.005
/tasks/0/arrival/load=0.4,edf,accuracy,rest,0.001,,
/tasks/0/arrival/load=0.8,edf,accuracy,stage times,0.06,0.05,0.07
/tasks/0/arrival/load=0.8,edf,accuracy,rest,-0.01,,
END

kinds=acceptance,agreement,breakdown,budget,capacity,ccdf,cdf,decisions,plan,timeline,validation
figures "$results" --kind $kinds --format pdf,png --out "$work/first" >"$work/drawn"
figures "$results" --kind $kinds --format pdf,png --out "$work/second" >"$work/drawn"
diff -r "$work/first" "$work/second"
for figure in sets-utilisation-acceptance sets-utilisation-breakdown sweep-response-cdf sweep-response-ccdf run-response-cdf run-response-ccdf \
    capacity-load-capacity plan-plan decisions-decisions run-timeline validation-load-validation validation-load-agreement validation-load-budget; do
    for ending in pdf png txt csv; do
        test -s "$work/first/$figure.$ending" || { echo "missing: $figure.$ending, of"; ls "$work/first"; exit 1; }
    done
    grep -q "^drawn: " "$work/first/$figure.txt" && grep -q "^intervals: \|^jobs: " "$work/first/$figure.txt" ||
        { echo "$figure.txt does not say what is drawn"; exit 1; }
done

# What is drawn is what the results say.
figures "$results/sweep" --kind cdf --where load=0.3 --policies edf --format png --out "$work/one" >"$work/drawn"
figures "$results/run" --kind cdf --format png --out "$work/recorded" >"$work/drawn"
"$laxity" report "$results/sets" --format csv --metric accepted,schedulable >"$work/report.csv"
/usr/bin/python3 - "$work" <<'END'
import sys
from pathlib import Path

import pandas as pd

work = Path(sys.argv[1])
drawn = lambda name: pd.read_csv(work / name)


def expect(found, wanted, what):
    if found != wanted:
        sys.exit(f"{what}: expected {wanted}, found {found}")


runs = pd.read_csv(work / "results/sweep/runs.csv")
runs = runs[(runs["load"] == 0.3) & (runs["policy"] == "edf")]
curve = drawn("one/response-cdf.csv")
expect(sorted(curve["line"].unique()), ["edf"], "lines of the cdf")
expect(set(curve["jobs"]), {runs["jobs"].sum()}, "jobs of the cdf")
expect(set(curve["answered"]), {runs["jobs"].sum() - runs["missed"].sum()}, "answered jobs of the cdf")
last = curve[curve["what"] == "curve"].iloc[-1]
expect(abs(last["response (ms)"] / runs["response_max_ms"].max() - 1) < 0.001, True, "the longest response, to 0.1 %")
expect(round(last["jobs (%)"], 9), round(100 * (1 - runs["missed"].sum() / runs["jobs"].sum()), 9), "where the cdf ends")

jobs = pd.read_csv(work / "results/run/jobs.csv")
curve = drawn("recorded/response-cdf.csv")
expect(dict(curve.groupby("task")["jobs"].first()), dict(jobs.groupby("task").size()), "jobs of each task")

report = pd.read_csv(work / "report.csv", keep_default_na=False)
report = report[report["scope"] == "point"]
drawn_ratios = drawn("first/sets-utilisation-acceptance.csv")
for by, metric in (("simulated", "accepted"), ("analysis", "schedulable")):
    rows = report[(report["metric"] == metric) & (report["mean"] != "")]
    wanted = {(row["policy"], float(row["generate.utilisation"])): round(100 * float(row["mean"]), 6) for _, row in rows.iterrows()}
    rows = drawn_ratios[drawn_ratios["by"] == by]
    expect({(row["line"], row["utilisation"]): round(row["accepted (%)"], 6) for _, row in rows.iterrows()}, wanted, f"acceptance, {by}")

capacities = pd.read_csv(work / "results/capacity/capacity.csv")
expect(drawn("first/capacity-load-capacity.csv")["capacity (load)"].round(9).fillna(-1).tolist(), capacities["mean"].round(9).fillna(-1).tolist(), "capacities")
equivalent = drawn("first/validation-load-agreement.csv")["equivalent"]
expect(equivalent.fillna(-1).tolist(), [1, 0, -1, 1], "what is equivalent at +-1 point, +-1 %")
expect(drawn("first/validation-load-budget.csv")["live - simulated"].round(9).tolist(), [0.5, 5], "differences of the budget")
expect(len(drawn("first/plan-plan.csv")), len(pd.read_csv(work / "results/plan/candidates.csv")), "plans")
END
grep -q "no schedulability test: llf" "$work/first/sets-utilisation-acceptance.txt"

# A policy keeps its place whatever else is drawn; panels, points and moments as asked for.
figures "$results/capacity" --policies lcf --format png --out "$work/chosen" >"$work/drawn"
test "$(cut -d, -f2 "$work/chosen/load-capacity.csv" | sort -u | paste -sd' ')" = "lcf policy"
figures "$results/capacity" --where mandatory_stages=2 --format png --out "$work/point" >"$work/drawn"
test "$(cut -d, -f1 "$work/point/load-capacity.csv" | sort -u | paste -sd' ')" = "2 mandatory_stages"
figures "$results/run" --kind timeline --from 100 --to 150 --format png --out "$work/moment" >"$work/drawn"
grep -q "100 to 150 ms job by job, as asked for" "$work/moment/timeline.txt"
figures "$results/validation" --kind agreement --band 0.06 --y accuracy --format png --out "$work/band" >"$work/drawn"
grep -q "accuracy: 2 of 2 points within the band" "$work/band/load-agreement.txt"

refused "expected a sweep over drawn task sets" "$results/sweep" --kind acceptance
refused "expected a sweep or run in .*, found capacity" "$results/capacity" --kind cdf
refused "expected one of the values that there are, found \"7\"" "$results/capacity" --where mandatory_stages=7
refused "expected a column of decisions.csv that can be chosen from, found \"jobs\"; there is active_jobs, event" "$results/decisions" --where jobs=1
refused "there is lcf, edf" "$results/capacity" --policies lcff
refused "expected FROM < TO within the run's" "$results/run" --kind timeline --from 1e9
refused "expected a column of decisions.csv.*decision_p99_ns" "$results/decisions" --y p99
refused "expected a metric of validation.csv" "$results/validation" --y speed
refused "expected one of the values that were compared, found \"7\"" "$results/validation" --where load=7
mkdir "$work/broken"
for file in capacity/capacity.csv decisions/decisions.csv plan/plan.json validation/validation.csv run/stages.csv sweep/responses.csv; do
    cp -r "$results/${file%/*}" "$work/broken"
    broken=$work/broken/$file
    case $file in
        *.json) head -c 40 "$results/$file" >"$broken" ;;
        *responses.csv) sed '2s/|/?/' "$results/$file" >"$broken" ;;
        *stages.csv) sed '2s/,[0-9][0-9]*,/,many,/' "$results/$file" >"$broken" ;;
        *decisions.csv) sed '2s/,[0-9]*,\([0-9]*\),\([0-9]*\)$/,many,\1,\2/' "$results/$file" >"$broken" ;;
        *) sed '2s/[0-9][0-9]*$/many/' "$results/$file" >"$broken" ;;
    esac
    kind=${file%/*}
    case $kind in run) kind=timeline ;; sweep) kind=ccdf ;; esac
    refused "$(basename "$file"): " "${broken%/*}" --kind "$kind"
done
rm "$work/broken/sweep/responses.csv"
refused "responses.csv: expected the response times" "$work/broken/sweep" --kind cdf
