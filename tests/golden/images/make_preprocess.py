# Makes preprocess.tsv: what torchvision's steps give, computed with Pillow and numpy.
#   python3 make_preprocess.py DATA   (Pillow, numpy; made with Pillow 12.1.0 and numpy 2.4.6)
# Columns: recipe, sides of its network input, source (a photograph, or WIDTHxHEIGHT for the synthetic
# picture), FNV-1a (64 bits) of the floats [3, H, W] as little-endian bytes, first and last float.
import pathlib
import sys

import numpy as np
from PIL import Image

from pictures import fnv1a, pattern

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
CAFFE_MEAN = np.array([104, 117, 123], np.float32)
data = pathlib.Path(sys.argv[1])


def shortest_edge(picture, edge):
    width, height = picture.size
    short, long = min(width, height), max(width, height)
    long = int(edge * long / short)
    size = (edge, long) if width <= height else (long, edge)
    return picture.resize(size, Image.Resampling.BILINEAR)


def centre_crop(picture, side):
    left = int(round((picture.width - side) / 2.0))
    top = int(round((picture.height - side) / 2.0))
    return picture.crop((left, top, left + side, top + side))


def planes(pixels, factor, mean, deviation):
    values = pixels.astype(np.float32) / np.float32(factor)
    return np.ascontiguousarray(((values - mean) / deviation).transpose(2, 0, 1), dtype="<f4")


def torchvision(picture, crop, edge=256):
    pixels = np.asarray(centre_crop(shortest_edge(picture, edge), crop))
    return planes(pixels, 255, MEAN, DEVIATION)


def caffe(picture, crop):
    pixels = np.asarray(centre_crop(picture.resize((256, 256), Image.Resampling.BILINEAR), crop))
    return planes(pixels[:, :, ::-1], 1, CAFFE_MEAN, np.float32(1))


def exact(picture, side):
    pixels = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))
    return planes(pixels, 255, MEAN, DEVIATION)


RECIPES = {"torchvision": torchvision, "caffe": caffe, "exact": exact}
CASES = [("torchvision", 224), ("caffe", 227), ("caffe", 224), ("exact", 64)]
SIZES = [(500, 375), (375, 500), (256, 256), (259, 256), (257, 300), (640, 427), (100, 75), (33, 97),
         (1, 1), (3, 200)]


def main():
    sources = [(f"{w}x{h}", Image.fromarray(pattern(w, h))) for w, h in SIZES]
    for path in sorted((data / "photos").glob("*.jpg"))[::4]:
        sources.append((path.name, Image.open(path).convert("RGB")))
    rows = []
    for recipe, side in CASES:
        for name, picture in sources:
            values = RECIPES[recipe](picture, side)
            first, last = values.flat[0], values.flat[-1]
            rows.append(f"{recipe}\t{side}\t{name}\t{fnv1a(values)}\t{first:.9g}\t{last:.9g}\n")
    pathlib.Path(__file__).with_name("preprocess.tsv").write_text("".join(rows))


main()
