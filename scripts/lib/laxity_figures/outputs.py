"""What is written never takes the place of what is there (results/README.md, "Nothing is lost")."""

import hashlib
import json
import os
import sys
from pathlib import Path

from laxity_figures.problem import Failure, Problem


def free_name(path):
    """PATH.old, PATH.old.2, ...: the first that is not in use."""
    name, number = Path(f"{path}.old"), 2
    while os.path.lexists(name):
        name, number = Path(f"{path}.old.{number}"), number + 1
    return name


def make_way(paths, replace, expected):
    """Moves files aside that are in the way; without `replace`, refuses, and moves none."""
    for path in paths:
        if not replace:
            raise Problem(f"{path}: expected {expected}, found another; choose another name, "
                          f"or add --replace, which moves it to {free_name(path)}")
    for path in paths:
        aside = free_name(path)
        path.rename(aside)
        print(f"moved {path} to {aside}", file=sys.stderr)


def write_whole(path, content):
    """The file appears with everything in it, or not at all."""
    temporary = path.with_name(f"{path.name}.tmp{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise Failure(f"{path}: could not be written: {error.strerror}") from None


class OwnFiles:
    """Files of a folder that may be made again: index.json lists those that were written here, with their SHA-256. One that
    is still as it was written is written over; any other is in the way."""

    SCHEMA = "laxity.figures/1"

    def __init__(self, folder):
        self.folder, self.index = folder, folder / "index.json"
        try:
            listed = json.loads(self.index.read_text())
            self.hashes = dict(listed["files"]) if listed["schema"] == self.SCHEMA else None
        except (FileNotFoundError, NotADirectoryError):  # the latter is told when the folder is made
            self.hashes = {}
        except (OSError, ValueError, KeyError, TypeError):
            self.hashes = None  # not ours
        self.foreign_index, self.hashes = self.hashes is None, self.hashes or {}

    def may_write(self, path, content):
        if not os.path.lexists(path):
            return True
        if not path.is_file():
            return False
        there = path.read_bytes()
        return there == content or hashlib.sha256(there).hexdigest() == self.hashes.get(path.name)

    def write(self, files, replace):
        """Writes {name: bytes} and returns the paths. Looks at all of them before it writes the first."""
        paths = {self.folder / name: content for name, content in files.items()}
        in_the_way = [path for path, content in paths.items() if not self.may_write(path, content)]
        in_the_way += [self.index] if self.foreign_index else []
        make_way(in_the_way, replace, "nothing there, or a file that was written here and is as it was")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"{self.folder}: expected a folder that can be made: {error.strerror}") from None
        try:
            for path, content in paths.items():
                write_whole(path, content)
                self.hashes[path.name] = hashlib.sha256(content).hexdigest()
        finally:  # also of what a full disk left half done
            text = json.dumps({"schema": self.SCHEMA, "files": dict(sorted(self.hashes.items()))}, indent=1)
            write_whole(self.index, (text + "\n").encode())
        return list(paths)
