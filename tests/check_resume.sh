#!/usr/bin/env bash
# A sweep that is killed at random moments, or finds no room for its rows, goes on to the bytes of an undisturbed one:
# with a fixed number of seeds and with --until, on one thread and on several.
set -euo pipefail

usage="usage: check_resume.sh LAXITY [KILLS [SIZES]]      6 kills and 4 sizes of files for each of two studies"
laxity=${1:?$usage} kills=${2:-6} sizes=${3:-4}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RANDOM=20261125

# sweep STUDY OUT [OPTION...]
sweep() {
    local study=$1 out=$2
    shift 2
    "$laxity" sweep "$study" --out "$out" "$@" >/dev/null 2>"$work/log"
}
same() {
    local file
    for file in runs.csv responses.csv summary.json; do
        cmp "$1/$file" "$2/$file" || { echo "$3: $file differs"; exit 1; }
    done
}

"$laxity" sweep --workload "$root/workloads/scenarios/quickstart.json" --policy edf --policy rtdeepiot --policy lcf \
    --axis load=0.5..2:0.5 --axis rtdeepiot/delta=0.05,0.1 --seeds 6 --jobs 4000 --save "$work/fixed.json" 2>/dev/null
"$laxity" sweep "$work/fixed.json" --seeds 3 --until accuracy=0.004 --max-seeds 12 --save "$work/until.json" 2>/dev/null

killed=0 limited=0
for study in fixed until; do
    sweep "$work/$study.json" "$work/$study"
    for ((i = 0; i < kills; ++i)); do
        out=$work/$study-killed-$i
        for ((again = 0; again < 3; ++again)); do
            "$laxity" sweep "$work/$study.json" --out "$out" --threads $((1 + RANDOM % 3)) >/dev/null 2>&1 &
            sleep "0.$(printf %03d $((RANDOM % 300)))"
            kill -9 $! 2>/dev/null && killed=$((killed + 1))
            wait $! 2>/dev/null || true
        done
        sweep "$work/$study.json" "$out"
        same "$work/$study" "$out" "killed"
        rm -rf "$out"
    done
    bytes=$(stat -c %s "$work/$study/responses.csv")
    for ((i = 0; i < sizes; ++i)); do
        out=$work/$study-limited-$i code=0
        (ulimit -f $((12 + RANDOM % (bytes / 1024 - 12))) && sweep "$work/$study.json" "$out") || code=$?
        [ "$code" -eq 1 ] || { echo "a sweep without room exited with $code: $(cat "$work/log")"; exit 1; }
        [ "$(wc -l <"$work/log")" -le 3 ] && grep -q "$out/.*csv" "$work/log" || { cat "$work/log"; exit 1; }
        limited=$((limited + 1))
        sweep "$work/$study.json" "$out"
        same "$work/$study" "$out" "without room"
        rm -rf "$out"
    done
done
echo "killed $killed times, out of room $limited times: the same bytes each time"
