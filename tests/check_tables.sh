#!/usr/bin/env bash
# Compiles the LaTeX of laxity report: hostile names, the widest study that ships and several studies in one table, in one
# column and in two. No error, no letter that a font lacks, and nothing wider than its column or page.
set -euo pipefail

usage="usage: check_tables.sh LAXITY [KEEP]      exit code 77: there is no pdflatex with booktabs here. PDFs go to KEEP"
laxity=${1:?$usage} keep=${2:-}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if ! command -v pdflatex >/dev/null || ! kpsewhich booktabs.sty >/dev/null; then
    echo "skipped: no pdflatex with booktabs (Debian: texlive-latex-recommended)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Whatever a name may hold: two axes, a policy's parameter, values that are paths, notes that name them all.
hostile() {
    mkdir "$1"
    cat >"$1/manifest.json" <<'JSON'
{"schema": "laxity.manifest/2", "configuration": {"kind": "sweep", "axes": [
  {"name": "a_b%&#${}~^\\<>|\"'`[x]*--", "values": [0.5, 1.5]}, {"name": "trace", "values": ["../a_b/x%-cpu.json", "../a_b/y#-cpu.json"]},
  {"name": "δ", "policy": "rtdeepiot", "parameter": "delta", "values": [0.05]}], "policies": ["edf"]}}
JSON
    {
        echo '"a_b%&#${}~^\<>|""'"'"'`[x]*--",trace,δ,policy,seed,accuracy,miss_ratio'
        for load in 0.5 1.5; do
            for trace in '"../a_b/x%-cpu.json"' '"../a_b/y#-cpu.json"'; do
                for seed in 1 2 3; do
                    for policy in '"*least bound*"' '"[optional] & \input{x} $\alpha$ #1 ~^_%"' '"± αβγδεζηθικλμνξοπρςστυφχψω ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"' \
                        '"“quoted” ‘single’ ""straight"" – — … × ÷ ≤ ≥ ≈ ≠ → ∞ µs 5 °C"' '"ÀÉÎÕÜßçñøÅ ĄŁŐŠŽ ĐŁ Ħ 中文 😀 á (combining)"' \
                        '"--dash ''double'' ``back`` <<x>> a|b \\[2ex]"'; do
                        echo "$load,$trace,,$policy,$seed,0.$((RANDOM % 900 + 100)),0.0$((RANDOM % 90 + 10))"
                    done
                    echo "$load,$trace,0.05,rtdeepiot,$seed,0.8$seed,0.01"
                done
            done
        done
    } >"$1/runs.csv"
}
RANDOM=20261130
hostile 'study_%&#'
"$laxity" sweep "$root/workloads/scenarios/comparison-open.json" --bounds --seeds 3 --jobs 300 --set /horizon/warmup_jobs=0 \
    --out open >/dev/null 2>&1
"$laxity" sweep "$root/workloads/scenarios/quickstart-sweep.json" --seeds 3 --jobs 300 --set /horizon/warmup_jobs=0 \
    --out small >/dev/null 2>&1

"$laxity" report 'study_%&#' --baseline '*least bound*' --intervals --best 'best_of $all$=*' --format latex >hostile.tex
"$laxity" report 'study_%&#' small --label 'A_1 & B' '*ΔE*' --apart --format latex >apart.tex
"$laxity" report open --best 'rtdeepiot, best form=rtdeepiot:*update=resolve' --baseline 'rtdeepiot, best form' --format latex >open.tex
"$laxity" report small --metric accuracy --policies fifo edf lcf --where load=1,2 --format latex >narrow.tex
"$laxity" report open small --label all_policies 'some & few' --where load=1,2 --format latex >together.tex

# compile NAME CLASS TABLES: fails with the log's own words.
compile() {
    local name=$1 class=$2 tables=$3 at_fault
    {
        echo "\\documentclass$class"
        echo '\usepackage{booktabs,graphicx}'
        echo '\setcounter{totalnumber}{9}\setcounter{dbltopnumber}{9}\emergencystretch=3em'
        echo '\begin{document}'
        local table
        for table in $tables; do echo "\\input{$table}\\clearpage"; done
        echo '\end{document}'
    } >"$name.tex"
    pdflatex -interaction=nonstopmode "$name.tex" >/dev/null 2>&1 || true
    at_fault=$(grep -E '^!|Missing character|Float too large|Overfull .*\(([2-9]|[0-9]{2,})[0-9.]*pt too wide' "$name.log" || true)
    if [ -n "$at_fault" ] || [ ! -s "$name.pdf" ]; then
        echo "$class: $tables"
        echo "$at_fault"
        grep -E -A4 '^!' "$name.log" | head -40
        return 1
    fi
}
tables="hostile apart open narrow together" classes=0
for class in '{article}' '[twocolumn]{article}' '[conference]{IEEEtran}'; do
    kpsewhich "$(sed 's/.*{\(.*\)}/\1.cls/' <<<"$class")" >/dev/null || continue
    compile "class$classes" "$class" "$tables"
    [ -z "$keep" ] || { mkdir -p "$keep" && cp "class$classes.pdf" "$keep/" && cp ./*.tex "$keep/"; }
    classes=$((classes + 1))
done

grep -q 'usepackage{booktabs}$' narrow.tex && ! grep -q resizebox narrow.tex || { echo "a narrow table shrinks"; exit 1; }
grep -q 'begin{table\*}' open.tex && grep -q resizebox open.tex || { echo "a wide table does not"; exit 1; }
grep -q 'multicolumn' together.tex || { echo "no headings over the columns of a study"; exit 1; }
grep -q 'textbf{[0-9]' open.tex || { echo "nothing is bold"; exit 1; }
echo "compiled $(wc -w <<<"$tables") reports in $classes classes"
