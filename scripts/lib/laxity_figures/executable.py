"""The laxity executable: finding it, calling it, and passing its complaints on as they are."""

import shutil
import subprocess
from pathlib import Path

from laxity_figures.facts import ROOT
from laxity_figures.problem import Failure, Problem


def find_laxity(path=None):
    """The executable that was asked for, else that of this checkout or tarball."""
    choices = [Path(path)] if path else [ROOT / "build/release/laxity", ROOT / "laxity", ROOT / "build/dev/laxity"]
    found = next((choice for choice in choices if choice.is_file()), None if path else shutil.which("laxity"))
    if not found:
        raise Problem(f"--laxity: expected the executable, found none at {', '.join(map(str, choices))}; "
                      "build it with 'cmake --preset release && cmake --build --preset release'")
    return Path(found).resolve()


def run_laxity(arguments, laxity=None):
    """What it prints on stdout. Throws Problem if it refuses its input, Failure if it fails otherwise, with its own words."""
    command = [str(find_laxity(laxity)), *map(str, arguments)]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise Problem(f"--laxity: expected an executable, found {command[0]}: {error.strerror}") from None
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.startswith("laxity: ")] or result.stderr.splitlines()
        message = lines[-1].removeprefix("laxity: ") if lines else f"{' '.join(command)} failed: exit code {result.returncode}"
        raise (Problem if result.returncode == 2 else Failure)(message)
    return result.stdout
