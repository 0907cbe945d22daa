"""Pictures of the page of `laxity report --html`, taken in headless Chromium by page_picture.mjs.

They need node, Chromium and playwright-core, found where the tests of the page find them (tests/check_page.sh). Where one is
missing, pictures can't be made; who asks for them is told what is missing.
"""

import csv
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def browser():
    """(environment for page_picture.mjs, what is missing: "" if nothing is)."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    number = lambda path: [int(part) for part in path.name.split(".") if part.isdigit()]
    versions = sorted((path for path in (ROOT / "build/playwright").glob("*") if path.is_dir()), key=number)
    missing = [name for name, there in (("node", shutil.which("node")), ("Chromium", chromium), ("playwright-core in build/playwright", versions)) if not there]
    if missing:
        return {}, f"no {missing[0]}; scripts/test installs what the tests of the page need"
    return {**os.environ, "CHROMIUM": chromium, "PLAYWRIGHT": str(versions[-1])}, ""


def take(page, hash_, size, picture, keys=()):
    """The file `page` at #hash, `size` such as "1100x700" in pixels. Throws RuntimeError with what the browser said."""
    environment, missing = browser()
    if missing:
        raise RuntimeError(missing)
    command = ["node", str(Path(__file__).with_name("page_picture.mjs")), str(page), hash_, size, str(picture), *keys]
    taken = subprocess.run(command, env=environment, capture_output=True, text=True)
    if taken.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {taken.stderr.strip()}")


def surprise(run, before, after):
    """"FROM-TO", ns: `before` ahead of to `after` behind the middle of the stage that took longest beyond its plan."""
    with open(run / "stages.csv", newline="", encoding="utf-8") as file:
        stages = [tuple(int(row[name]) for name in ("start_ns", "end_ns", "planned_ns")) for row in csv.DictReader(file)]
    start, end, _ = max(stages, key=lambda stage: stage[1] - stage[0] - stage[2])
    middle = (start + end) // 2
    return f"{max(0, middle - before)}-{middle + after}"
