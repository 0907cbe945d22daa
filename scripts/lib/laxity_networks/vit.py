# SPDX-License-Identifier: Apache-2.0
"""A vision transformer (Dosovitskiy et al., ICLR 2021) with an exit after every block.

Patches come from two strided convolutions, which small data sets need (Xiao et al., NeurIPS 2021); exits average the tokens.
"""
import math

import torch
from torch import nn
from torch.nn import functional

from .architecture import CLASSES, convolution, initialise_convolutions, scaled

FEATURES = 96
BLOCKS = 6
HEAD_FEATURES = 32
EXPANSION = 2


class Attention(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.heads = features // HEAD_FEATURES
        self.joint = nn.Linear(features, 3 * features)
        self.out = nn.Linear(features, features)

    def own_macs(self, tokens):
        return 2 * tokens.shape[1] ** 2 * tokens.shape[2]

    def forward(self, tokens):
        batch, count, features = tokens.shape
        parts = self.joint(tokens).reshape(batch, count, 3, self.heads, HEAD_FEATURES).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        weights = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(HEAD_FEATURES), dim=3)
        return self.out((weights @ value).transpose(1, 2).reshape(batch, count, features))


class Block(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(features), nn.LayerNorm(features)
        self.attention = Attention(features)
        self.expand = nn.Linear(features, EXPANSION * features)
        self.contract = nn.Linear(EXPANSION * features, features)

    def forward(self, tokens):
        tokens = tokens + self.attention(self.first_norm(tokens))
        return tokens + self.contract(functional.gelu(self.expand(self.second_norm(tokens))))


class ExitHead(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.scores = nn.Linear(features, CLASSES)

    def forward(self, tokens):
        return self.scores(self.norm(tokens).mean(dim=1))


class VisionTransformer(nn.Module):
    def __init__(self, input_channels, grid, width, depth):
        super().__init__()
        features = max(1, round(FEATURES * width / HEAD_FEATURES)) * HEAD_FEATURES
        stem = scaled(FEATURES / 2, width)
        self.patches = nn.Sequential(
            convolution(input_channels, stem, stride=2), nn.ReLU(), nn.Conv2d(stem, features, 3, stride=2, padding=1)
        )
        self.positions = nn.Parameter(torch.zeros(1, grid**2, features))
        nn.init.normal_(self.positions, std=0.02)
        self.blocks = nn.ModuleList(Block(features) for _ in range(depth or BLOCKS))
        self.heads = nn.ModuleList(ExitHead(features) for _ in range(depth or BLOCKS))
        initialise_convolutions(self)

    def forward(self, image):
        tokens, logits = self.patches(image).flatten(2).transpose(1, 2) + self.positions, []
        for block, head in zip(self.blocks, self.heads):
            tokens = block(tokens)
            logits.append(head(tokens))
        return tuple(logits)


def cifar(width, depth):
    return VisionTransformer(3, 8, width, depth)
