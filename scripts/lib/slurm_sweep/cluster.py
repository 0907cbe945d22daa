"""Slurm, as the tools of any version since 17 show it."""

import os
import re
import shlex
import shutil

from slurm_sweep.basics import Failed, Refused, call, first_line, ranges


def need_slurm():
    for tool in ("sbatch", "squeue", "scancel", "scontrol"):
        if not shutil.which(tool):
            raise Refused("expected Slurm, found no %s in PATH; install Slurm's client tools (Debian: slurm-client), or "
                          "see results/README.md, \"Beyond one machine\", for GNU parallel, ssh and other schedulers"
                          % tool)


def largest_array():
    code, out, _ = call(["scontrol", "show", "config"])
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", out, re.MULTILINE) if code == 0 else None
    return int(found.group(1)) - 1 if found else 10 ** 6


class Cluster:
    """The study's jobs, whatever their numbers: they are found by their name."""

    def __init__(self, name):
        self.name = name
        self.trouble = ""  # the last answer that was none

    def alive(self):
        """{shard: (state, reason)} of tasks that wait or run; None if the controller doesn't answer."""
        code, out, err = call(["squeue", "--noheader", "--array", "--user", str(os.getuid()), "--name", self.name,
                               "--format", "%K|%T|%r"])
        self.trouble = first_line(err) if code != 0 else ""
        if code != 0:
            return None
        tasks = {}
        for line in out.splitlines():
            shard, state, reason = line.strip().split("|", 2)
            # What is COMPLETING has ended, or its node doesn't answer; who still writes holds the shard's lock.
            if shard.isdigit() and state != "COMPLETING":
                tasks[int(shard)] = (state, reason)
        return tasks

    def submit(self, shards, settings, job_file):
        """Returns the number of the new job. Raises Refused with sbatch's own words."""
        most = settings["at_once"]
        array = ranges(shards) + ("%%%d" % most if most else "")
        command = ["sbatch", "--parsable", "--array=" + array, "--job-name=" + self.name, "--output=/dev/null",
                   "--no-requeue", "--ntasks=1"]
        if settings["whole_nodes"]:
            command += ["--nodes=1", "--exclusive"]
        else:
            command += ["--cpus-per-task=%d" % settings["cpus"]]
        command += ["--%s=%s" % (key, settings[key]) for key in ("time", "partition") if settings[key]]
        code, out, err = call(command + shlex.split(settings["sbatch"] or "") + [job_file])
        if code != 0:
            raise Refused("sbatch refused %d shards: %s" % (len(shards), first_line(err)))
        return out.strip().split(";")[0]

    def ends(self, job):
        """{shard: (state, node, exit code)} of a job's tasks, as far as Slurm still knows them."""
        found = {}
        code, out, _ = call(["scontrol", "--oneliner", "show", "job", job])
        for line in out.splitlines() if code == 0 else []:
            fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
            if fields.get("ArrayTaskId", "").isdigit():
                found[int(fields["ArrayTaskId"])] = (fields.get("JobState", ""), fields.get("NodeList", ""),
                                                     fields.get("ExitCode", ""))
        return found or self.accounted_ends(job)

    def accounted_ends(self, job):
        """The same from the accounting, where a cluster has one."""
        found = {}
        if not shutil.which("sacct"):
            return found
        code, out, _ = call(["sacct", "--noheader", "--parsable2", "--allocations", "--jobs", job, "--format",
                             "JobID,State,NodeList,ExitCode"])
        for line in out.splitlines() if code == 0 else []:
            task, state, node, exit_code = line.split("|")
            if task.rpartition("_")[2].isdigit():
                found[int(task.rpartition("_")[2])] = (state.split()[0], node, exit_code)
        return found

    def cancel(self):
        code, _, err = call(["scancel", "--user", str(os.getuid()), "--name", self.name])
        if code != 0:
            raise Failed("scancel failed: " + first_line(err))
