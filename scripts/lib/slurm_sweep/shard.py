"""The folder of a shard, while others write into it."""

import fcntl
import os
import re

from slurm_sweep.basics import one_line, read_json

LOG_LINES = 5  # of an attempt, for messages


class Shard:
    """One shard's folder, and what its log says."""

    def __init__(self, folder, number):
        self.folder = os.path.join(folder, "shards", str(number))
        self.log = os.path.join(folder, "slurm", "log", "%d.log" % number)
        self.counts = {}  # file -> [bytes read, lines in them]

    def is_complete(self):
        manifest = read_json(os.path.join(self.folder, "manifest.json"))
        return bool(manifest and manifest.get("state", {}).get("complete"))

    def lines_of(self, name):
        """Line breaks of a file that grows; reads what is new since the last call."""
        count = self.counts.setdefault(name, [0, 0])
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                if os.fstat(file.fileno()).st_size < count[0]:
                    count[:] = [0, 0]  # it was cut after its last whole row
                file.seek(count[0])
                for chunk in iter(lambda: file.read(1 << 20), b""):
                    count[0] += len(chunk)
                    count[1] += chunk.count(b"\n")
        except OSError:
            count[:] = [0, 0]
        return count[1]

    def runs(self):
        return max(0, self.lines_of("runs.csv") - 1)

    def rows(self):
        """Whatever it makes: grows if and only if it gets on."""
        return self.lines_of("runs.csv") + self.lines_of("bounds.csv")

    def writer(self):
        """Who still writes, as a node that Slurm has lost sight of may do. Empty if nobody does, or nobody can say."""
        try:
            with open(os.path.join(self.folder, ".lock"), "r+") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return ""
                except BlockingIOError:
                    return one_line(lock.read()) or "a process"
        except OSError:
            return ""

    def last_attempt(self, job):
        """(node, exit code, last lines) of what this job logged; empty where it didn't. Of any job, if its number is
        not known."""
        try:
            with open(self.log, errors="replace") as file:
                lines = file.read().splitlines()
        except OSError:
            return "", "", []
        starts = [i for i, line in enumerate(lines) if line.startswith("--- job ")]
        if not starts or not lines[starts[-1]].startswith("--- job %s" % (job and job + "_")):
            return "", "", []
        lines = lines[starts[-1]:]
        node = re.match(r"--- job \S+ on ([^ ,]+)", lines[0])
        code = re.match(r"--- exit code (\d+)$", lines[-1])
        return node.group(1) if node else "", code.group(1) if code else "", lines[-LOG_LINES:]
