"""The laxity executable: finding it, calling it, and passing its complaints on as they are."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Problem(Exception):
    """What the user can mend, in one line: exit code 2."""


class Failure(Exception):
    """What went wrong while running, in one line: exit code 1."""


class Laxity:
    """Calls one executable. Progress of sweeps goes to this process's stderr; complaints are raised as laxity words them."""

    def __init__(self, path=None):
        choices = [Path(path)] if path else [ROOT / "build/release/laxity", ROOT / "build/dev/laxity"]
        found = next((choice for choice in choices if choice.is_file()), None) or (None if path else shutil.which("laxity"))
        if not found:
            raise Problem(f"--laxity: expected the executable, found none at {', '.join(map(str, choices))}; "
                          "build it with 'cmake --preset release && cmake --build --preset release'")
        self.path = str(found)

    def output(self, *arguments):
        """What the command prints on stdout."""
        try:
            result = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True)
        except OSError as error:
            raise Problem(f"--laxity: {self.path}: {error.strerror}") from None
        if result.returncode != 0:
            lines = [line for line in result.stderr.splitlines() if line.startswith("laxity: ")] or result.stderr.splitlines()
            message = lines[-1].removeprefix("laxity: ") if lines else f"{self.path} {arguments[0]} failed"
            raise (Problem if result.returncode == 2 else Failure)(message)
        return result.stdout
