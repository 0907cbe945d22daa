#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Export what a PyTorch network with several exits says and takes, for `laxity import`.

MODEL.py is a file of yours with two functions:

  stages()   [(segment, head), ...] from the shallowest to the deepest, modules or plain functions: each stage computes
             carried = segment(carried), which begins with the input, and its exit's scores = head(carried), before any
             softmax
  loader()   yields (inputs, labels) in a fixed order, no shuffling: a torch DataLoader of the test set, say

The program writes to the folder given by --out

  exits.npz    scores: float32 [samples][exits][classes]
  labels.npy   int64 [samples]
  stages.csv   a row for each timed pass, a column for each stage, in ns; one input at a time, as a scheduler runs them

export() below is all there is to it: copy it where this program does not fit.
"""
import argparse
import importlib.util
import sys
import time
from pathlib import Path

import numpy
import torch


def export(stages, batches, folder, passes=1000, warmup=50, device="cpu"):
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    scores, labels, times, inputs = [], [], [], None
    with torch.inference_mode():
        for batch, truth in batches:
            carried, exits = batch.to(device), []
            inputs = carried if inputs is None else inputs
            for segment, head in stages:
                carried = segment(carried)
                exits.append(head(carried).float().cpu())
            scores.append(torch.stack(exits, dim=1))
            labels.append(torch.as_tensor(truth))
        for row in range(warmup + passes):
            carried, took = inputs[row % len(inputs)][None], []
            for segment, head in stages:
                wait()
                start = time.perf_counter_ns()
                carried = segment(carried)
                head(carried)
                wait()
                took.append(time.perf_counter_ns() - start)
            times.append(took)
    numpy.savez(folder / "exits.npz", scores=torch.cat(scores).numpy())
    numpy.save(folder / "labels.npy", torch.cat(labels).numpy().astype(numpy.int64))
    names = ",".join(f"stage{k}_ns" for k in range(len(stages)))
    numpy.savetxt(folder / "stages.csv", times[warmup:], fmt="%d", delimiter=",", header=names, comments="")


def load_model(path):
    spec = importlib.util.spec_from_file_location("model", path)
    if not path.is_file() or spec is None:
        sys.exit(f"export_scores.py: {path}: expected a Python file with stages() and loader(), found none")
    model = importlib.util.module_from_spec(spec)
    sys.modules["model"] = model
    spec.loader.exec_module(model)
    for name in ("stages", "loader"):
        if not callable(getattr(model, name, None)):
            sys.exit(f"export_scores.py: {path}: expected a function {name}(), found none; see --help")
    return model


def for_inference(part, device):
    return part.to(device).eval() if isinstance(part, torch.nn.Module) else part


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL.py")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="made if it is not there")
    parser.add_argument("--passes", type=int, default=1000, help="timed passes (default %(default)s)")
    parser.add_argument("--warmup", type=int, default=50, help="passes before the first timed one (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 ... (default %(default)s)")
    chosen = parser.parse_args()
    if chosen.passes < 1 or chosen.warmup < 0:
        parser.error("--passes: 1 or more, --warmup: 0 or more")
    return chosen


def main():
    chosen = options()
    for name in ("exits.npz", "labels.npy", "stages.csv"):
        if (chosen.out / name).exists():
            sys.exit(f"export_scores.py: {chosen.out / name}: is there already; name another folder with --out")
    model = load_model(chosen.model)
    stages = [tuple(for_inference(part, chosen.device) for part in pair) for pair in model.stages()]
    chosen.out.mkdir(parents=True, exist_ok=True)
    export(stages, model.loader(), chosen.out, chosen.passes, chosen.warmup, chosen.device)
    kind, out = "cuda" if chosen.device.startswith("cuda") else "cpu", chosen.out
    print(f"wrote exits.npz, labels.npy and stages.csv to {out}; next:")
    print(f"  laxity import --latency {out}/stages.csv --scores {out}/exits.npz --labels {out}/labels.npy"
          f" --device-kind {kind} --device-name NAME --backend 'PyTorch {torch.__version__}' -o TRACE.json")


if __name__ == "__main__":
    main()
