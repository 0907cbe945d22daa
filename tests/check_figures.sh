#!/usr/bin/env bash
# Draws the figures of a small sweep and a small run, twice, with the same bytes: check_figures.sh LAXITY
# Exit code 77 (skipped) without matplotlib and pandas.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "$1")
/usr/bin/python3 -c 'import matplotlib, pandas' 2>/dev/null || { echo "skipped: no python3-matplotlib and python3-pandas"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/sweep.json" <<END
{"schema": "laxity.sweep/1", "workload": "$root/workloads/scenarios/mixed.json",
 "axes": {"/tasks/0/arrival/load": [0.3, 0.9]}, "policies": ["edf", "edf:skip=true"], "seeds": 2}
END
"$laxity" sweep "$work/sweep.json" --bounds --set /horizon/jobs=2000 --out "$work/results/sweep" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$laxity" simulate --workload "$root/workloads/scenarios/mixed.json" --policy edf --set /horizon/jobs=2000 --out "$work/results/edf" >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
"$laxity" plan --workload "$root/workloads/scenarios/mixed.json" --policy rtmdl:generations=4,population=12,plan_jobs=500 \
    --out "$work/results/mixed" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# A sweep by hand, of names instead of pointers: two axes that move together, words as values, a policy's parameter, a run
# without a value, and one seed.
mkdir -p "$work/results/named"
cat >"$work/results/named/manifest.json" <<END
{"schema": "laxity.manifest/2", "configuration": {"kind": "sweep", "policies": ["edf", "rtdeepiot"], "zip": [["network", "load"]], "axes": [
 {"name": "network", "values": ["small", "large"]}, {"name": "load", "values": [1, 2]},
 {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.05]}]}}
END
cat >"$work/results/named/runs.csv" <<END
network,load,delta,policy,seed,accuracy,miss_ratio,depth_histogram
"""small""",1,,edf,1,0.8,0.1,1;2;3
"""small""",1,0.05,rtdeepiot:predictor=exp,1,0.9,0.1,1;1;4
"""large""",2,,edf,1,,,0;0;0
"""large""",2,0.05,rtdeepiot:predictor=exp,1,0.7,0.1,0;0;6
END

# The same where a policy has no run at a point.
mkdir "$work/results/gaps"
cp "$work/results/named/manifest.json" "$work/results/gaps"
sed '$d' "$work/results/named/runs.csv" >"$work/results/gaps/runs.csv"

for figures in first second; do
    /usr/bin/python3 "$root/scripts/figures.py" "$work/results" --laxity "$laxity" --out "$work/$figures" >/dev/null
done
for figure in {sweep-load,named-network,gaps-network}-{accuracy-miss_ratio,exits} edf-timeline mixed-plan; do
    for kind in pdf png txt csv; do
        test -s "$work/first/$figure.$kind" || { echo "missing: $figure.$kind"; exit 1; }
    done
done
diff -r "$work/first" "$work/second"

lines=load-accuracy-miss_ratio

# Figures that were drawn here are drawn anew; anything else is refused, and moves aside only with --replace.
figures() {
    /usr/bin/python3 "$root/scripts/figures.py" "$work/results/sweep" --laxity "$laxity" --out "$work/own" --format png "$@" >"$work/log" 2>&1
}
refused() {
    if "$@"; then
        echo "not refused: $*"
        exit 1
    fi
}
figures --policies edf
cp -r "$work/own" "$work/before"
figures   # others of ours: drawn over
refused cmp -s "$work/own/$lines.png" "$work/before/$lines.png"
test ! -e "$work/own/$lines.png.old"
echo mine >"$work/own/$lines.png"
rm "$work/own/load-exits.png"
refused figures
grep -q "^figures: $work/own/$lines.png: expected nothing there.*add --replace" "$work/log"
grep -q mine "$work/own/$lines.png"
test ! -e "$work/own/load-exits.png"   # refused as a whole
figures --replace
grep -q mine "$work/own/$lines.png.old"
cmp "$work/own/$lines.png" "$work/first/sweep-$lines.png"
echo "{}" >"$work/own/index.json"   # not ours, though the bytes of the figures are
refused figures
grep -q "index.json: expected nothing there" "$work/log"
refused figures --out "$work/sweep.json/figures"
test "$(wc -l <"$work/log")" -eq 1

mkdir "$work/empty"
code=0
/usr/bin/python3 "$root/scripts/figures.py" "$work/empty" 2>"$work/log" || code=$?
test "$code" -eq 2
grep -q "expected runs.csv" "$work/log"
