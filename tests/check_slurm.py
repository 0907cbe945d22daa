#!/usr/bin/env python3
"""Runs scripts/sweep_slurm against a real slurmctld, three slurmd and munged in a temporary folder: check_slurm.py LAXITY

Each scenario ends with the bytes of the unsharded sweep. Every wait is for a state, with a generous limit. Needs root and
the packages slurm-wlm and munge; exit code 77 (skipped) where something is missing.
"""

import contextlib
import ctypes
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LIMIT = 240  # seconds for one state to come about
NODES = ["node1", "node2", "node3"]
SHARDS = 6
COMPARED = ["runs.csv", "responses.csv", "summary.json"]


def why_not():
    """What is missing, in a line; empty if nothing is."""
    if os.geteuid() != 0:
        return "a Slurm controller of one's own needs root"
    tools = ["slurmctld", "slurmd", "munged", "sbatch", "squeue", "scontrol", "scancel"]
    missing = [tool for tool in tools if not shutil.which(tool)]
    return "no %s (packages slurm-wlm and munge)" % ", ".join(missing) if missing else ""


def wait_for(what, condition):
    """Returns the condition's value when it is true."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("in %d s there was no sign of: %s" % (LIMIT, what))


def expect(what, condition):
    if not condition:
        raise AssertionError(what)


# ---- processes -------------------------------------------------------------------------------------------------------


def adopt_orphans():
    """Daemons that lose their parents become our children, so that none is lost sight of (PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def processes():
    """{pid: (parent's pid, command)} of everything that runs here."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            with open(path) as file:
                text = file.read()
            command, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
            if rest[0] != "Z":
                found[int(path.split("/")[2])] = (int(rest[1]), command)
    return found


def descendants():
    found, own = processes(), {os.getpid()}
    while True:
        more = {pid for pid, (parent, _) in found.items() if parent in own} - own
        if not more:
            return own - {os.getpid()}
        own |= more


def kill(pid, number=signal.SIGKILL):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_descendants():
    while True:
        left = descendants()
        if not left:
            return
        for pid in left:
            kill(pid)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def environment_of(pid):
    with contextlib.suppress(OSError):
        with open("/proc/%d/environ" % pid, "rb") as file:
            return file.read().split(b"\0")
    return []


def tasks_on(node):
    """The processes of the tasks that run on a node, and the daemons that look after them."""
    found = processes()
    tasks = {pid for pid in descendants() if b"SLURMD_NODENAME=" + node.encode() in environment_of(pid)}
    keepers = {found[pid][0] for pid in tasks if pid in found} - tasks
    return tasks | {pid for pid in keepers if pid in found and found[pid][1].startswith("slurmstepd")}


def laxity_on(node):
    found = processes()
    return [pid for pid in tasks_on(node) if found.get(pid, (0, ""))[1] == "laxity"]


# ---- the cluster -----------------------------------------------------------------------------------------------------


def has_only_loopback():
    """Then Slurm, as it asks by default, is told that 127.0.0.1 is no address."""
    try:
        socket.getaddrinfo("127.0.0.1", "80", family=socket.AF_INET, flags=socket.AI_ADDRCONFIG)
        return False
    except OSError:
        return True


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """A controller and nodes of one processor each, all on this machine; no accounting, no cgroups, no systemd."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = {}
        for name in ("state", "log") + tuple("spool/" + node for node in NODES):
            os.makedirs(os.path.join(folder, name))
        self.write_configuration()
        # A Slurm around us must not be meant.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH", "SQUEUE"))}
        self.environment["SLURM_CONF"] = self.path("slurm.conf")
        os.environ.clear()
        os.environ.update(self.environment)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_configuration(self):
        ports = free_ports(1 + len(NODES))
        lines = ["ClusterName=laxity", "SlurmctldHost=%s(127.0.0.1)" % socket.gethostname().split(".")[0],
                 "SlurmctldPort=%d" % ports[0], "SlurmUser=root", "AuthType=auth/munge",
                 "AuthInfo=socket=" + self.path("munge.socket"), "CredType=cred/munge", "MpiDefault=none",
                 "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SwitchType=switch/none",
                 "JobAcctGatherType=jobacct_gather/none", "AccountingStorageType=accounting_storage/none",
                 "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU", "SchedulerType=sched/backfill",
                 "SchedulerParameters=sched_interval=1,bf_interval=1", "SlurmdParameters=config_overrides",
                 "SlurmdTimeout=300", "KillWait=2", "ReturnToService=1", "StateSaveLocation=" + self.path("state"),
                 "SlurmdSpoolDir=" + self.path("spool/%n"), "SlurmctldPidFile=" + self.path("slurmctld.pid"),
                 "SlurmdPidFile=" + self.path("slurmd.%n.pid"), "SlurmctldLogFile=" + self.path("log/slurmctld.log"),
                 "SlurmdLogFile=" + self.path("log/%n.log")]
        lines += ["NodeName=%s NodeAddr=127.0.0.1 Port=%d CPUs=1 State=UNKNOWN" % (node, port)
                  for node, port in zip(NODES, ports[1:])]
        if has_only_loopback():
            lines.append("CommunicationParameters=EnableIPv6")  # besides IPv4: it asks for any kind of address
        lines += ["PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP"]
        with open(self.path("slurm.conf"), "w") as file:
            file.write("\n".join(lines) + "\n")
        # Nothing here uses cgroups; named, the plugin asks for none, where looking for the best one may fail.
        with open(self.path("cgroup.conf"), "w") as file:
            file.write("CgroupPlugin=cgroup/v1\n")

    def start_daemon(self, name, command):
        with open(self.path("log/%s.out" % name), "w") as out:
            self.daemons[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def start(self):
        key = self.path("munge.key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(os.urandom(128))
        self.start_daemon("munged", ["munged", "--foreground", "--key-file=" + key, "--socket=" + self.path("munge.socket"),
                                     "--log-file=" + self.path("log/munged.log"), "--pid-file=" + self.path("munged.pid"),
                                     "--seed-file=" + self.path("munged.seed")])
        wait_for("munged", lambda: os.path.exists(self.path("munge.socket")))
        self.start_daemon("slurmctld", ["slurmctld", "-D", "-c"])
        for node in NODES:
            self.start_node(node)
        wait_for("idle nodes", lambda: all(self.state_of(node) == "idle" for node in NODES))

    def start_node(self, node):
        self.start_daemon(node, ["slurmd", "-D", "-N", node])

    def kill_node(self, node):
        """The daemon, the tasks and who looks after them, all at once, as when the power fails."""
        victims = {self.daemons[node].pid} | tasks_on(node)
        for pid in victims:
            kill(pid)
        subprocess.check_call(["scontrol", "update", "NodeName=" + node, "State=DOWN", "Reason=killed"])

    def state_of(self, node):
        done = subprocess.run(["sinfo", "--noheader", "--nodes", node, "--format", "%t"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, universal_newlines=True)
        return done.stdout.strip()

    def queue(self):
        """{(name, shard): (state, node)}"""
        out = subprocess.run(["squeue", "--noheader", "--array", "--format", "%j|%K|%T|%N"], stdout=subprocess.PIPE,
                             universal_newlines=True, check=True).stdout
        return {tuple(line.split("|")[:2]): tuple(line.split("|")[2:]) for line in out.split()}


# ---- a sweep on it ---------------------------------------------------------------------------------------------------


class Sweep:
    """scripts/sweep_slurm on one folder."""

    def __init__(self, bench, folder):
        self.bench = bench
        self.folder = folder
        self.log = folder + ".log"
        self.process = None

    def start(self, *more):
        command = [sys.executable, os.path.join(ROOT, "scripts/sweep_slurm"), self.bench.study, "--out", self.folder,
                   "--laxity", self.bench.laxity, "--every", "0.3", "--shards", str(SHARDS)] + list(more)
        self.offset = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def said(self):
        """What the last start has said so far."""
        with open(self.log) as log:
            log.seek(self.offset)
            return log.read()

    def end(self, code):
        found = self.process.wait(LIMIT)
        expect("sweep_slurm should have ended with %d, not %d:\n%s" % (code, found, self.said()), found == code)

    def run(self, code, *more):
        self.start(*more)
        self.end(code)

    def rows(self, shard):
        with contextlib.suppress(OSError):
            with open("%s/shards/%d/runs.csv" % (self.folder, shard), "rb") as file:
                return file.read().count(b"\n") - 1
        return 0

    def is_complete(self, shard):
        with contextlib.suppress(OSError, ValueError):
            with open("%s/shards/%d/manifest.json" % (self.folder, shard)) as file:
                return json.load(file)["state"]["complete"]
        return False

    def is_in_the_middle(self):
        """Whether some shard has rows, but not all."""
        return any(self.rows(k) > 0 and not self.is_complete(k) for k in range(1, SHARDS + 1))

    def stop_in_the_middle(self, wanted=""):
        """Stops the process of a shard (on that node) that has rows, but not all. Returns (shard, node, process)."""

        def stopped():
            expect("sweep_slurm ended too early: " + self.said(), self.process.poll() is None)
            for (_, shard), (state, node) in self.bench.cluster.queue().items():
                if state != "RUNNING" or wanted not in ("", node) or self.rows(int(shard)) == 0:
                    continue
                for pid in laxity_on(node):
                    kill(pid, signal.SIGSTOP)
                    if not self.is_complete(int(shard)):
                        return int(shard), node, pid
                    kill(pid, signal.SIGCONT)
            return None

        return wait_for("a shard in the middle of its work", stopped)

    def check_bytes(self):
        for name in COMPARED:
            with open(os.path.join(self.folder, name), "rb") as one, open(os.path.join(self.bench.whole, name), "rb") as two:
                expect("%s/%s differs from the unsharded sweep's" % (self.folder, name), one.read() == two.read())


class Bench:
    """The cluster, the study, and the sweep of it without shards."""

    def __init__(self, laxity, folder):
        self.laxity = laxity
        self.cluster = Cluster(os.path.join(folder, "cluster"))
        self.folder = folder
        self.study = os.path.join(folder, "study.json")
        self.whole = os.path.join(folder, "whole")
        with open(self.study, "w") as file:
            json.dump({"schema": "laxity.sweep/2", "workload": os.path.join(ROOT, "workloads/scenarios/quickstart.json"),
                       "set": {"/horizon": {"jobs": 60000, "warmup_jobs": 1000}},
                       "axes": {"load": [0.5, 1.0, 1.5], "rtdeepiot/delta": [0.05, 0.1]},
                       "policies": ["edf", "rtdeepiot"], "seeds": 8}, file)

    def prepare(self):
        done = subprocess.run([self.laxity, "sweep", self.study, "--out", self.whole], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, universal_newlines=True)
        expect("the unsharded sweep failed: " + done.stderr, done.returncode == 0)
        self.cluster.start()

    def sweep(self, name):
        return Sweep(self, os.path.join(self.folder, name))

    def fake_laxity(self, body):
        """An executable that does `body` with the arguments of laxity, whose path is $laxity."""
        path = os.path.join(self.folder, "fake laxity")
        with open(path, "w") as file:
            file.write("#!/bin/sh\nlaxity='%s'\n%s\n" % (self.laxity.replace("'", "'\\''"), body))
        os.chmod(path, 0o755)
        return path


# ---- scenarios -------------------------------------------------------------------------------------------------------


def nothing_goes_wrong(bench):
    sweep = bench.sweep("it's 100% \"a $HOME\" `id`\n#SBATCH --array=9\n; \\ name")
    sweep.run(0, "--nodes", "2", "--sbatch", "--comment='two words' --mem=0")
    sweep.check_bytes()
    sweep.run(0)
    expect("a merged sweep is said to be one: " + sweep.said(), "holds the merged sweep already" in sweep.said())


def task_is_killed(bench):
    sweep = bench.sweep("task")
    sweep.start()
    shard, node, process = sweep.stop_in_the_middle()
    kill(process)
    sweep.end(0)
    expect("the killed shard %d is submitted again: %s" % (shard, sweep.said()),
           "shard %d failed on %s: FAILED, exit code 137; once more (1 of 3)" % (shard, node) in sweep.said())
    sweep.check_bytes()


def node_is_killed(bench):
    sweep = bench.sweep("node")
    sweep.start()
    sweep.stop_in_the_middle("node2")
    bench.cluster.kill_node("node2")
    sweep.end(0)
    expect("the dead node's shard is submitted again: " + sweep.said(), "failed on node2: NODE_FAIL" in sweep.said())
    sweep.check_bytes()
    bench.cluster.start_node("node2")
    subprocess.check_call(["scontrol", "update", "NodeName=node2", "State=RESUME"])
    wait_for("node2 again", lambda: bench.cluster.state_of("node2") == "idle")


def node_is_lost_sight_of(bench):
    """Its daemon is gone, but its task writes on: no second one may write beside it."""
    sweep = bench.sweep("lost")
    sweep.start()
    _, _, process = sweep.stop_in_the_middle("node3")
    kill(bench.cluster.daemons["node3"].pid)
    subprocess.check_call(["scontrol", "update", "NodeName=node3", "State=DOWN", "Reason=lost"])
    wait_for("the wait for it", lambda: "has no task any more, but is still written by" in sweep.said())
    kill(process, signal.SIGCONT)
    sweep.end(0)
    sweep.check_bytes()


def watcher_is_killed(bench):
    sweep = bench.sweep("watcher")
    sweep.start()
    wait_for("a shard in the middle", sweep.is_in_the_middle)
    sweep.process.send_signal(signal.SIGINT)
    sweep.end(130)
    expect("Ctrl-C leaves the job: " + sweep.said(), bench.cluster.queue() and "--cancel" in sweep.said())
    sweep.start()
    wait_for("the job to be found", lambda: "attached to" in sweep.said())
    second = Sweep(bench, sweep.folder)
    second.log += ".second"
    second.run(2)
    expect("the second is refused: " + second.said(), "expected a folder that nobody watches" in second.said())
    kill(sweep.process.pid)
    sweep.end(-signal.SIGKILL)
    wait_for("the end of all tasks", lambda: not bench.cluster.queue())
    sweep.run(0)
    expect("nothing is run twice: " + sweep.said(), "submitted" not in sweep.said())
    sweep.check_bytes()


def shard_is_given_up(bench):
    sweep = bench.sweep("given-up")
    broken = bench.fake_laxity('case "$*" in *"--shard 2/"*) echo "it broke" >&2; exit 3 ;; esac\nexec "$laxity" "$@"')
    sweep.run(1, "--laxity", broken, "--retries", "1")
    for text in ("shard 2 failed 2 times without a new row, on node", "FAILED, exit code 3", "\n    it broke\n"):
        expect("it says %r: %s" % (text, sweep.said()), text in sweep.said())
    expect("nothing is merged", not os.path.exists(os.path.join(sweep.folder, "runs.csv")))
    sweep.run(0)
    sweep.check_bytes()


def job_is_cancelled(bench):
    sweep = bench.sweep("cancelled")
    sweep.start()
    wait_for("a shard in the middle", sweep.is_in_the_middle)
    other = Sweep(bench, sweep.folder)
    other.log += ".cancel"
    other.run(0, "--cancel")
    sweep.end(1)
    wait_for("an empty queue", lambda: not bench.cluster.queue())
    sweep.run(0)
    sweep.check_bytes()


def bad_input_is_refused(bench):
    sweep = bench.sweep("refused")

    def refused(text, *more):
        sweep.run(2, *more)
        lines = sweep.said().splitlines()
        expect("%r in %s" % (text, lines), any(text in line for line in lines) and len(lines) == 1)
        expect("nothing is left of what was refused", not os.path.exists(sweep.folder))

    refused("--shard after --", "--", "--shard=1/2")
    refused("nowhere", "--", "--axis", "nowhere=1,2")
    refused("sbatch refused", "--partition", "nowhere")
    refused("MaxArraySize", "--shards", "999999")
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts/sweep_slurm"), bench.study, "--out", sweep.folder],
                          stderr=subprocess.PIPE, universal_newlines=True, env={"PATH": "/nowhere"})
    expect("no Slurm is said in one line: " + done.stderr,
           done.returncode == 2 and "GNU parallel" in done.stderr and done.stderr.count("\n") == 1)


SCENARIOS = [nothing_goes_wrong, task_is_killed, watcher_is_killed, shard_is_given_up, job_is_cancelled,
             bad_input_is_refused, node_is_killed, node_is_lost_sight_of]


def show_logs(folder):
    for path in sorted(glob.glob(folder + "/*.log*") + glob.glob(folder + "/cluster/log/*.log")):
        with open(path, errors="replace") as file:
            print("----- the end of %s\n%s" % (path, "".join(file.readlines()[-30:])))


def main():
    missing = why_not()
    if missing:
        print("skipped: " + missing)
        return 77
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("ended by a signal"))
    signal.alarm(1200)  # before ctest, which would leave the daemons
    adopt_orphans()
    folder = tempfile.mkdtemp(prefix="laxity-slurm-")
    os.chmod(folder, 0o755)  # munged wants its socket to be reachable
    try:
        bench = Bench(os.path.realpath(sys.argv[1]), folder)
        bench.prepare()
        for scenario in SCENARIOS:
            begun = time.monotonic()
            scenario(bench)
            print("%-24s passed, %.1f s" % (scenario.__name__.replace("_", " "), time.monotonic() - begun), flush=True)
        return 0
    except Exception:
        traceback.print_exc()
        show_logs(folder)
        return 1
    finally:
        kill_descendants()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
