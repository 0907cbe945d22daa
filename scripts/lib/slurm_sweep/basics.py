"""Errors, texts, files, other programs, and what people see."""

import json
import os
import subprocess
import sys


class Refused(Exception):
    """What was asked can't be done; one line, exit code 2."""


class Failed(Exception):
    """What failed while running; exit code 1."""


class Interrupted(Exception):
    """A signal asked this program to end; exit code 130."""


def one_line(text):
    """Names may hold line breaks; messages do not."""
    return " ".join(str(text).split())


def first_line(text):
    lines = text.strip().splitlines()
    return lines[0] if lines else "nothing"


def call(command):
    """Runs a tool of Slurm, to its end whatever ends this program. Returns (exit code, stdout, stderr)."""
    done = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True, start_new_session=True)
    out, err = done.communicate()
    return done.returncode, out, err


def ranges(numbers):
    """[1, 2, 3, 7] -> "1-3,7", as sbatch takes it."""
    parts = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else "%d-%d" % (a, b) for a, b in parts)


def clock_text(seconds):
    whole = int(seconds)
    return "%d:%02d:%02d" % (whole // 3600, whole // 60 % 60, whole % 60)


def write_whole(path, text):
    """The file has the old or the new content, whatever happens."""
    with open(path + ".new", "wb") as out:
        out.write(os.fsencode(text))
        out.flush()
        os.fsync(out.fileno())
    os.replace(path + ".new", path)


def read_json(path):
    """None if there is no such file, or it is being written."""
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


class Display:
    """One line that changes on a terminal, plain lines elsewhere; messages go above it."""

    def __init__(self):
        self.terminal = sys.stderr.isatty()
        self.line = ""

    def message(self, text):
        sys.stderr.write(("\r\033[K" if self.terminal and self.line else "") + text + "\n")
        if self.terminal and self.line:
            sys.stderr.write(self.line)
        sys.stderr.flush()

    def progress(self, line):
        if line != self.line:
            sys.stderr.write("\r" + line + "\033[K" if self.terminal else line + "\n")
            sys.stderr.flush()
        self.line = line

    def end(self):
        if self.terminal and self.line:
            sys.stderr.write("\n")
        self.line = ""


DISPLAY = Display()


def say(text):
    DISPLAY.message("sweep_slurm: " + text)
