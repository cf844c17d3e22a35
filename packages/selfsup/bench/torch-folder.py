"""The peer of our-folder.mjs: SimSiam's views of a folder of images by torchvision and a DataLoader of two workers.

Each line on standard input asks for an epoch, each answer is its seconds.
"""
import argparse
import pathlib
import random
import sys
import time

import torch
from PIL import Image, ImageFilter
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


def blur(image):
    return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))


view = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.2, 1.0)),
    transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
    transforms.RandomGrayscale(p=0.2),
    transforms.RandomApply([transforms.Lambda(blur)], p=0.5),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


class Folder(Dataset):
    def __init__(self, folder):
        self.files = sorted(pathlib.Path(folder).iterdir())

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with open(self.files[index], "rb") as file:
            image = Image.open(file).convert("RGB")
        return view(image), view(image)


parser = argparse.ArgumentParser()
parser.add_argument("--folder")
parser.add_argument("--batch", type=int, default=64)
options = parser.parse_args()
torch.set_num_threads(1)
loader = DataLoader(Folder(options.folder), batch_size=options.batch, shuffle=True, num_workers=2, drop_last=True, persistent_workers=True)


def epoch():
    start = time.perf_counter()
    for first, second in loader:
        assert first.shape == second.shape
    return time.perf_counter() - start


epoch()
print("ready", flush=True)
for _ in sys.stdin:
    print(epoch(), flush=True)
