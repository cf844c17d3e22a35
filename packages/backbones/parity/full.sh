#!/bin/sh
# Compares the networks of published width with torchvision: features, loss, gradients, running statistics.
#
#     parity/full.sh [network] [folder]
#
# network: one of resnet18 … resnet152, wide_resnet50_2, convnext_tiny, mobilenet_v2, vit_b_16; all by default. The folder keeps what
# PyTorch computed and 1.4 GB of weights; by default it is a temporary one. PYTHON names a Python that has torchvision 0.14
# (Debian: python3-torchvision). All nine take a few minutes and 4 GB of memory.
set -e
cd "$(dirname "$0")/.."
folder="${2:-$(mktemp -d)}"
"${PYTHON:-python3}" parity/record.py --full "$folder" --only "${1:-all}"
SELFSUP_PARITY="$folder" ../../node_modules/.bin/vitest run --config ../../.config/vitest.ts --root . --testTimeout 3600000 src/torchvision.test.ts
