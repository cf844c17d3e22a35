"""The peer of bench/views.mjs: torchvision's pipelines on PIL images, one thread.

Reads lines `<recipe> <source> <size> <images>` from standard input and answers each with the seconds that two views of so
many images took, from decoded 8-bit images to normalised tensors.
"""
import random
import sys
import time

import numpy
import torch
from PIL import Image, ImageFilter, ImageOps
from torchvision import transforms
from torchvision.transforms import InterpolationMode


def blur(image):
    return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))


def maybe(function, probability):
    return [transforms.RandomApply([transforms.Lambda(function)], probability)] if probability else []


def pipeline(size, scale, interpolation, jitter, blurred, solarized):
    steps = [transforms.RandomResizedCrop(size, scale, interpolation=interpolation), transforms.RandomHorizontalFlip()]
    steps += [transforms.RandomApply([transforms.ColorJitter(*jitter)], 0.8), transforms.RandomGrayscale(0.2)]
    steps += maybe(blur, blurred) + maybe(ImageOps.solarize, solarized) + [transforms.ToTensor()]
    return transforms.Compose(steps + [transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])


def views(recipe, size):
    # As the papers do, there is no blur for small images.
    sharp = size <= 64
    if recipe == "simsiam":
        view = pipeline(size, (0.2, 1.0), InterpolationMode.BILINEAR, (0.4, 0.4, 0.4, 0.1), 0 if sharp else 0.5, 0)
        return view, view
    first, second = (0, 0) if sharp else (1.0, 0.1)
    byol = (size, (0.08, 1.0), InterpolationMode.BICUBIC, (0.4, 0.4, 0.2, 0.1))
    return pipeline(*byol, first, 0), pipeline(*byol, second, 0.2)


def main():
    torch.set_num_threads(1)
    random.seed(0)
    torch.manual_seed(0)
    known = {}
    print("ready", flush=True)
    for line in sys.stdin:
        recipe, *numbers = line.split()
        source, size, images = map(int, numbers)
        if (recipe, source, size) not in known:
            noise = numpy.random.default_rng(0).integers(0, 256, (16, source, source, 3), dtype=numpy.uint8)
            known[recipe, source, size] = views(recipe, size), [Image.fromarray(pixels) for pixels in noise]
        pair, sources = known[recipe, source, size]
        start = time.perf_counter()
        for index in range(images):
            for view in pair:
                view(sources[index % 16])
        print(time.perf_counter() - start, flush=True)


main()
