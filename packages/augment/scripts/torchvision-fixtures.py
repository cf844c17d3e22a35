"""Writes test/fixtures/torchvision.{json,bin}: what torchvision 0.14 makes of two small images, op by op.

    python3 scripts/torchvision-fixtures.py        (Debian: apt install python3-torchvision; torchvision 0.14.1, Pillow 9.4)

Images and results lie one after the other in the .bin file as 8-bit height x width x channels; the .json file says
which op, which parameters, which input, and where. All through the PIL path, but for gaussian_blur, erase and mixup, which have none.
"""
import json
import pathlib

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

MODES = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


def scene(height, width):
    """Smooth colour gradients with edges and some noise: closer to a photograph than noise alone."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:height, 0:width] / [[[height]], [[width]]]
    planes = [np.sin(6 * x + 2 * y), np.cos(5 * y - 3 * x), np.sin(9 * x * y + 1)]
    image = np.stack(planes, -1) * 110 + 128
    image[height // 4 : height // 2, width // 3 : width // 2] = [250, 20, 60]
    image[height // 2 :, : width // 5] = [10, 10, 12]
    return np.clip(image + rng.normal(0, 8, image.shape), 0, 255).astype(np.uint8)


def noise(height, width):
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)


blob = bytearray()


def store(pixels):
    pixels = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None])
    entry = {"offset": len(blob), "height": pixels.shape[0], "width": pixels.shape[1], "channels": pixels.shape[2]}
    blob.extend(pixels.tobytes())
    return entry


inputs = {"scene": scene(38, 32), "noise": noise(20, 22), "grey": scene(24, 22)[..., 0]}
stored = {name: store(pixels) for name, pixels in inputs.items()}
cases = []


def case(op, source, params, result):
    cases.append({"op": op, "input": source, "params": params, "output": store(np.asarray(result))})


for name, pixels in inputs.items():
    image = Image.fromarray(pixels)
    height, width = pixels.shape[:2]
    boxes = {
        "shrink": [(1, 2, height - 3, width - 5), (16, 14)],
        "shrink a lot": [(0, 0, height, width), (5, 7)],
        "enlarge": [(5, 3, 11, 9), (25, 27)],
        "mixed": [(2, 4, height - 4, 8), (20, 24)],
        "same": [(3, 3, 16, 16), (16, 16)],
        "one pixel": [(4, 4, 1, 1), (6, 6)],
    }
    for mode in MODES:
        for (top, left, h, w), size in boxes.values():
            result = F.resized_crop(image, top, left, h, w, list(size), MODES[mode])
            box = {"top": top, "left": left, "height": h, "width": w, "size": size, "interpolation": mode}
            case("resizedCrop", name, box, result)
    for factor in [0.0, 0.6, 1.0, 1.37]:
        case("brightness", name, {"by": factor}, F.adjust_brightness(image, factor))
        case("contrast", name, {"by": factor}, F.adjust_contrast(image, factor))
        if name != "grey":
            case("saturation", name, {"by": factor}, F.adjust_saturation(image, factor))
    if name != "grey":
        for turn in [-0.5, -0.1, -0.043, 0.0, 0.07, 0.1, 0.33]:
            case("hue", name, {"by": turn}, F.adjust_hue(image, turn))
        case("grayscale", name, {}, F.to_grayscale(image, 3))
    for kernel_size, sigma in [(3, 0.1), (3, 1.5), (5, 0.7), (9, 2.0), (23, 1.1)]:
        params = {"kernelSize": kernel_size, "sigma": sigma}
        case("gaussianBlur", name, params, F.gaussian_blur(image, [kernel_size] * 2, [sigma] * 2))
    for threshold in [0, 128, 200]:
        case("solarize", name, {"threshold": threshold / 255}, F.solarize(image, threshold))
    case("flip", name, {}, F.hflip(image))
    case("verticalFlip", name, {}, F.vflip(image))
    case("centerCrop", name, {"size": [15, 12]}, F.center_crop(image, [15, 12]))
    case("resizeShorter", name, {"shorter": 19}, F.resize(image, 19, InterpolationMode.BILINEAR))
    case("invert", name, {}, F.invert(image))
    case("equalize", name, {}, F.equalize(image))
    # Of less than all values, so that there is something to stretch.
    case("autocontrast", name, {"before": 0.6}, F.autocontrast(F.adjust_brightness(image, 0.6)))
    for bits in [1, 4, 8]:
        case("posterize", name, {"bits": bits}, F.posterize(image, bits))
    for factor in [0.0, 0.5, 1.0, 1.8]:
        case("sharpness", name, {"factor": factor}, F.adjust_sharpness(image, factor))

# What most official codes blur with. Noise is where the two differ most, and not what anybody blurs.
for sigma in [0.1, 0.5, 1.0, 1.4, 2.0]:
    blurred = Image.fromarray(inputs["scene"]).filter(ImageFilter.GaussianBlur(sigma))
    case("pillowBlur", "scene", {"sigma": sigma}, blurred)

for name in ["noise", "grey"]:
    pixels = inputs[name]
    image = Image.fromarray(pixels)
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else 3
    fill = [200, 30, 90][:channels]
    case("paddedCenterCrop", name, {"size": [31, 15]}, F.center_crop(image, [31, 15]))
    for mode in ["constant", "edge", "reflect", "symmetric"]:
        for top, left in [(-4, -3), (3, 2), (0, 4)]:
            padded = F.pad(image, 4, tuple(fill) if channels == 3 else fill[0], mode)
            params = {"top": top, "left": left, "height": 21, "width": 20, "padding": 4, "mode": mode, "fill": fill}
            case("crop", name, params, F.crop(padded, top + 4, left + 4, 21, 20))
    for mode in ["nearest", "bilinear"]:
        for angle in [0.0, 17.5, -90.0, 135.0, 180.0, 359.9]:
            result = F.rotate(image, angle, InterpolationMode(mode), fill=fill)
            case("rotation", name, {"angle": angle, "interpolation": mode, "fill": fill}, result)
        for angle, translate, scale, shear in [
            (0.0, [3, -2], 1.0, [0.0, 0.0]),
            (0.0, [0, 0], 1.7, [0.0, 0.0]),
            (0.0, [1, 0], 0.6, [0.0, 0.0]),
            (-31.0, [2, 1], 1.2, [8.0, -13.0]),
            (200.0, [-1, 4], 0.8, [0.0, 20.0]),
        ]:
            result = F.affine(image, angle, translate, scale, shear, InterpolationMode(mode), fill=fill)
            params = {"angle": angle, "translate": translate, "scale": scale, "shear": shear}
            case("affine", name, {**params, "interpolation": mode, "fill": fill}, result)
    whole = torch.from_numpy(pixels.reshape(height, width, channels)).permute(2, 0, 1)
    for top, left, h, w in [(2, 3, 9, 7), (0, 0, 1, 5)]:
        result = F.erase(whole, top, left, h, w, torch.tensor(fill)[:, None, None].to(torch.uint8))
        params = {"top": top, "left": left, "height": h, "width": w, "fill": fill}
        case("erase", name, params, result.permute(1, 2, 0).numpy())

# The arithmetic of references/classification/transforms.py, RandomMixup, whose partner is the image before.
pair = torch.stack([F.to_tensor(inputs["scene"][:20, :22]), F.to_tensor(inputs["noise"])])
for weight in [0.0, 0.3, 0.85]:
    mixed = pair.roll(1, 0).mul(1.0 - weight).add(pair.mul(weight))
    case("mixup", "scene", {"lambda": weight, "other": "noise"}, (mixed[0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy())

folder = pathlib.Path(__file__).parent.parent / "test" / "fixtures"
folder.mkdir(parents=True, exist_ok=True)
versions = {"torchvision": torchvision.__version__, "torch": torch.__version__, "pillow": PIL.__version__}
text = json.dumps({"versions": versions, "inputs": stored, "cases": cases})
(folder / "torchvision.json").write_text(text.replace('{"op"', '\n{"op"') + "\n")
(folder / "torchvision.bin").write_bytes(bytes(blob))
print(f"{len(cases)} cases, {len(blob)} bytes of pixels, {len(text)} of parameters")
