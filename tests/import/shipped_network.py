"""A shipped ONNX network as PyTorch modules, for scripts/export_scores.py: LAXITY_NETWORK is the file, LAXITY_LIMIT how
many of Fashion-MNIST's test images there are.

The export to ONNX folded each batch-norm into its convolution; here the convolution gets the folded weights and the
batch-norm's place is left empty.
"""
import os
import sys
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import train  # noqa: E402


def folded_layers(graph):
    """(weight, bias) of every convolution and linear layer in the order in which they run."""
    tensors = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    return [(tensors[node.input[1]], tensors[node.input[2]]) for node in graph.node if node.op_type in ("Conv", "Gemm")]


def layers_as_they_run(network):
    """Lists of one module each (Sequential), with the place of the layer in it; a stage's segment before its head."""
    for segment, head in zip(network.segments, network.heads):
        for part in (segment, head):
            for holder in [each for each in part.modules() if isinstance(each, nn.Sequential)]:
                for place, layer in enumerate(holder):
                    if isinstance(layer, (nn.Conv2d, nn.Linear)):
                        yield holder, place


def take_over(network, layers):
    places = list(layers_as_they_run(network))
    assert len(places) == len(layers)
    for (holder, place), (weight, bias) in zip(places, layers):
        assert holder[place].weight.shape == weight.shape
        holder[place].weight = nn.Parameter(weight)
        holder[place].bias = nn.Parameter(bias)
        if place + 1 < len(holder) and isinstance(holder[place + 1], nn.BatchNorm2d):
            holder[place + 1] = nn.Identity()


def stages():
    network = train.EarlyExitNetwork(train.ARCHITECTURES["fashion-ee"], 1, None)
    take_over(network, folded_layers(onnx.load(os.environ["LAXITY_NETWORK"]).graph))
    return list(zip(network.segments, network.heads))


def loader():
    split = train.load_split("fashion-mnist", None, "test")
    limit = int(os.environ["LAXITY_LIMIT"])
    for images, labels in zip(split.images[:limit].split(100), split.labels[:limit].split(100)):
        yield images.float() / 255, labels
