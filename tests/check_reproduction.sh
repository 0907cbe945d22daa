#!/usr/bin/env bash
# The papers' claims get the same verdicts in a quick run as in the committed full one, a changed verdict is noticed, and bad
# input is refused in one line: check_reproduction.sh LAXITY
# Exit code 77 (skipped) without pandas.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
laxity=$(realpath "${1:?usage: check_reproduction.sh LAXITY}")
/usr/bin/python3 -c 'import pandas' 2>/dev/null || { echo "skipped: no python3-pandas"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reproduce() {
    /usr/bin/python3 "$root/scripts/reproduce" "$@" --laxity "$laxity" >"$work/out" 2>"$work/log"
}
# exits CODE TEXT COMMAND...: that exit code, and one line on stderr besides the progress, with that text
exits() {
    local expected=$1 text=$2 code=0
    shift 2
    "$@" || code=$?
    grep -v '^reproduce: \(study\|claim\|figure\) ' "$work/log" >"$work/lines" || true
    [ "$code" -eq "$expected" ] && [ "$(wc -l <"$work/lines")" -eq 1 ] && grep -q -- "$text" "$work/lines" ||
        { echo "expected exit code $expected and one line with \"$text\", found $code and:"; cat "$work/lines"; exit 1; }
}

/usr/bin/python3 "$root/tests/reproduction_test.py"

reproduce all --quick --out "$work/quick" || { tail -20 "$work/log"; exit 1; }
tail -1 "$work/out"
cp "$work/out" "$work/first"

# The studies are there now, so the rest is quick. The same bytes again; and one verdict that is not as it was.
reproduce zygarde --quick --out "$work/quick"
diff <(grep ^zygarde/ "$work/first") <(grep ^zygarde/ "$work/out")
/usr/bin/python3 - "$root/results/reproduction/verdicts.json" "$work/doctored.json" <<'END'
import json, sys
document = json.load(open(sys.argv[1]))
document["papers"]["zygarde"]["over-edf"]["verdict"] = "not reproduced"
json.dump(document, open(sys.argv[2], "w"))
END
exits 1 "zygarde/over-edf: was not reproduced" reproduce zygarde --quick --out "$work/quick" --verdicts "$work/doctored.json"

exits 2 "nowhere.json: No such file" reproduce zygarde --quick --out "$work/quick" --verdicts "$work/nowhere.json"
echo '{"schema": "other"}' >"$work/other.json"
exits 2 'expected schema "laxity.verdicts/1"' reproduce zygarde --quick --out "$work/quick" --verdicts "$work/other.json"
exits 2 "invalid choice" reproduce nothing
exits 2 "expected 0 or more" reproduce zygarde --out "$work/quick" --threads -1
exits 2 "expected a folder, found a file" reproduce zygarde --out "$work/other.json"
mkdir "$work/mine"
echo mine >"$work/mine/README.md"
exits 2 "or what scripts/reproduce wrote" reproduce zygarde --out "$work/mine"
grep -q mine "$work/mine/README.md"
exits 2 "found the results of another sweep" reproduce zygarde --out "$work/quick"   # a full run does not go on with a quick one
