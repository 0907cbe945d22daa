#!/usr/bin/env bash
# The pages of `laxity report --html` in a real browser: check_page.sh LAXITY
# Exit code 77 (skipped) without node, Chromium or playwright-core; scripts/test installs them.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "$1")
skip() { echo "skipped: $*"; exit 77; }

command -v node >/dev/null || skip "no node; Debian's package is nodejs"
chromium=$(command -v chromium-headless-shell || command -v chromium) || skip "no Chromium; Debian's package is chromium-headless-shell"
playwright=$(find "$root/build/playwright" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$playwright" ] || skip "no playwright-core in build/playwright; scripts/test fetches it"

# Pictures for the eye, one a view.
pictures=${LAXITY_PICTURES:-$root/build/page-pictures}
mkdir -p "$pictures"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LAXITY="$laxity" CHROMIUM="$chromium" PLAYWRIGHT="$playwright" PICTURES="$pictures" WORK="$work"
code=0
for test in "$root"/tests/page/*_check.mjs; do node "$test" || code=1; done
exit "$code"
