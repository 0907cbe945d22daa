#!/usr/bin/env bash
# Runs the examples of the README: check_readme.sh LAXITY [README]
#
# Each command ("$ ...") of a ```console block is run from a copy of the tree, with LAXITY as build/release/laxity. It must
# succeed, and print the lines that follow it (stdout and stderr); a line "..." stands for any lines. Nothing else is run, but
# every script that is named must be executable.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "$1")
readme=$(realpath "${2:-$root/README.md}")

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
for folder in policies scripts traces workloads; do ln -s "$root/$folder" "$tree/$folder"; done
mkdir -p "$tree/build/release" "$tree/results"
ln -s "$laxity" "$tree/build/release/laxity"
cd "$tree"

commands=0 failures=0

# The expected lines as a pattern: "..." becomes *, everything else stands for itself.
pattern_of() {
    local line pattern=""
    while IFS= read -r line; do
        if [ "$line" = "..." ]; then
            pattern+="*"
        else
            pattern+=$(printf '%s' "$line" | sed 's/[^[:alnum:][:space:]]/\\&/g')$'\n'
        fi
    done <<<"$1"
    printf '%s' "$pattern"
}

# check COMMAND EXPECTED
check() {
    local output code=0 pattern
    commands=$((commands + 1))
    echo "\$ $1"
    output=$(bash -c "$1" 2>&1 </dev/null) || code=$?
    pattern=$(pattern_of "$2")
    # shellcheck disable=SC2053  # a pattern
    if [ "$code" -ne 0 ]; then
        echo "FAILED with exit code $code:"
    elif [ -n "$2" ] && ! [[ $output == ${pattern%$'\n'} ]]; then
        echo "FAILED: the README says"
        echo "$2"
        echo "but it printed"
    else
        return 0
    fi
    echo "$output"
    failures=$((failures + 1))
}

inside="" command="" expected="" continued=""
finish_command() {
    [ -z "$command" ] || check "$command" "${expected%$'\n'}"
    command="" expected=""
}
while IFS= read -r line; do
    if [ "$line" = '```console' ]; then
        inside=yes
    elif [ -n "$inside" ] && [ "$line" = '```' ]; then
        finish_command
        inside=""
    elif [ -n "$inside" ] && [ -n "$continued" ]; then
        command+=$'\n'$line
        [[ $line == *\\ ]] || continued=""
    elif [ -n "$inside" ] && [[ $line == '$ '* ]]; then
        finish_command
        command=${line#'$ '}
        [[ $line == *\\ ]] && continued=yes
    elif [ -n "$inside" ]; then
        expected+=$line$'\n'
    fi
done <"$readme"

for script in $(grep -o 'scripts/[a-z_.]*[a-z]' "$readme" | sort -u); do
    [ -x "$root/$script" ] || { echo "FAILED: $script can't be executed, as the README does"; failures=$((failures + 1)); }
done

echo "$commands commands, $failures failed"
[ "$commands" -gt 0 ] && [ "$failures" -eq 0 ]
