"""The result folder of a sweep that runs on a cluster."""

import contextlib
import fcntl
import json
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys

from slurm_sweep.basics import Failed, Interrupted, Refused, call, first_line, one_line, read_json, say, write_whole
from slurm_sweep.cluster import largest_array
from slurm_sweep.shard import Shard

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
SHARDS_A_PLACE = 4  # so that a lost task costs little, and a slow node does not hold up the rest
DEFAULT_SHARDS = 16
RESULTS = ["manifest.json", "runs.csv", "responses.csv", "bounds.csv", "summary.json"]  # of the merged sweep


def find_laxity(given):
    places = [given] if given else [os.path.join(ROOT, "laxity"), os.path.join(ROOT, "build/release/laxity"),
                                    shutil.which("laxity") or ""]
    for place in places:
        if os.path.isfile(place) and os.access(place, os.X_OK):
            return os.path.abspath(place)
    raise Refused("--laxity: expected the executable, found none at %s; build it with cmake --preset release && "
                  "cmake --build --preset release" % one_line(", ".join(p for p in places if p)))


class Study:
    """DIR: the study that is in it, and how far it is."""

    def __init__(self, options):
        self.folder = os.path.abspath(options.out)
        self.own = os.path.join(self.folder, "slurm")
        self.state = read_json(self.file("state.json"))

    def file(self, name):
        return os.path.join(self.own, name)

    @contextlib.contextmanager
    def locked(self):
        """The lock is the system's: it goes with its process, also after kill -9."""
        with open(self.file("lock"), "a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise Refused("--out %s: expected a folder that nobody watches, found %s; end that one first, or look on "
                              "with squeue --name %s" % (one_line(self.folder), one_line(lock.read()) or "another process",
                                                         (self.state or {}).get("name", "...")))
            except OSError as error:
                say("warning: %s can't be locked (%s); see to it that no second one runs" % (one_line(self.own), error))
            lock.seek(0)
            lock.truncate()
            lock.write("process %d on %s\n" % (os.getpid(), socket.gethostname()))
            lock.flush()
            yield

    def check_new(self, options):
        """Before anything is written."""
        if not options.study and not options.extra:
            raise Refused("STUDY: expected a study's file, or the options of a sweep after --, found neither, and no "
                          "study that was begun in %s" % one_line(self.folder))
        for name in RESULTS:
            if os.path.exists(os.path.join(self.folder, name)):
                raise Refused("--out %s: expected a folder without results, found %s; choose another folder"
                              % (one_line(self.folder), name))

    def make_folders(self):
        try:
            os.makedirs(self.file("log"), exist_ok=True)
            os.makedirs(os.path.join(self.folder, "shards"), exist_ok=True)
        except OSError as error:
            raise Refused("--out %s: expected a folder that can be written, found: %s"
                          % (one_line(self.folder), error.strerror))

    def leave_nothing(self):
        """Of a study that was refused: what make_folders() made, if nothing else is in it."""
        for name in ("lock", "study.json", "state.json", "job.sh"):
            with contextlib.suppress(OSError):
                os.remove(self.file(name))
        for folder in (self.file("log"), self.own, os.path.join(self.folder, "shards"), self.folder):
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def prepare(self, options):
        """Checks the study and makes or reads the state. Raises Refused, and then nothing was submitted."""
        if options.study or options.extra:
            self.freeze(options)
        if not self.state:
            self.begin(options)
        self.update(options)
        self.shards = {k: Shard(self.folder, k) for k in range(1, self.state["shards"] + 1)}

    def freeze(self, options):
        """Writes the study with its options as one file, as what the shards will read; or checks that it is the same."""
        new, path = self.file("study.new.json"), self.file("study.json")
        if os.path.exists(new):
            os.remove(new)
        before = self.state["settings"].get("laxity") if self.state else None
        what = ([options.study] if options.study else []) + options.extra
        code, _, err = call([find_laxity(options.laxity or before), "sweep"] + what + ["--save", new])
        if code != 0:
            raise (Refused if code == 2 else Failed)(re.sub("^laxity: ", "", first_line(err)))
        if not self.state:
            os.replace(new, path)
            return
        same = read_json(new) == read_json(path)
        os.remove(new)
        if not same:
            raise Refused("--out %s: expected the study that was begun there (%s), found another; choose another folder"
                          % (one_line(self.folder), one_line(path)))

    def begin(self, options):
        at_once = options.nodes or options.tasks_at_once
        shards = options.shards or (SHARDS_A_PLACE * at_once if at_once else DEFAULT_SHARDS)
        most = largest_array()
        if shards > most:
            raise Refused("--shards: expected at most %d, which is what this cluster takes in an array job (MaxArraySize), "
                          "found %d; give each shard more --cpus-per-task instead" % (most, shards))
        stem = re.sub("[^A-Za-z0-9_-]", "_", os.path.basename(self.folder))[:32]
        self.state = {"name": "laxity-%s-%s" % (stem, os.urandom(4).hex()), "shards": shards, "settings": {}, "tries": {},
                      "jobs": [], "merged": False}

    def update(self, options):
        """What is given now holds from now on."""
        if options.shards and options.shards != self.state["shards"]:
            raise Refused("--shards: expected %d, as the study was begun with, found %d; choose another folder"
                          % (self.state["shards"], options.shards))
        old = self.state["settings"]

        def value(name, given, default):
            return given if given is not None else old.get(name, default)

        whole_nodes = bool(options.nodes) or (old.get("whole_nodes", False) and not options.tasks_at_once
                                              and not options.cpus_per_task)
        self.state["settings"] = {
            "whole_nodes": whole_nodes, "at_once": value("at_once", options.nodes or options.tasks_at_once, 0),
            "cpus": value("cpus", options.cpus_per_task, 1), "time": value("time", options.time, ""),
            "partition": value("partition", options.partition, ""), "sbatch": value("sbatch", options.sbatch, ""),
            "retries": value("retries", options.retries, 3),
            "laxity": find_laxity(options.laxity or old.get("laxity"))}
        self.save()
        write_whole(self.file("job.sh"), self.job_text())

    def job_text(self):
        settings = self.state["settings"]
        threads = '"$SLURM_CPUS_ON_NODE"' if settings["whole_nodes"] else str(settings["cpus"])
        return """#!/bin/sh
set -u
# One shard of a sweep; written by scripts/sweep_slurm.
folder=%s
exec >>"$folder/slurm/log/$SLURM_ARRAY_TASK_ID.log" 2>&1
echo "--- job ${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID on $SLURMD_NODENAME, $(date -u +%%Y-%%m-%%dT%%H:%%M:%%SZ)"
%s sweep "$folder/slurm/study.json" --shard "$SLURM_ARRAY_TASK_ID/%d" --out "$folder/shards/$SLURM_ARRAY_TASK_ID" --threads %s
code=$?
echo "--- exit code $code"
exit $code
""" % (shlex.quote(self.folder), shlex.quote(settings["laxity"]), self.state["shards"], threads)

    def save(self):
        write_whole(self.file("state.json"), json.dumps(self.state, indent=2) + "\n")

    def forecast(self):
        """How many runs there will be at least, measured time and all, said once. None if it can't be read."""
        path = self.file("forecast.txt")
        if not os.path.exists(path):
            settings = self.state["settings"]
            say("measuring how long it will take")
            asked = subprocess.run([settings["laxity"], "sweep", self.file("study.json"), "--dry-run", "--threads", "1"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
            if asked.returncode != 0:
                say("note: no forecast: " + first_line(asked.stderr))
                return None, False
            write_whole(path, asked.stdout)
            sys.stderr.write(asked.stdout)
        with open(path) as file:
            found = re.search(r"^runs +(from )?(\d+)", file.read(), re.MULTILINE)
        return (int(found.group(2)), bool(found.group(1))) if found else (None, False)

    def merge(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))  # a file for each shard is open at a time
        folders = [self.shards[k].folder for k in sorted(self.shards)]
        code = subprocess.call([self.state["settings"]["laxity"], "merge"] + folders + ["--out", self.folder])
        if code in (130, -signal.SIGINT):
            raise Interrupted()
        if code != 0:
            raise Failed("laxity merge ended with exit code %d; the shards are all there: mend it and start again" % code)
        self.state["merged"] = True
        self.save()
