"""Looking after the shards of a study until all are finished."""

import collections
import os
import time

from slurm_sweep.basics import DISPLAY, Failed, Refused, clock_text, one_line, ranges, say
from slurm_sweep.cluster import Cluster

IN_USE = "that no other process writes into"  # what laxity says of a folder that another task still has


class Watch:
    """Looks after the shards until all are finished or given up."""

    def __init__(self, study, every):
        self.study = study
        self.cluster = Cluster(study.state["name"])
        self.every = every
        self.open = set(study.shards)
        self.due = set()      # shards to submit
        self.absent = {}      # shards that neither are finished nor have a task -> for how many looks
        self.given_up = {}    # shard -> why
        self.writers = set()  # shards that are written by what Slurm doesn't know, as was said
        self.tasks = {}
        self.begun = time.monotonic()
        self.begun_runs = None
        self.done_runs = 0    # of finished shards
        self.trouble = self.refusal = ""  # as was said last

    def run(self):
        study = self.study
        self.close_finished()
        self.tasks = self.cluster.alive()
        if self.tasks is None:
            raise Failed("squeue failed: " + self.cluster.trouble)
        if self.tasks:
            say("attached to %d tasks of %s" % (len(self.tasks), self.cluster.name))
        self.due = self.open - set(self.tasks)
        self.submit()
        self.total, self.at_least = study.forecast()
        while self.open:
            self.show()
            time.sleep(self.every)
            self.look()
        self.show()
        DISPLAY.end()

    def look(self):
        if os.path.exists(self.study.file("cancelled")):
            DISPLAY.end()
            raise Failed("the job was cancelled; start the same command again to go on")
        tasks = self.cluster.alive()  # before the manifests are read: what is gone then has written its last
        self.close_finished()
        if tasks is None:
            if self.cluster.trouble != self.trouble:
                say("waiting for the controller: " + self.cluster.trouble)
            self.trouble = self.cluster.trouble
            return
        self.tasks, self.trouble = tasks, ""
        # Twice: what a node has just written may take a moment to be seen here.
        self.absent = {k: self.absent.get(k, 0) + 1 for k in self.open - set(tasks) - self.due}
        self.mend([k for k in sorted(self.absent) if self.absent[k] >= 2 and not self.is_written(k)])
        self.submit()

    def close_finished(self):
        for number in sorted(self.open):
            shard = self.study.shards[number]
            # A task that is listed yet is let end: what is complete but for a last step is not finished.
            if number not in (self.tasks or {}) and shard.is_complete():
                self.open.remove(number)
                self.done_runs += shard.runs()

    def is_written(self, number):
        writer = self.study.shards[number].writer()
        if writer and number not in self.writers:
            say("shard %d has no task any more, but is still written by %s: waiting for it" % (number, writer[:200]))
            self.writers.add(number)
        return bool(writer)

    def mend(self, shards):
        """Of what ended unfinished, says what is to be submitted again and what is given up."""
        jobs = {self.study.state["tries"][str(number)]["job"] for number in shards} - {""}
        ends = {job: self.cluster.ends(job) for job in jobs}
        for number in shards:
            job = self.study.state["tries"][str(number)]["job"]
            if self.is_worth_it(number, ends.get(job, {}).get(number, ("", "", ""))):
                self.due.add(number)

    def is_worth_it(self, number, end):
        shard, settings = self.study.shards[number], self.study.state["settings"]
        record = self.study.state["tries"][str(number)]
        node, code, tail = shard.last_attempt(record["job"])
        state = end[0] or "its task is gone"
        what = "on %s: %s, exit code %s" % (end[1] if end[1] not in ("", "(null)") else node or "no node", state,
                                            code or end[2] or "unknown")
        if shard.rows() > record["rows"]:
            record["failures"] = 0
        record["failures"] += 1
        record["rows"] = shard.rows()
        reason = ""
        if state.startswith("CANCELLED"):
            reason = "was cancelled"
        elif code == "2" and IN_USE not in "".join(tail):
            reason = "was refused"
        elif record["failures"] > settings["retries"]:
            reason = "failed %d times without a new row" % record["failures"]
        if not reason:
            say("shard %d failed %s; once more (%d of %d)" % (number, what, record["failures"], settings["retries"]))
            return True
        self.given_up[number] = "shard %d %s, %s; the end of its log, %s:%s" % (
            number, reason, what, one_line(shard.log), "".join("\n    " + line for line in tail) or " empty")
        self.open.discard(number)
        say("shard %d %s %s" % (number, reason, what))
        return False

    def submit(self):
        study, shards = self.study, sorted(self.due)
        if not shards:
            return
        for number in shards:
            record = study.state["tries"].setdefault(str(number), {"failures": 0})
            record.update(rows=study.shards[number].rows(), job="")
        study.save()
        try:
            job = self.cluster.submit(shards, study.state["settings"], study.file("job.sh"))
        except Refused as error:
            if not study.state["jobs"]:
                raise
            if str(error) != self.refusal:
                say("%s; trying again" % error)
            self.refusal = str(error)
            return
        study.state["jobs"].append(job)
        for number in shards:
            study.state["tries"][str(number)]["job"] = job
        study.save()
        self.refusal = ""
        self.due.clear()
        for number in shards:
            self.absent.pop(number, None)
            self.tasks[number] = ("PENDING", "")
        say("submitted job %s: shards %s" % (job, ranges(shards)))

    def show(self):
        states = collections.Counter(state for state, _ in self.tasks.values())
        reasons = collections.Counter(reason for state, reason in self.tasks.values()
                                      if state == "PENDING" and reason not in ("", "None"))
        pending = "%d pending" % states["PENDING"]
        if reasons:
            pending += " (%s)" % reasons.most_common(1)[0][0]
        count = len(self.study.shards)
        runs = self.done_runs + sum(self.study.shards[k].runs() for k in self.open | set(self.given_up))
        if self.begun_runs is None:
            self.begun_runs = runs
        DISPLAY.progress("%d/%d shards, %d running, %s, %d failed; %d%s runs%s" % (
            count - len(self.open) - len(self.given_up), count, states["RUNNING"], pending, len(self.given_up), runs,
            "/%s%d" % (">=" if self.at_least else "", self.total) if self.total else "", self.time_left(runs)))

    def time_left(self, runs):
        made, passed = runs - self.begun_runs, time.monotonic() - self.begun
        if not self.total or made <= 0 or runs >= self.total:
            return ""
        return ", %s%s left" % (">=" if self.at_least else "", clock_text((self.total - runs) * passed / made))
