# SPDX-License-Identifier: Apache-2.0
"""A multi-scale dense network in the manner of MSDNet (Huang et al., ICLR 2018).

Features are kept at several resolutions from the first layer on, each layer adds a few to all of them, and exits read the
coarsest, so that even the first sees a large part of the image. Up to three tensors cross from a stage to the next. As in the
paper the finest scale is dropped on the way, and a 1x1 convolution then halves what is left. Smaller than the paper's networks:
widths are chosen for 40 million multiply-accumulates.
"""
import torch
from torch import nn

from .architecture import CLASSES, convolution, initialise_convolutions, scaled

FIRST_CHANNELS = (16, 32, 64)  # by scale, from fine to coarse
GROWTH = (16, 32, 32)  # channels that a layer adds
STAGE_LAYERS = (1, 1, 1, 2, 2, 3)
DROPPED_AFTER = (1, 3)  # stages after which the finest scale is dropped


def activated(inputs, outputs, stride=1, kernel=3):
    return nn.Sequential(convolution(inputs, outputs, stride, kernel), nn.ReLU())


class Growth(nn.Module):
    """New features of one scale: from its own features, and from those of the next finer scale if there is one."""

    def __init__(self, own, finer, growth):
        super().__init__()
        part = growth // 2 if finer else growth
        self.own = nn.Sequential(activated(own, part, kernel=1), activated(part, part))
        self.finer = nn.Sequential(activated(finer, part, kernel=1), activated(part, part, stride=2)) if finer else None

    def forward(self, own, finer):
        return [own, self.own(own)] + ([self.finer(finer)] if self.finer is not None else [])


class Layer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        finer = [None] + channels[:-1]
        self.scales = nn.ModuleList(Growth(*parts) for parts in zip(channels, finer, growth))

    def forward(self, features):
        finer = [None] + features[:-1]
        return [torch.cat(scale(own, fine), dim=1) for scale, own, fine in zip(self.scales, features, finer)]


class Segment(nn.Module):
    """The layers of one stage, and the drop of the finest scale after it."""

    def __init__(self, channels, growth, layers, drops):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(layers):
            self.layers.append(Layer(channels, growth))
            channels = [own + new for own, new in zip(channels, growth)]
        self.transitions = None
        if drops:
            halves = [max(16, own // 32 * 16) for own in channels[1:]]
            self.transitions = nn.ModuleList(activated(*pair, kernel=1) for pair in zip(channels[1:], halves))
            channels = halves
        self.channels = channels

    def forward(self, features):
        for layer in self.layers:
            features = layer(features)
        if self.transitions is None:
            return features
        return [transition(own) for transition, own in zip(self.transitions, features[1:])]


def exit_head(channels, hidden):
    return nn.Sequential(
        activated(channels, hidden, stride=2),
        activated(hidden, hidden, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(hidden, CLASSES),
    )


class MultiScaleDenseNetwork(nn.Module):
    def __init__(self, input_channels, width, depth):
        super().__init__()
        channels = [scaled(own, width) for own in FIRST_CHANNELS]
        growth = [scaled(own, width) for own in GROWTH]
        if depth and not 1 <= depth <= len(STAGE_LAYERS):
            raise ValueError(f"depth {depth}: the network has 1 to {len(STAGE_LAYERS)} stages")
        self.stem = nn.ModuleList([activated(input_channels, channels[0])])
        self.stem.extend(activated(*pair, stride=2) for pair in zip(channels, channels[1:]))
        self.segments, self.heads = nn.ModuleList(), nn.ModuleList()
        for stage, layers in enumerate(STAGE_LAYERS[:depth]):
            segment = Segment(channels, growth, layers, stage in DROPPED_AFTER)
            channels, growth = segment.channels, growth[-len(segment.channels) :]
            self.segments.append(segment)
            self.heads.append(exit_head(channels[-1], scaled(64, width)))
        initialise_convolutions(self)

    def forward(self, image):
        features, logits = [], []
        for scale in self.stem:
            features.append(scale(features[-1] if features else image))
        for segment, head in zip(self.segments, self.heads):
            features = segment(features)
            logits.append(head(features[-1]))
        return tuple(logits)


def cifar(width, depth):
    return MultiScaleDenseNetwork(3, width, depth)
