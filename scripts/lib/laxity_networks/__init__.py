# SPDX-License-Identifier: Apache-2.0
"""The early-exit networks that scripts/train.py trains.

A network is a torch module with `heads`, one exit head per stage, and a forward() that returns the logits of every exit, from
the shallowest to the deepest. A further family is a module here and its rows in ARCHITECTURES.
"""
from . import chain, msdnet, vit
from .architecture import Architecture
from .costs import stage_costs

ARCHITECTURES = {
    "fashion-ee": Architecture("fashion-mnist", chain.fashion),
    "cifar-ee": Architecture("cifar10", chain.cifar),
    "cifar-msd": Architecture("cifar10", msdnet.cifar),
    "cifar-vit": Architecture("cifar10", vit.cifar, optimizer="adamw", opset=17),
}

__all__ = ["ARCHITECTURES", "Architecture", "stage_costs"]
