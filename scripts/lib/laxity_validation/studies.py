"""The studies: which networks, arrivals and policies are run on the device, and the commands that do it.

A study is a folder: trace.json, which is measured just before, study.json, which says how it was made, and what `laxity validate`
writes. One that is complete is not run again.
"""

import json
import shutil
from dataclasses import dataclass

from laxity_figures.facts import ROOT
from laxity_figures.problem import Failure, Problem

POLICIES = ("toll", "rtdeepiot", "lcf", "edf", "zygarde", "rtmdl", "dnnsam", "density")
FEWER = ("toll", "rtdeepiot", "lcf", "edf")
LOAD, CLIENTS = "/tasks/0/arrival/load", "/tasks/0/arrival/clients"
SCENARIOS = "workloads/scenarios"


@dataclass(frozen=True)
class Study:
    """Cells are `values` of `axis` times `policies`. `arrivals` is the word for readers."""

    name: str
    network: str
    arrivals: str
    workload: str
    axis: str
    values: tuple
    policies: tuple

    @property
    def cells(self):
        return len(self.values) * len(self.policies)


STUDIES = (
    Study("fashion-ee-poisson", "fashion-ee", "poisson", f"{SCENARIOS}/quickstart.json", LOAD, (0.4, 0.8, 1.2, 1.6), POLICIES),
    Study("cifar-ee-poisson", "cifar-ee", "poisson", f"{SCENARIOS}/quickstart.json", LOAD, (0.4, 0.8, 1.2, 1.6), POLICIES),
    Study("fashion-ee-bursts", "fashion-ee", "bursts", f"{SCENARIOS}/bursty.json", LOAD, (0.5, 1.2), FEWER),
    Study("fashion-ee-clients", "fashion-ee", "clients", f"{SCENARIOS}/clients.json", CLIENTS, (2, 10), FEWER),
)
QUICK = (Study("quick-poisson", "fashion-ee-w025", "poisson", f"{SCENARIOS}/quickstart.json", LOAD, (0.4, 1.2), ("edf", "lcf")),)


@dataclass(frozen=True)
class Protocol:
    """Of every live run; seconds."""

    seconds: float = 8
    repetitions: int = 5
    attempts: int = 3  # live runs of a repetition, the first included: disturbed ones are repeated
    window_seconds: float = 1
    profile_rows: int = 5000
    schedule_seconds: float = 10
    limit: int = 0  # of the data set; 0 = all

    def duration(self, study):
        """Seconds that a study takes, if no run has to be repeated: windows, simulations and decision costs are a guess."""
        return 60 + study.cells * self.repetitions * (self.seconds + self.window_seconds + 0.15 * self.seconds)


QUICK_PROTOCOL = Protocol(0.5, 2, 1, 0.3, 200, 0.5, 0)


def data_of(network, cifar10, fashion):
    """The data set of a network, as for `laxity profile`."""
    if not network.startswith("cifar"):
        return fashion or "fashion-mnist"
    if not cifar10:
        raise Problem(f"--cifar10: expected the folder of CIFAR-10's test_batch.bin, which {network} is run on, found none; "
                      "name it, or leave its study out with --only")
    return f"cifar10:{cifar10}"


def settings(study, folder, seconds):
    """How validate, and any simulation beside it, change the scenario."""
    return {"/tasks/0/variants/0/trace": str(folder / "trace.json"), "/horizon": {"seconds": seconds}}


def profile_command(study, folder, protocol, device, data):
    return ["profile", "--model", ROOT / f"workloads/models/{study.network}.onnx", "--data", data, "--device", device,
            "--runs", str(protocol.profile_rows), "--schedule-seconds", f"{protocol.schedule_seconds:g}", "--limit", str(protocol.limit),
            "-o", folder / "trace.json", "--replace"]


def validate_command(study, folder, protocol, device, data):
    policies = [word for policy in study.policies for word in ("--policy", policy)]
    return ["validate", "--workload", ROOT / study.workload, "--set", f"/tasks/0/variants/0/trace={json.dumps(str(folder / 'trace.json'))}",
            *policies, "--axis", f"{study.axis}={','.join(f'{value:g}' for value in study.values)}", "--seconds", f"{protocol.seconds:g}",
            "--repetitions", str(protocol.repetitions), "--attempts", str(protocol.attempts),
            "--window-seconds", f"{protocol.window_seconds:g}", "--device", device, "--data", data,
            "--model", f"{study.network}={ROOT}/workloads/models/{study.network}.onnx", "--anyway", "--explain",
            "--records", "first", "--out", folder / "runs", "--replace"]


def description_of(study, protocol):
    """study.json: all that the files are made from later, and by which a study is known to be the one asked for."""
    return {"schema": "laxity.validation-study/1", "name": study.name, "network": study.network, "arrivals": study.arrivals,
            "workload": study.workload, "axis": study.axis, "values": list(study.values), "policies": list(study.policies),
            "seconds": protocol.seconds, "repetitions": protocol.repetitions, "attempts": protocol.attempts, "window_seconds": protocol.window_seconds}


def is_complete(folder, study, protocol):
    """Whether the study is there as it would be made now. What was stopped, or made otherwise, is not."""
    try:
        found = json.loads((folder / "study.json").read_text())
    except (OSError, ValueError):
        return False
    return found == description_of(study, protocol) and (folder / "runs/validation.csv").exists()


def run_study(study, folder, protocol, device, data, run):
    """Measures the trace, then validates. `run` takes a command's words and returns its exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").unlink(missing_ok=True)
    for command in (profile_command, validate_command):
        words = command(study, folder, protocol, device, data)
        code = run(words)
        if code == 130:
            raise KeyboardInterrupt
        if code != 0:
            raise Failure(f"{study.name}: exit code {code} of laxity {' '.join(map(str, words))}")
    (folder / "study.json").write_text(json.dumps(description_of(study, protocol), indent=1) + "\n")


def remove_old(folder):
    """What --replace of the commands moved aside within a study that is run again."""
    for old in folder.glob("*.old*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
