# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates of the stages of a network."""
import torch
from torch import nn


def _of_weights(module, _, output):
    return output[0].numel() * module.weight[0].numel()


def _of_dense(module, _, output):
    return output[0].numel() * module.in_features


def stage_costs(network, shape):
    """Multiply-accumulates of each stage for one image, its exit head included: a stage ends when its head has."""
    costs = [0]

    def count(module, inputs, output):
        costs[-1] += (_of_dense if isinstance(module, nn.Linear) else _of_weights)(module, inputs, output)

    def count_own(module, inputs, _):
        costs[-1] += module.own_macs(inputs[0])

    hooks = [head.register_forward_hook(lambda *_: costs.append(0)) for head in network.heads]
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(count))
        elif hasattr(module, "own_macs"):  # products of activations, which no layer of torch stands for
            hooks.append(module.register_forward_hook(count_own))
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, *shape, device=next(network.parameters()).device))
    for hook in hooks:
        hook.remove()
    return costs[:-1]
