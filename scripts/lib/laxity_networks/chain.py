# SPDX-License-Identifier: Apache-2.0
"""Residual networks as a chain of stages, with exactly one tensor from each to the next."""
from dataclasses import dataclass

from torch import nn
from torch.nn import functional

from .architecture import CLASSES, convolution, initialise_convolutions, scaled

STEM_GRID = 2  # the stem's few features say more with their place in the image


@dataclass(frozen=True)
class Convolution:
    """A 3x3 convolution of the stem, with an optional 2x2 max pooling after it."""

    channels: int
    stride: int = 1
    pool: bool = False


@dataclass(frozen=True)
class Residual:
    """A residual block of two 3x3 convolutions; it is the whole backbone segment of one stage."""

    channels: int
    stride: int = 1


def shallower(blocks, depth):
    """The blocks of a network cut down to `depth` stages.

    The last blocks that repeat the shape of the block before them go first; what changes the shape stays.
    """
    kept = list(blocks)
    while len(kept) + 1 > depth:
        repeats = [i for i in range(1, len(kept)) if kept[i] == Residual(kept[i - 1].channels)]
        if not repeats:
            raise ValueError(f"depth {depth} is too small: at least {len(kept) + 1} stages are needed")
        del kept[repeats[-1]]
    if len(kept) + 1 < depth:
        raise ValueError(f"depth {depth} is too large: the network has {len(kept) + 1} stages")
    return kept


def exit_head(channels, grid=1):
    """Logits from the mean of each channel over every cell of a grid x grid division of the image."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(grid), nn.Flatten(), nn.Linear(channels * grid**2, CLASSES))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = convolution(inputs, outputs, stride)
        self.second = convolution(outputs, outputs)
        keeps_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if keeps_shape else convolution(inputs, outputs, stride, kernel=1)

    def forward(self, carried):
        update = self.second(functional.relu(self.first(carried)))
        return functional.relu(self.shortcut(carried) + update)


class ResidualChain(nn.Module):
    """Stage 0 is the stem, and every residual block is one further stage."""

    def __init__(self, channels, stem, blocks, width, depth):
        super().__init__()
        layers = []
        for part in stem:
            outputs = scaled(part.channels, width)
            layers += [convolution(channels, outputs, part.stride), nn.ReLU()]
            layers += [nn.MaxPool2d(2)] if part.pool else []
            channels = outputs
        segments, heads = [nn.Sequential(*layers)], [exit_head(channels, STEM_GRID)]
        for block in shallower(blocks, depth) if depth else blocks:
            outputs = scaled(block.channels, width)
            segments.append(ResidualBlock(channels, outputs, block.stride))
            heads.append(exit_head(outputs))
            channels = outputs
        self.segments = nn.ModuleList(segments)
        self.heads = nn.ModuleList(heads)
        initialise_convolutions(self)

    def forward(self, image):
        carried, logits = image, []
        for segment, head in zip(self.segments, self.heads):
            carried = segment(carried)
            logits.append(head(carried))
        return tuple(logits)


def fashion(width, depth):
    blocks = (Residual(64), Residual(64), Residual(128, stride=2), Residual(128), Residual(128))
    return ResidualChain(1, (Convolution(16, stride=2),), blocks, width, depth)


def cifar(width, depth):
    stem = (Convolution(16), Convolution(32, pool=True))
    blocks = (Residual(48), Residual(80, stride=2), Residual(80), Residual(160, stride=2), Residual(160))
    return ResidualChain(3, stem, blocks, width, depth)
