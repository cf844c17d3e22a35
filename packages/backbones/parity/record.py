"""Records what torchvision's ResNets compute, for src/torchvision.test.ts to compare with.

    python3 parity/record.py > parity/torchvision.json              # narrow networks: the committed fixture
    python3 parity/record.py --width 1 > full.json                  # the published widths
    SELFSUP_PARITY=full.json vitest run --testTimeout 600000 src/torchvision.test.ts

Weights and images are a hash of (name, index), so that both sides make them and only results are stored. PyTorch computes
in double precision.
"""
import argparse
import json

import numpy as np
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

KEPT = 24  # values stored per tensor


def uniform(name, count):
    """`count` numbers in [-1, 1): FNV-1a of the name, then murmur3's finaliser of name and index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def tensor(name, shape):
    return torch.from_numpy(uniform(name, int(np.prod(shape))).astype(np.float32)).reshape(shape)


class Torso(ResNet):
    """torchvision's ResNet with a multiple of its channels, optionally the CIFAR stem, and no fc."""

    def __init__(self, block, blocks, width, stem):
        super().__init__(block, blocks)
        channels = int(64 * width)
        self.inplanes = channels
        cifar = stem == "cifar"
        self.conv1 = nn.Conv2d(3, channels, *((3, 1, 1) if cifar else (7, 2, 3)), bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        if cifar:
            self.maxpool = nn.Identity()
        for i, count in enumerate(blocks):
            setattr(self, f"layer{i + 1}", self._make_layer(block, channels * 2**i, count, stride=1 if i == 0 else 2))
        self.fc = nn.Identity()


def fill(net):
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.dtype != torch.float32:
                continue
            u = tensor(name, value.shape)
            if value.ndim == 4:
                value.copy_(u * float(np.sqrt(6 / (value.shape[0] * value.shape[2] * value.shape[3]))))
            elif name.endswith("running_var"):
                value.copy_(1 + 0.5 * u)
            elif name.endswith("weight"):
                value.copy_(1 + 0.25 * u)
            else:
                value.copy_(0.25 * u)


def rounded(t):
    return [float(f"{v:.7g}") for v in t.detach().flatten()[:KEPT].tolist()]


def record(depth, stem, width, size, batch):
    block, blocks = {18: (BasicBlock, [2, 2, 2, 2]), 50: (Bottleneck, [3, 4, 6, 3])}[depth]
    net = Torso(block, blocks, width, stem)
    fill(net)
    net = net.double()
    images = tensor("images", (batch, 3, size, size)).double()
    net.eval()
    evaluated = net(images)
    net.train()
    features = net(images)
    loss = (features * tensor("loss", features.shape)).sum()
    loss.backward()
    last = "layer4.1.bn2" if depth == 18 else "layer4.2.bn3"
    watched = ["conv1.weight", "bn1.weight", "bn1.bias", "layer2.0.conv1.weight", "layer2.0.downsample.0.weight", f"{last}.weight"]
    parameters, state = dict(net.named_parameters()), net.state_dict()
    return {
        "depth": depth, "stem": stem, "width": width, "images": [batch, size, size],
        "eval": rounded(evaluated), "train": rounded(features), "loss": loss.item(),
        "gradients": {n: {"norm": parameters[n].grad.norm().item(), "values": rounded(parameters[n].grad)} for n in watched},
        "statistics": {n: rounded(state[n]) for n in ("bn1.running_mean", "bn1.running_var", f"{last}.running_mean", f"{last}.running_var")},
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--width", type=float, default=0.125)
    width = arguments.parse_args().width
    torch.set_num_threads(1)
    cases = [record(18, "cifar", width, 12, 3), record(18, "imagenet", width, 45, 3), record(50, "cifar", width, 12, 3)]
    print(json.dumps({"torch": torch.__version__, "cases": cases}))
