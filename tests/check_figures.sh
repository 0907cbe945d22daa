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
for figure in sweep-load-accuracy-miss_ratio {named,gaps}-network-accuracy-miss_ratio-bars {sweep-load,named-network,gaps-network}-exits edf-timeline mixed-plan; do
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


# Bad input: one line that says what there is, exit code 2, and nothing is written.
rejects() {   # rejects EXPECTED FOLDER OPTIONS...
    local expected=$1 code=0
    shift
    /usr/bin/python3 "$root/scripts/figures.py" --laxity "$laxity" --out "$work/never" --format png "$@" >"$work/log" 2>&1 || code=$?
    if [ "$code" -ne 2 ] || [ "$(wc -l <"$work/log")" -ne 1 ] || ! grep -q "^figures: .*$expected" "$work/log" || [ -e "$work/never" ]; then
        echo "figures.py $*: expected exit code 2 and one line with '$expected', found $code and:"
        cat "$work/log"
        exit 1
    fi
}
sweep=$work/results/sweep
mkdir "$work/empty"
rejects "expected runs.csv" "$work/empty"
rejects 'found "line"; there is lines' "$sweep" --kind line
rejects "--kind bars: expected an axis from zero" "$sweep" --kind bars --logy
rejects "--zoom: expected a part of x 0.3 to 0.9, y .*, found 5:6,0:100, where nothing is drawn" "$sweep" --kind lines --zoom 5:6,0:100
rejects "--zoom: expected a part of x" "$sweep" --kind pareto --zoom 0:100,200:300
rejects "expected a workload with an energy section" "$sweep" --kind energy
changed() {   # changed NAME FILE EDIT...: a copy of the sweep with one file changed
    cp -r "$sweep" "$work/$1"
    sed -i "$3" "$work/$1/$2"
}
changed version manifest.json 's#laxity.manifest/2#laxity.manifest/9#'
rejects 'found "laxity.manifest/9"' "$work/version"
changed cut runs.csv '$d'
rejects "expected 8 runs, as manifest.json says, found 7" "$work/cut"
changed word runs.csv '3s/,[0-9.]*,/,word,/3'
rejects 'runs.csv:3, column "[a-z_]*": expected a number' "$work/word"

# A half-finished sweep is drawn, and says so; what only the sweep's author can know stands beside each figure.
changed half manifest.json 's/"complete": true/"complete": false/'
sed -i '$d' "$work/half/runs.csv"
/usr/bin/python3 "$root/scripts/figures.py" "$work/half" --laxity "$laxity" --out "$work/unfinished" --format svg --kind lines >"$work/log"
grep -q "^unfinished: 7 of 8 runs" "$work/unfinished/$lines.txt"
grep -q "^runs: 8; seeds: 1 to 2; 2000 jobs a run" "$work/first/sweep-$lines.txt"
grep -q "^workload: mixed.json" "$work/first/sweep-$lines.txt"
refused grep -q "^trace:" "$work/first/sweep-$lines.txt"   # of synthetic networks
refused grep -q "$work" "$work"/first/*.txt "$work"/first/*.csv

rm -r "$work/own"
# Every kind and every option of the grammar once.
figures --kind lines,bars,difference,regret,pareto,heatmap,box,exits,depths --style usenix --format svg,pdf
for kind in pareto load-accuracy-miss_ratio-bars load-regret load-regret-clairvoyant load-accuracy-heatmap accuracy-box-load=0.9 depths-load=0.9; do test -s "$work/own/$kind.svg"; done
figures --kind pareto --format pdf --zoom
grep -q "^inset: x [0-9.e-]* to [0-9.e-]*, y [0-9.]* to [0-9.]*$" "$work/own/pareto.txt"
figures --kind heatmap --cells rank --y accuracy,miss_ratio
for measure in accuracy miss_ratio; do test -s "$work/own/load-$measure-ranks.png"; done
figures --hue load --kind lines,exits --y accuracy --ylim 50:100 --where load=0.3,0.9
test -s "$work/own/point-accuracy.png"
figures --facet load --kind lines,pareto --width page --style acm --top 1 --logy
figures --best-of 'best of all=edf*' --baseline edf --zoom --kind lines --style slides
grep -q "^best of all," "$work/own/$lines.csv"
/usr/bin/python3 "$root/scripts/figures.py" "$work/results/named" --laxity "$laxity" --out "$work/own" --format png --x delta --kind lines >"$work/log" 2>&1
test -s "$work/own/delta-accuracy-miss_ratio-network=small.png"

/usr/bin/python3 "$root/scripts/figures.py" "$sweep" --laxity "$laxity" --out "$work/piped" --format png 2>"$work/log" | true
test ! -s "$work/log"

if command -v pdffonts >/dev/null; then
    for figure in "$work"/first/*.pdf; do
        refused grep -q "Type 3" <(pdffonts "$figure")
        grep -q "TrueType" <(pdffonts "$figure")
    done
fi
pgf=(/usr/bin/python3 "$root/scripts/figures.py" "$sweep" --laxity "$laxity" --kind lines --format pgf)
if command -v pdflatex xelatex lualatex >/dev/null && kpsewhich underscore.sty >/dev/null; then
    "${pgf[@]}" --out "$work/pgf-1" >"$work/log" 2>&1
    "${pgf[@]}" --out "$work/pgf-2" >"$work/log" 2>&1
    cmp "$work/pgf-1/$lines.pgf" "$work/pgf-2/$lines.pgf"
fi
# Names are data: no formula, no markup, no path.
cp -r "$work/results/named" "$work/odd"
sed -i 's/small/a$b_c$ <i>%\&#~^é/g' "$work/odd"/{runs.csv,manifest.json}
/usr/bin/python3 "$root/scripts/figures.py" "$work/odd" --laxity "$laxity" --out "$work/odd/figures" --format svg,pdf --kind lines,exits >"$work/log" 2>&1
grep -q 'a$b_c$ <i>%&#~^é' "$work/odd/figures/network-accuracy-miss_ratio.csv"

code=0
PATH=$work/empty "${pgf[@]}" --out "$work/never" >"$work/log" 2>&1 || code=$?
test "$code" -eq 2
grep -q "expected a TeX engine.*found none; install" "$work/log"
