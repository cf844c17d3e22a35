"""Trains SimSiam and BYOL for 50 steps in PyTorch and records the loss of every step, for test/parity.test.ts to replay.

    python3 parity/record.py > parity/curves.json

Initial weights and views are hashes of names and places, so that both sides make them and only the losses are stored.
PyTorch computes in double precision; `single` is the largest relative difference that its own single precision has from that.

A training is chaotic: where the input of a relu is so close to 0 that rounding decides its sign, a gradient jumps, and the
difference grows to about 1e-2 within 20 steps, between PyTorch and PyTorch as well. So the network is small, and the seeds are
those of many (`--search 0 150`) whose relu inputs all stay away from 0, by `margin`.
Needs PyTorch 1.13 or newer, and nothing else.
"""
import copy
import json
import math
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STEPS, BATCH, IMAGES, SIZE, WIDTH = 50, 16, 256, 4, 4


def uniform(seed, name, count):
    """`count` numbers in [-1, 1): FNV-1a of seed and name, then murmur3's finaliser of name and index."""
    start = 0x811C9DC5
    for byte in f"{seed}/{name}".encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(start)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def view(seed, step, which):
    """[batch, 3, size, size]: each image is a pattern of 2x2 patches; a view of it is shifted, scaled and noisy."""
    batch = np.empty((BATCH, SIZE, SIZE, 3))
    for i in range(BATCH):
        image = (step * BATCH + i) % IMAGES
        pattern = uniform(seed, f"image {image}", 2 * 2 * 3).reshape(2, 2, 3)
        down, right, gain = uniform(seed, f"view {step} {i} {which}", 3)
        y = (np.arange(SIZE) + int(down + 1)) // 2 % 2
        x = (np.arange(SIZE) + int(right + 1)) // 2 % 2
        noise = uniform(seed, f"noise {step} {i} {which}", SIZE * SIZE * 3).reshape(SIZE, SIZE, 3)
        batch[i] = pattern[y][:, x] * (1 + 0.25 * gain) + 0.125 * noise
    return torch.from_numpy(batch.astype(np.float32)).permute(0, 3, 1, 2).contiguous()


class Relu:
    """relu that remembers how close to 0 the inputs came that a gradient goes through."""

    margin = math.inf

    def __call__(self, x):
        if x.requires_grad:
            self.margin = min(self.margin, x.detach().abs().min().item())
        return F.relu(x)


relu = Relu()


class Block(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(into, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = None
        if into != out:
            self.downsample = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(y + (x if self.downsample is None else self.downsample(x)))


class SmallResNet(nn.Module):
    """`smallResNet({ width: 4, stages: 2 })` of @selfsup/backbones."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        self.layer1 = nn.Sequential(Block(WIDTH, WIDTH, 1))
        self.layer2 = nn.Sequential(Block(WIDTH, 2 * WIDTH, 2))

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        return self.layer2(self.layer1(x)).mean((2, 3))


class Head(nn.Module):
    """Two linear layers, normalisation and relu after the first, `norm` after the second."""

    def __init__(self, into, hidden, out, bias1, bias2, norm=False):
        super().__init__()
        self.linear1 = nn.Linear(into, hidden, bias=bias1)
        self.bn1 = nn.BatchNorm1d(hidden)
        self.linear2 = nn.Linear(hidden, out, bias=bias2)
        self.bn2 = nn.BatchNorm1d(out, affine=False) if norm else nn.Identity()

    def forward(self, x):
        return self.bn2(self.linear2(relu(self.bn1(self.linear1(x)))))


def fill(net, seed, group):
    with torch.no_grad():
        for name, value in net.named_parameters():
            u = torch.from_numpy(uniform(seed, f"{group}.{name}", value.numel())).reshape(value.shape)
            if value.ndim == 4:
                value.copy_(u * math.sqrt(6 / (value.shape[0] * value.shape[2] * value.shape[3])))
            elif "linear" in name:
                value.copy_(u / math.sqrt(value.shape[-1]))
    return net


class Lars:
    """deepmind-research byol/utils/optimizers.py: biases and normalisation neither decay nor adapt."""

    def __init__(self, parameters, momentum, weight_decay, trust):
        self.parameters, self.buffers = list(parameters), {}
        self.momentum, self.weight_decay, self.trust = momentum, weight_decay, trust

    def step(self, lr):
        with torch.no_grad():
            for w in self.parameters:
                u = w.grad
                if w.ndim > 1:
                    u = u + self.weight_decay * w
                    u = u * (self.trust * w.norm() / u.norm())
                v = self.momentum * self.buffers[w] + u if w in self.buffers else u
                self.buffers[w] = v
                w -= lr * v


class Sgd:
    def __init__(self, parameters, weight_decay):
        self.optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=weight_decay)

    def step(self, lr):
        self.optimizer.param_groups[0]["lr"] = lr
        self.optimizer.step()


def cosine(step, start, end):
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * step / STEPS))


def run(method, optimizer, dtype, seed, wanted=0):
    """The losses, up to a relu input closer to 0 than `wanted`, and the closest."""
    relu.margin = math.inf
    simsiam = method == "simsiam"
    encoder = fill(SmallResNet(), seed, "encoder")
    projector = fill(Head(8, 32, 32, False, False, norm=True) if simsiam else Head(8, 32, 16, True, False), seed, "projector")
    predictor = fill(Head(32, 16, 32, False, True) if simsiam else Head(16, 32, 16, True, False), seed, "predictor")
    online = nn.Sequential(encoder, projector).to(dtype)
    predictor.to(dtype)
    target = copy.deepcopy(online)
    parameters = [*online.parameters(), *predictor.parameters()]
    if optimizer == "lars":
        update, base = Lars(parameters, 0.9, 1e-5, 0.02), 0.1
    else:
        update, base = Sgd(parameters, 5e-4), 0.1
    losses = []
    for step in range(STEPS):
        a, b = view(seed, step, 0).to(dtype), view(seed, step, 1).to(dtype)
        za, zb = online(a), online(b)
        with torch.no_grad():
            ta, tb = (za, zb) if simsiam else (target(a), target(b))
        pa, pb = predictor(za), predictor(zb)
        if simsiam:
            loss = -(F.cosine_similarity(pa, tb.detach()).mean() + F.cosine_similarity(pb, ta.detach()).mean()) / 2
        else:
            loss = sum((F.normalize(p) - F.normalize(t)).square().sum(1).mean() for p, t in ((pa, tb), (pb, ta)))
        for w in parameters:
            w.grad = None
        loss.backward()
        update.step(cosine(step, base, 0))
        tau = cosine(step, 0.97, 1)
        with torch.no_grad():
            for t, w in zip(target.parameters(), online.parameters()):
                t += (1 - tau) * (w - t)
        losses.append(loss.item())
        if relu.margin < wanted:
            break
    return losses, relu.margin


def record(method, optimizer, seed):
    losses, margin = run(method, optimizer, torch.float64, seed)
    single, _ = run(method, optimizer, torch.float32, seed)
    gap = max(abs(s - d) / abs(d) for s, d in zip(single, losses))
    return {
        "method": method, "optimizer": optimizer, "seed": seed, "margin": float(f"{margin:.2g}"), "single": float(f"{gap:.2g}"),
        "losses": [float(f"{x:.9g}") for x in losses],
    }


def search(method, optimizer, seeds, wanted=1e-5):
    for seed in seeds:
        losses, margin = run(method, optimizer, torch.float64, seed, wanted)
        if margin >= wanted:
            print(method, optimizer, seed, margin, flush=True)


RUNS = [("simsiam", "sgd", 148), ("byol", "sgd", 242), ("byol", "lars", 49)]

if __name__ == "__main__":
    torch.set_num_threads(1)
    if "--search" in sys.argv:
        for method, optimizer, _ in RUNS:
            search(method, optimizer, range(*map(int, sys.argv[2:])))
    else:
        print(json.dumps({"torch": torch.__version__, "cases": [record(*names) for names in RUNS]}))
