# SPDX-License-Identifier: Apache-2.0
"""What the rows of ARCHITECTURES consist of, and what the families share."""
from dataclasses import dataclass
from typing import Callable

from torch import nn

CHANNEL_MULTIPLE = 16
CLASSES = 10


@dataclass(frozen=True)
class Architecture:
    dataset: str
    build: Callable  # (width, depth) -> module; depth None: all stages
    optimizer: str = "sgd"
    opset: int = 13


def scaled(channels, width):
    """The channel count at a width factor: the nearest multiple of 16, and 16 at least."""
    return max(1, round(channels * width / CHANNEL_MULTIPLE)) * CHANNEL_MULTIPLE


def convolution(inputs, outputs, stride=1, kernel=3):
    """A convolution and its batch normalisation, which the export folds into one operator."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs)
    )


def initialise_convolutions(network):
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
