#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train an early-exit network and export it for Laxity.

The networks are in lib/laxity_networks. All exits are trained jointly on the weighted sum of their losses. The program
writes to the folder given by --out

  NAME.onnx             input "input" (1 image, CHW, pixel / 255), outputs "exit0", "exit1", ... (logits)
  NAME.reference.json   what PyTorch computes: logits of the first 64 test images, and the class that every exit predicts
                        for every test image

where NAME is the network, followed by -wWWW for a scaled width and by -dD for a reduced depth.
"""
import argparse
import gzip
import inspect
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from laxity_networks import ARCHITECTURES, stage_costs  # noqa: E402

REFERENCE_IMAGES = 64
EVALUATION_BATCH = 250
RECIPE = "network width depth epochs batch_size lr weight_decay label_smoothing seed precision".split()

EXAMPLES = """examples:
  train.py --network fashion-ee --epochs 12 --out workloads/models
  train.py --network fashion-ee --width 0.5 --epochs 10 --precision bf16
  train.py --network cifar-ee --epochs 30 --data cifar-10-batches-bin
  train.py --network cifar-vit --epochs 30 --lr 0.001 --weight-decay 0.05 --data cifar-10-batches-bin
  train.py --resume build/train/cifar-ee.checkpoint.pt --data cifar-10-batches-bin
  train.py --export-only build/train/fashion-ee.checkpoint.pt --out workloads/models
"""


# ---------------------------------------------------------------------------------------------------------------------
# Networks


def build(options):
    return ARCHITECTURES[options.network].build(options.width, options.depth)


def network_name(options):
    width = "" if options.width == 1 else f"-w{round(options.width * 100):03d}"
    depth = f"-d{options.depth}" if options.depth else ""
    return options.network + width + depth


def describe(name, network, shape):
    costs = [cost / 1e6 for cost in stage_costs(network, shape)]
    parameters = sum(p.numel() for p in network.parameters())
    stages = " ".join(f"{cost:.2f}" for cost in costs)
    print(f"{name}: {len(costs)} stages of {stages} MMAC, {sum(costs):.2f} in all; {parameters} parameters", flush=True)


# ---------------------------------------------------------------------------------------------------------------------
# Data


class DataError(Exception):
    """The data set is not where it should be, or is not what it should be."""


@dataclass
class Split:
    images: torch.Tensor  # uint8, N x C x H x W
    labels: torch.Tensor  # int64, N

    def to(self, device):
        return Split(self.images.to(device), self.labels.to(device))


def read_bytes(path):
    """The content of a file as a writable uint8 tensor; a file called PATH.gz will do as well."""
    if path.exists():
        content = path.read_bytes()
    else:
        content = gzip.decompress(Path(f"{path}.gz").read_bytes())
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def load_fashion_mnist(folder, split):
    prefix = "train" if split == "train" else "t10k"
    images = read_bytes(folder / f"{prefix}-images-idx3-ubyte")[16:].reshape(-1, 1, 28, 28)
    labels = read_bytes(folder / f"{prefix}-labels-idx1-ubyte")[8:]
    return Split(images, labels.long())


def load_cifar10(folder, split):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if split == "train" else ["test_batch.bin"]
    records = torch.cat([read_bytes(folder / name) for name in names]).reshape(-1, 3073)
    return Split(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].long())


@dataclass(frozen=True)
class DataSet:
    load: object
    default_folder: str
    sample: str  # name of the sample that --sample-only writes
    shift: int  # largest random shift in training, in pixels
    hint: str


DATASETS = {
    "fashion-mnist": DataSet(
        load=load_fashion_mnist,
        default_folder="/usr/share/datasets/fashion-mnist",
        sample="fashion-64",
        shift=2,
        hint="Install Debian's package dataset-fashion-mnist, or put the four files *-ubyte or *-ubyte.gz of "
        "https://github.com/zalandoresearch/fashion-mnist into one folder and name it with --data.",
    ),
    "cifar10": DataSet(
        load=load_cifar10,
        default_folder="cifar-10-batches-bin",
        sample="cifar10-64",
        shift=4,
        hint="Unpack cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html and name the folder of its "
        "data_batch_1.bin ... data_batch_5.bin and test_batch.bin with --data.",
    ),
}


def load_split(dataset, folder, split):
    folder = Path(folder or DATASETS[dataset].default_folder)
    try:
        return DATASETS[dataset].load(folder, split)
    except (OSError, RuntimeError, EOFError) as error:
        raise DataError(f"cannot read {dataset} from {folder}: {error}\n{DATASETS[dataset].hint}") from error


def shifted_windows(images, shift):
    """A view of all shifts of all images: N x C x DY x DX x H x W, without copying a pixel per shift."""
    height, width = images.shape[2:]
    padded = functional.pad(images, (shift, shift, shift, shift))
    return padded.unfold(2, height, 1).unfold(3, width, 1)


def augmented_batches(split, shift, batch_size):
    """Batches of one epoch in random order, each image shifted and mirrored at random."""
    windows = shifted_windows(split.images, shift)
    device = split.images.device
    order = torch.randperm(len(split.labels), device=device)
    for chosen in order.split(batch_size):
        if len(chosen) < batch_size:
            return
        down, right = torch.randint(0, 2 * shift + 1, (2, batch_size), device=device)
        images = windows[chosen, :, down, right]
        mirrored = torch.rand(batch_size, 1, 1, 1, device=device) < 0.5
        yield network_input(torch.where(mirrored, images.flip(3), images)), split.labels[chosen]


def network_input(images):
    return (images.float() / 255).contiguous(memory_format=torch.channels_last)


# ---------------------------------------------------------------------------------------------------------------------
# Training


def exit_weights(exits):
    """Weights of the exits' losses, growing towards the last exit, which has weight 1."""
    return [(i + 1) / exits for i in range(exits)]


def joint_loss(logits, labels, label_smoothing):
    losses = [functional.cross_entropy(one.float(), labels, label_smoothing=label_smoothing) for one in logits]
    return sum(weight * loss for weight, loss in zip(exit_weights(len(losses)), losses))


def evaluate(network, images):
    """Logits of all exits for all images: exits x N x classes, in fp32."""
    network.eval()
    with torch.no_grad():
        batches = [torch.stack(network(network_input(batch))) for batch in images.split(EVALUATION_BATCH)]
    return torch.cat(batches, dim=1)


def accuracies(predictions, labels):
    return (predictions == labels).double().mean(dim=1).tolist()


def optimizer_of(network, options):
    """Convolutions learn well by momentum, attention by Adam with decoupled decay."""
    recipe = {"lr": options.lr, "weight_decay": options.weight_decay}
    if ARCHITECTURES[options.network].optimizer == "adamw":
        return torch.optim.AdamW(network.parameters(), **recipe)
    return torch.optim.SGD(network.parameters(), momentum=0.9, nesterov=True, **recipe)


class Training:
    """Everything that a checkpoint has to hold in order to go on where it stopped."""

    def __init__(self, options, device):
        torch.manual_seed(options.seed)
        self.options = options
        self.device = device
        self.network = build(options)
        self.network.to(device, memory_format=torch.channels_last)
        self.optimizer = optimizer_of(self.network, options)
        self.scheduler = None
        self.epoch = 0
        self.seconds = 0.0

    def schedule(self, steps_per_epoch):
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, self.options.lr, total_steps=self.options.epochs * steps_per_epoch, pct_start=0.25
        )

    def run_epoch(self, split, shift):
        started = time.monotonic()
        self.network.train()
        for images, labels in augmented_batches(split, shift, self.options.batch_size):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
                logits = self.network(images)
            loss = joint_loss(logits, labels, self.options.label_smoothing)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()
        self.epoch += 1
        self.seconds += time.monotonic() - started
        return loss.item()

    def save(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        state = {
            "recipe": {name: getattr(self.options, name) for name in RECIPE},
            "epoch": self.epoch,
            "seconds": self.seconds,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, partial)
        partial.replace(path)

    def restore(self, state, steps_per_epoch):
        self.network.load_state_dict(state["network"])
        self.epoch = state["epoch"]
        self.schedule(steps_per_epoch)
        self.scheduler.last_epoch = self.epoch * steps_per_epoch
        self.optimizer.load_state_dict(state["optimizer"])
        self.seconds = state["seconds"]
        torch.set_rng_state(state["random"])


def report_epoch(training, loss, accuracy):
    left = training.seconds / training.epoch * (training.options.epochs - training.epoch)
    exits = " ".join(f"{100 * a:.2f}" for a in accuracy)
    print(
        f"epoch {training.epoch}/{training.options.epochs}: loss {loss:.3f}, test accuracy of the exits {exits} %, "
        f"{training.seconds:.0f} s, {left:.0f} s left",
        flush=True,
    )


def train(training, data, checkpoint):
    """Run the epochs still missing, leaving a checkpoint after each.

    The test images only show how training goes: nothing is chosen by them, and the weights exported are the last ones.
    """
    dataset = DATASETS[ARCHITECTURES[training.options.network].dataset]
    steps_per_epoch = len(data["train"].labels) // training.options.batch_size
    if training.scheduler is None and training.options.epochs > 0:
        training.schedule(steps_per_epoch)
    while training.epoch < training.options.epochs:
        loss = training.run_epoch(data["train"], dataset.shift)
        predictions = evaluate(training.network, data["test"].images).argmax(dim=2)
        report_epoch(training, loss, accuracies(predictions, data["test"].labels))
        training.save(checkpoint)


# ---------------------------------------------------------------------------------------------------------------------
# Export


def write_json(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(f"wrote {path}")


def export_onnx(network, shape, opset, path):
    """Write the network for one image; the exporter folds batch normalisations into the convolutions."""
    # Newer releases of PyTorch have two exporters; the one by tracing is in all of them.
    by_tracing = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        network.eval(),
        torch.zeros(1, *shape),
        str(path),
        input_names=["input"],
        output_names=[f"exit{i}" for i in range(len(network.heads))],
        opset_version=opset,
        **by_tracing,
    )
    print(f"wrote {path}")


def rounded(logits):
    """The logits as nested lists of numbers with 7 significant digits."""
    return [[[float(f"{value:.7g}") for value in image] for image in of_exit] for of_exit in logits.tolist()]


def reference(name, dataset, network, test):
    logits = evaluate(network, test.images)
    predictions = logits.argmax(dim=2)
    if not torch.isfinite(logits).all():
        raise ValueError(f"{name} gives logits that are not finite: the training diverged")
    return {
        "schema": "laxity.reference/1",
        "network": name,
        "dataset": dataset,
        "split": "test",
        "exits": logits.shape[0],
        "classes": logits.shape[2],
        "images": REFERENCE_IMAGES,
        "logits": rounded(logits[:, :REFERENCE_IMAGES]),
        "predictions": predictions.tolist(),
        "accuracy": [round(a, 6) for a in accuracies(predictions, test.labels)],
    }


def export(training, test, folder):
    folder.mkdir(parents=True, exist_ok=True)
    name = network_name(training.options)
    network = training.network.to("cpu", memory_format=torch.contiguous_format)
    architecture = ARCHITECTURES[training.options.network]
    export_onnx(network, tuple(test.images.shape[1:]), architecture.opset, folder / f"{name}.onnx")
    dataset = architecture.dataset
    write_json(folder / f"{name}.reference.json", reference(name, dataset, network, test.to("cpu")))


def write_sample(dataset, test, folder):
    """Write the first test images and their labels as a small data set of Laxity's own format."""
    folder.mkdir(parents=True, exist_ok=True)
    name = DATASETS[dataset].sample
    images, labels = test.images[:REFERENCE_IMAGES], test.labels[:REFERENCE_IMAGES].to(torch.uint8)
    (folder / f"{name}.images.bin").write_bytes(images.numpy().tobytes())
    (folder / f"{name}.labels.bin").write_bytes(labels.numpy().tobytes())
    descriptor = {
        "schema": "laxity.dataset/1",
        "name": name,
        "split": "test",
        "shape": list(images.shape[1:]),
        "classes": 10,
        "type": "uint8",
        "images": f"{name}.images.bin",
        "labels": f"{name}.labels.bin",
    }
    write_json(folder / f"{name}.json", descriptor)


# ---------------------------------------------------------------------------------------------------------------------
# Command line


def positive(text):
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    architecture = parser.add_argument_group("network")
    architecture.add_argument("--network", choices=sorted(ARCHITECTURES), default="fashion-ee", help="(%(default)s)")
    architecture.add_argument("--width", type=positive, default=1.0, help="factor on all channel counts (1)")
    architecture.add_argument("--depth", type=int, help="number of stages (all)")
    recipe = parser.add_argument_group("recipe")
    recipe.add_argument("--epochs", type=int, default=12, help="(%(default)s); 0 exports random weights")
    recipe.add_argument("--batch-size", type=int, default=128, help="(%(default)s)")
    recipe.add_argument("--lr", type=positive, default=0.1, help="largest learning rate of the cycle (%(default)s)")
    recipe.add_argument("--weight-decay", type=float, default=5e-4, help="(%(default)s)")
    recipe.add_argument("--label-smoothing", type=float, default=0.05, help="(%(default)s)")
    recipe.add_argument("--seed", type=int, default=1, help="(%(default)s)")
    recipe.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="of the forward and backward passes in training (%(default)s); weights and tests are always fp32",
    )
    files = parser.add_argument_group("files and machine")
    files.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the data set (of Fashion-MNIST: where Debian's package puts it; of CIFAR-10: "
        "cifar-10-batches-bin)",
    )
    files.add_argument("--out", metavar="DIR", type=Path, default=Path("workloads/models"), help="(%(default)s)")
    files.add_argument("--checkpoints", metavar="DIR", type=Path, default=Path("build/train"), help="(%(default)s)")
    files.add_argument("--threads", type=int, help="CPU threads (PyTorch's choice)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--resume", metavar="CHECKPOINT", help="go on with the training that left this checkpoint")
    instead.add_argument("--export-only", metavar="CHECKPOINT", help="export what a checkpoint holds, without training")
    instead.add_argument("--sample-only", action="store_true", help="write only the first 64 test images of the data")
    return parser.parse_args()


def options_of_checkpoint(arguments, state):
    """The network and the recipe come from the checkpoint, files and machine from the command line."""
    return argparse.Namespace(**{**vars(arguments), **state["recipe"]})


def main():
    options = parse_arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    checkpoint_read = options.resume or options.export_only
    state = torch.load(checkpoint_read, map_location="cpu") if checkpoint_read else None
    if state:
        options = options_of_checkpoint(options, state)
    dataset = ARCHITECTURES[options.network].dataset
    if options.sample_only:
        write_sample(dataset, load_split(dataset, options.data, "test"), options.out)
        return

    data = {split: load_split(dataset, options.data, split).to(device) for split in ("train", "test")}
    training = Training(options, device)
    describe(network_name(options), training.network, tuple(data["test"].images.shape[1:]))
    if state:
        training.restore(state, len(data["train"].labels) // options.batch_size)
    if not options.export_only:
        train(training, data, options.checkpoints / f"{network_name(options)}.checkpoint.pt")
    export(training, data["test"], options.out)


if __name__ == "__main__":
    try:
        main()
    except (DataError, ValueError, OSError) as error:
        sys.exit(f"train.py: {error}")
