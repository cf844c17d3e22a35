"""One optimisation step of SimSiam or BYOL in PyTorch, told by lines on standard input as in our-step.mjs."""
import argparse
import copy
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cosine_similarity
from torchvision import models

options = argparse.ArgumentParser()
options.add_argument('--method', choices=['simsiam', 'byol'], default='simsiam')
options.add_argument('--backbone', default='resnet18')
options.add_argument('--batch', type=int, default=64)
options.add_argument('--threads', type=int, default=2)
options = options.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)

encoder = getattr(models, options.backbone)()
features = encoder.fc.in_features
encoder.fc = nn.Identity()
encoder.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
encoder.maxpool = nn.Identity()


def mlp(inputs, hidden, outputs, *last, hidden_bias=False, bias=False):
    first = [nn.Linear(inputs, hidden, bias=hidden_bias), nn.BatchNorm1d(hidden), nn.ReLU()]
    return nn.Sequential(*first, nn.Linear(hidden, outputs, bias=bias), *last)


if options.method == 'simsiam':
    projector = mlp(features, 2048, 2048, nn.BatchNorm1d(2048, affine=False))
    predictor = mlp(2048, 512, 2048, bias=True)
else:
    projector = mlp(features, 4096, 256, hidden_bias=True)
    predictor = mlp(256, 4096, 256, hidden_bias=True)
online = nn.Sequential(encoder, projector)
target = copy.deepcopy(online).requires_grad_(False)
parameters = [*online.parameters(), *predictor.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.03, momentum=0.9, weight_decay=5e-4)
a, b = (torch.randn(options.batch, 3, 32, 32) for _ in range(2))


def loss():
    za, zb = online(a), online(b)
    pa, pb = predictor(za), predictor(zb)
    if options.method == 'simsiam':
        return -(cosine_similarity(pa, zb.detach()).mean() + cosine_similarity(pb, za.detach()).mean()) / 2
    with torch.no_grad():
        ta, tb = target(a), target(b)
    return (2 - 2 * cosine_similarity(pa, tb)).mean() + (2 - 2 * cosine_similarity(pb, ta)).mean()


def step():
    start = time.perf_counter()
    optimizer.zero_grad()
    value = loss()
    value.backward()
    optimizer.step()
    if options.method == 'byol':
        with torch.no_grad():
            for old, new in zip(target.parameters(), online.parameters()):
                old.lerp_(new, 0.004)
    value.item()
    return time.perf_counter() - start


step()
print('ready', flush=True)
for line in sys.stdin:
    if line.strip() == 'memory':
        print(json.dumps({'peakRssMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
    else:
        print(step(), flush=True)
