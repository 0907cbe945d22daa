#!/usr/bin/env bash
# Checks scripts/gpu_check itself, with scripts in the place of laxity, the conformance suite and the CUDA tools.
#
# shellcheck disable=SC2016  # the bodies of fakes expand when they run
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

expect() {  # expect WHAT CONDITION...
    local what=$1
    shift
    if "$@"; then return; fi
    echo "FAILED: $what"
    failures=$((failures + 1))
}

# run CODE ARGUMENT...: runs the check, which must exit with CODE; its output goes to $folder/output.
run() {
    local expected=$1 code=0
    shift
    "$root/scripts/gpu_check" "$@" >"$folder/output" 2>&1 </dev/null || code=$?
    expect "'gpu_check $*' exits with $expected, not $code: $(tail -n 3 "$folder/output")" [ "$code" -eq "$expected" ]
}

says() { grep -qF -e "$1" "$folder/output"; }
reports() { grep -qF -e "$1" "$folder/out/report.md"; }

# fake NAME BODY: an executable of that name.
fake() {
    mkdir -p "$folder/bin"
    printf '#!/usr/bin/env bash\n%s\n' "$2" >"$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}

fake laxity 'echo "laxity $*"
out=$(sed -n "s/.* -o \([^ ]*\).*/\1/p" <<<"$*")
if [ -n "$out" ]; then echo "{}" >"$out"; fi
case "$*" in *cifar-ee-d4*) echo "laxity: it broke" >&2; exit 1 ;; esac'
fake laxity_cuda_conformance 'echo "all of the suite passed"'
fake compute-sanitizer '[ "$1 $2" = "--tool memcheck" ]'

run 0 --dry-run
for word in conformance compute-sanitizer "--policy edf --policy rtdeepiot --policy gittins --policy toll" 0.4,0.8,1.2,1.6; do
    expect "the plan names $word" says "$word"
done
for model in "$root"/workloads/models/*.onnx; do expect "the plan has $model" says "Profile $(basename "$model" .onnx)"; done
run 2 --no-such-option
run 2 --device tpu
run 2 --runs
run 2 --dry-run --seconds abc

if [ -e /proc/driver/nvidia/version ] || command -v nvidia-smi >/dev/null; then
    echo "this machine has an NVIDIA driver: the refusal without one is not checked"
else
    run 2 --out "$folder/out"
    expect "no GPU is said in one line" [ "$(wc -l <"$folder/output")" -eq 1 ]
    expect "no GPU leaves no report" [ ! -e "$folder/out" ]
fi

# One step fails: the others run all the same.
PATH=$folder/bin:$PATH
fake nvidia-smi 'echo "GPU 0: a script"'
run 1 --laxity "$folder/bin/laxity" --out "$folder/out" --runs 7 --seconds 3
expect "the failed step is named" reports "| Profile cifar-ee-d4 | **failed**, exit code 1 |"
expect "the end of its log is shown" says "it broke"
expect "one step has failed" reports ", 1 failed, 0 not run;"
expect "the suite ran" reports "all of the suite passed"
expect "the sanitizer ran" reports "compute-sanitizer, where there is one | passed"
expect "lower precisions ran" reports "| Profile fashion-ee in fp16 | passed"
expect "the last step ran" reports "--axis /tasks/0/arrival/load=0.4,0.8,1.2,1.6 --seconds 3 --device cuda"
expect "the traces are there" [ -e "$folder/out/traces/fashion-ee.json" ]
expect "noise is not left behind" [ ! -e "$folder/out/noise-32x32.json" ]

# All pass, but the suite is not there.
rm "$folder/bin/laxity_cuda_conformance"
fake laxity 'echo "laxity $*"'
run 1 --laxity "$folder/bin/laxity" --out "$folder/out"
expect "the missing suite is named" reports "Device conformance | not run: there is no"
expect "the earlier report is kept" [ -e "$folder/out.old/report.md" ]

# A rehearsal says that it is one.
run 0 --laxity "$folder/bin/laxity" --out "$folder/out" --device cpu
expect "a rehearsal is called so" reports "Nothing below says anything about a GPU"

[ "$failures" -eq 0 ] && echo "scripts/gpu_check does what it says"
