#!/usr/bin/env bash
# Shards of a sweep, merged, are the sweep: check_shards.sh LAXITY
# The same bytes from 1, 2 and 7 shards; what does not belong together is refused; a merge that is killed can be repeated.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scenario=$root/workloads/scenarios/mixed.json
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# quietly COMMAND...: shows what it said only if it fails.
quietly() { "$@" >"$work/said" 2>&1 || { fail "$*"; cat "$work/said"; }; }

# refused TEXT COMMAND...: exit code 2 and one line with that text.
refused() {
    local text=$1 code=0
    shift
    "$@" >/dev/null 2>"$work/said" || code=$?
    grep -vE '^(merge|sweep) |^laxity: note: ' "$work/said" >"$work/line" || true  # progress, and what is there
    [ "$code" -eq 2 ] && [ "$(wc -l <"$work/line")" -eq 1 ] && grep -qF -e "$text" "$work/line" && return
    fail "'$*' should be refused with '$text', ended with $code: $(cat "$work/said")"
}

# same WHOLE MERGED
same() {
    local name
    for name in runs.csv responses.csv bounds.csv summary.json; do
        [ -e "$1/$name" ] || [ -e "$2/$name" ] || continue
        cmp "$1/$name" "$2/$name" || fail "$2/$name is not as without shards"
    done
}

# shards STUDY N: all of them, into $work/STUDY-of-N/K.
shards() {
    local k
    for ((k = 1; k <= $2; ++k)); do
        quietly "$laxity" sweep "$work/$1.json" --shard "$k/$2" --threads $((k % 3 + 1)) --out "$work/$1-of-$2/$k"
    done
}

# check_bytes STUDY: of 1, 2 and 7 shards.
check_bytes() {
    local n
    quietly "$laxity" sweep "$work/$1.json" --out "$work/$1"
    for n in 1 2 7; do
        shards "$1" "$n"
        quietly "$laxity" merge "$work/$1-of-$n"/* --out "$work/$1-of-$n-merged"
        same "$work/$1" "$work/$1-of-$n-merged"
    done
}

# --- The same bytes, whatever is dealt out: single runs (few points), cells, points, points with a stopping rule ---

study() {  # study NAME MORE: writes $work/NAME.json
    cat >"$work/$1.json" <<END_OF_STUDY
{"schema": "laxity.sweep/2", "workload": "$scenario", "set": {"/horizon": {"jobs": 300, "warmup_jobs": 20}}, $2}
END_OF_STUDY
}

load=/tasks/0/arrival/load
study runs '"axes": {"rtdeepiot/delta": [0.05, 0.1]}, "policies": ["edf", "rtdeepiot"], "seeds": 5, "bounds": true'
study cells "\"axes\": {\"$load\": [0.2, 0.5, 0.8], \"edf/skip\": [false, true]}, \"policies\": [\"edf\", \"lcf\", \"rtdeepiot\", \"dnnsam\", \"zygarde\", \"sjf\", \"rr\", \"fifo\", \"llf\", \"dm\"],
    \"seeds\": 2, \"per_task\": true"
study points "\"axes\": [{\"name\": \"load\", \"target\": \"$load\", \"values\": \"0.1..0.8:0.1\"},
                {\"name\": \"quantile\", \"target\": \"planning_quantile\", \"values\": \"0.2..0.9:0.1\"},
                {\"name\": \"delta\", \"target\": \"rtdeepiot/delta\", \"values\": [0.05, 0.1]},
                {\"name\": \"weight\", \"target\": \"/tasks/0/weight\", \"values\": [1, 2, 3, 4]}],
    \"zip\": [[\"load\", \"quantile\"]], \"where\": [\"load * weight < 2.5\", \"policy != \\\"edf\\\" or load > 0.3\"],
    \"policies\": [\"edf\", \"rtdeepiot\"], \"seeds\": 2, \"bounds\": true"
study until "\"axes\": {\"$load\": \"0.1..0.9:0.1\"}, \"policies\": [\"edf\", \"lcf\"], \"seeds\": 3,
    \"until\": {\"accuracy\": \"0.02\"}, \"max_seeds\": 12, \"bounds\": true"
for name in runs cells points until; do check_bytes "$name"; done
for name in runs cells points until; do
    unit=$(grep '^  "unit"' "$work/$name-of-7/1/manifest.json" | grep -o '[a-z]*",$')
    case "$name/$unit" in runs/run* | cells/cell* | points/point* | until/point*) ;; *) fail "$name is dealt out by $unit" ;; esac
done

# --- What is refused, in one line, and leaves nothing behind ---

shards until 2 && parts=$work/until-of-7
refused "missing: 3, 6" "$laxity" merge "$parts"/{1,2,4,5,7} --out "$work/no"
refused "each shard once" "$laxity" merge "$parts"/* "$parts/3" --out "$work/no"
refused "one of 2 shards" "$laxity" merge "$parts"/{1,2,3,4,5,6} "$work/until-of-2/1" --out "$work/no"
refused "another sweep" "$laxity" merge "$parts"/{1,2,3,4,5,6} "$work/points-of-7/7" --out "$work/no"
refused "a shard of a sweep" "$laxity" merge "$parts"/{1,2,3,4,5,6} "$work/until" --out "$work/no"
refused "is this the folder of a sweep?" "$laxity" merge "$parts"/{1,2,3,4,5,6} "$work/nowhere" --out "$work/no"
refused "--shard" "$laxity" sweep "$work/until.json" --shard 8/7 --out "$work/no"
refused "shard 1/7" "$laxity" sweep "$work/until.json" --shard 2/7 --out "$parts/1"
cp -r "$parts" "$work/unfinished"
sed -i 's/"complete": true/"complete": false/' "$work/unfinished/4/manifest.json"
refused "shard 4/7" "$laxity" merge "$work/unfinished"/* --out "$work/no"
cp -r "$parts" "$work/shorter"
sed -i '$d' "$work/shorter/5/runs.csv"
refused "run this shard again" "$laxity" merge "$work/shorter"/* --out "$work/no-rows"
refused "a folder without results" "$laxity" merge "$parts"/* --out "$work/until"
[ ! -e "$work/no" ] || fail "a refused merge left $(ls "$work/no")"

# --- A shard that is stopped between its runs and its bounds is not finished ---

shards points 2
mkdir "$work/bounds-of-2" && cp -r "$work/points-of-2"/* "$work/bounds-of-2"
rm "$work/bounds-of-2/2/bounds.csv" && mkdir "$work/bounds-of-2/2/bounds.csv"
refused "bounds.csv" "$laxity" sweep "$work/points.json" --shard 2/2 --out "$work/bounds-of-2/2"
refused "shard 2/2" "$laxity" merge "$work/bounds-of-2"/* --out "$work/no"
rmdir "$work/bounds-of-2/2/bounds.csv"
refused "shard 2/2" "$laxity" merge "$work/bounds-of-2"/* --out "$work/no"
quietly "$laxity" sweep "$work/points.json" --shard 2/2 --out "$work/bounds-of-2/2"
quietly "$laxity" merge "$work/bounds-of-2"/* --out "$work/bounds-of-2-merged"
same "$work/points" "$work/bounds-of-2-merged"

# --- A merge that is killed while it writes can be started again, and again ---

killed=0
for kib in 1 2 4 8 12 16 24 32; do
    (ulimit -f "$kib" && "$laxity" merge "$work/points-of-7"/* --out "$work/killed" >/dev/null 2>&1) && break
    killed=$((killed + 1))
done
[ "$killed" -ge 3 ] || fail "only $killed merges were killed"
[ -e "$work/killed/summary.json" ] || quietly "$laxity" merge "$work/points-of-7"/* --out "$work/killed"
same "$work/points" "$work/killed"
rm "$work/killed/summary.json"  # as if killed before the last file
quietly "$laxity" merge "$work/points-of-7"/* --out "$work/killed"
same "$work/points" "$work/killed"

# --- Too many shards for the open files that are allowed ---

study many "\"axes\": {\"$load\": \"0.01..0.4:0.01\"}, \"policies\": [\"edf\"], \"seeds\": 1"
quietly "$laxity" sweep "$work/many.json" --out "$work/many"
shards many 40
refused "ulimit -n" bash -c 'ulimit -n 30 && exec "$@"' merge "$laxity" merge "$work/many-of-40"/* --out "$work/no"
quietly bash -c 'ulimit -Sn 30 && exec "$@"' merge "$laxity" merge "$work/many-of-40"/* --out "$work/many-merged"
same "$work/many" "$work/many-merged"

[ "$failures" -eq 0 ] && echo "shards, merged, are the sweep"
