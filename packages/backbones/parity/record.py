"""Records what torchvision's networks compute, for src/torchvision.test.ts to compare with.

    python3 parity/record.py > parity/torchvision.json        # narrow networks: the committed fixture
    python3 parity/record.py --full <folder>                  # the published widths: parity/full.sh runs both sides

Weights and images are a hash of (name, index), so that both sides make them and only results are stored. PyTorch computes
in double precision. With --full, torchvision's own constructors make the networks, and their weights are written as
safetensors files that our side imports. Written for torch 1.13 and torchvision 0.14.
"""
import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vision_transformer import VisionTransformer

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
    """torchvision's ResNet with a multiple of its channels, and optionally the CIFAR stem."""

    def __init__(self, block, blocks, width, stem, inner=1):
        super().__init__(block, blocks, width_per_group=64 * inner)
        channels = int(64 * width)
        self.inplanes = channels
        cifar = stem == "cifar"
        self.conv1 = nn.Conv2d(3, channels, *((3, 1, 1) if cifar else (7, 2, 3)), bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        if cifar:
            self.maxpool = nn.Identity()
        for i, count in enumerate(blocks):
            setattr(self, f"layer{i + 1}", self._make_layer(block, channels * 2**i, count, stride=1 if i == 0 else 2))


def narrow_convnext(width):
    channels = [round(c * width) for c in (96, 192, 384, 768)]
    following = channels[1:] + [None]
    return ConvNeXt([CNBlockConfig(c, out, n) for c, out, n in zip(channels, following, (3, 3, 9, 3))])


def narrow():
    """(our options, pixels, batch, network) of the committed cases."""
    eighth = {"width": 0.125}
    yield "resnet18", {**eighth, "stem": "cifar"}, 10, 3, Torso(BasicBlock, [2, 2, 2, 2], 0.125, "cifar")
    yield "resnet18", {**eighth, "stem": "imagenet"}, 37, 3, Torso(BasicBlock, [2, 2, 2, 2], 0.125, "imagenet")
    yield "resnet50", {**eighth, "stem": "cifar"}, 10, 3, Torso(Bottleneck, [3, 4, 6, 3], 0.125, "cifar")
    yield "wide_resnet50_2", {"width": 0.0625, "stem": "cifar"}, 10, 3, Torso(Bottleneck, [3, 4, 6, 3], 0.0625, "cifar", inner=2)
    yield "convnext_tiny", {"width": 1 / 12}, 36, 3, narrow_convnext(1 / 12)
    yield "mobilenet_v2", {"width": 0.2}, 40, 3, MobileNetV2(width_mult=0.2)
    vit = {"dim": 24, "depth": 3, "heads": 3, "patch": 8}
    yield "vit", vit, 24, 3, VisionTransformer(image_size=24, patch_size=8, num_layers=3, num_heads=3, hidden_dim=24, mlp_dim=96)


FULL = {
    "resnet18": 48, "resnet34": 48, "resnet50": 48, "resnet101": 48, "resnet152": 48,
    "wide_resnet50_2": 48, "convnext_tiny": 64, "mobilenet_v2": 64, "vit_b_16": 224,
}


def full(only):
    for name, pixels in FULL.items():
        if only in ("all", name):
            # No sample loses a branch: that is random on both sides.
            options = {"stochastic_depth_prob": 0.0} if name == "convnext_tiny" else {}
            yield name, {}, pixels, 2 if name == "vit_b_16" else 3, getattr(torchvision.models, name)(**options)


def without_head(net):
    """Pooled features instead of classes; ConvNeXt's classifier begins with the normalisation of the features."""
    if isinstance(net, ConvNeXt):
        net.classifier[2] = nn.Identity()
    elif isinstance(net, MobileNetV2):
        net.classifier = nn.Identity()
    elif isinstance(net, VisionTransformer):
        net.heads = nn.Identity()
    else:
        net.fc = nn.Identity()
    return net


def filling(name, shape):
    """The value of a weight: kernels by their fan-out or fan-in, factors near 1, the rest near 0.

    The last factors of a residual branch are near 0.1, as in a network that has just started: with 1, PyTorch's own single
    precision is up to 7e-2 off its double precision in the deep ResNets, where a relu falls on the other side of 0.
    """
    u = tensor(name, shape)
    if len(shape) == 4:
        return u * float(np.sqrt(6 / (shape[0] * shape[2] * shape[3] if shape[1] > 1 else shape[2] * shape[3])))
    if len(shape) == 2:
        return u * float(np.sqrt(3 / shape[1]))
    if name.endswith("running_var"):
        return 1 + 0.5 * u
    if name.endswith("layer_scale"):
        return 0.5 + 0.25 * u
    if name.endswith(("bn2.weight", "bn3.weight")):
        return 0.1 + 0.025 * u
    return 1 + 0.25 * u if name.endswith("weight") else 0.25 * u


def fill(net):
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.dtype == torch.float32:
                value.copy_(filling(name, value.shape))


def write_safetensors(path, state):
    """The format: the header's length in 8 bytes, a JSON header, the tensors one after the other."""
    header, chunks, at = {}, [], 0
    for name, value in state.items():
        data = value.numpy().tobytes()
        dtype = {torch.float32: "F32", torch.int64: "I64"}[value.dtype]
        header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [at, at + len(data)]}
        chunks.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def rounded(t):
    return [float(f"{v:.7g}") for v in t.detach().flatten()[:KEPT].tolist()]


def spread(names, count):
    """`count` of the names, from the first to the last."""
    return [names[round(i * (len(names) - 1) / (count - 1))] for i in range(count)]


def step(net, images):
    """Features in both modes, and the loss of a training step, which leaves its gradients and statistics in the network."""
    net.eval()
    with torch.no_grad():
        evaluated = net(images)
    net.train()
    features = net(images)
    loss = (features * tensor("loss", features.shape).to(features.dtype)).sum()
    loss.backward()
    return evaluated, features, loss


def clearest_images(net, shape):
    """The name of those images, of 16, whose activations stay farthest from where a relu bends.

    Among a million activations some are so near 0 that single precision puts them on the other side, where the gradient
    is another one: no implementation in single precision could be judged by them.
    """
    relus = [m for m in net.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    margins = []

    def look(module, inputs):
        (x,) = inputs
        distance = torch.minimum(x.abs(), (x - 6).abs()) if isinstance(module, nn.ReLU6) else x.abs()
        margins.append((distance.min() / x.std()).item())

    hooks = [relu.register_forward_pre_hook(look) for relu in relus]
    smallest = {}
    net.double().train()
    for attempt in range(16 if relus else 1):
        margins.clear()
        with torch.no_grad():
            net(tensor(f"images {attempt}", shape).double())
        smallest[f"images {attempt}"] = min(margins, default=1.0)
    for hook in hooks:
        hook.remove()
    return max(smallest, key=smallest.get)


def single_precision_gap(net, images, gradients):
    """How far PyTorch's own single precision is from its double precision: the largest relative gap of a gradient."""
    net.zero_grad()
    step(net, images)
    parameters = dict(net.named_parameters())
    return max(((parameters[n].grad.double() - g).norm() / g.norm()).item() for n, g in gradients.items())


def record(name, options, size, batch, net, folder=None):
    fill(net)
    if folder:
        # With the head, which the import has to leave out.
        write_safetensors(folder / f"{name}.safetensors", net.state_dict())
    net = without_head(net)
    before = {n: v.clone() for n, v in net.state_dict().items()}
    watched = spread([n for n, _ in net.named_parameters()], 12)
    drawn = clearest_images(net, (batch, 3, size, size))
    images = tensor(drawn, (batch, 3, size, size))
    net.double().load_state_dict(before)
    evaluated, features, loss = step(net, images.double())
    parameters = dict(net.named_parameters())
    gradients = {n: parameters[n].grad.clone() for n in watched}
    state = {n: v.clone() for n, v in net.state_dict().items() if n.endswith(("running_mean", "running_var"))}
    net.float().load_state_dict(before)
    gap = single_precision_gap(net, images, gradients)
    return {
        "network": name, "options": options, "images": [batch, size, size], "drawn": drawn,
        "eval": rounded(evaluated), "train": rounded(features), "loss": loss.item(),
        "gradients": {n: {"norm": g.norm().item(), "values": rounded(g)} for n, g in gradients.items()},
        "statistics": {n: rounded(state[n]) for n in (spread(list(state), 6) if state else [])},
        "singlePrecisionGap": float(f"{gap:.2g}"),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="all", help="one network of --full")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.full:
        arguments.full.mkdir(parents=True, exist_ok=True)
        cases = [record(*case, arguments.full) for case in full(arguments.only)]
    else:
        cases = [record(*case) for case in narrow()]
    text = json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "cases": cases})
    if arguments.full:
        (arguments.full / "torchvision.json").write_text(text)
    else:
        print(text)
