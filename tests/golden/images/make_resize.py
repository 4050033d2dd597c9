# Makes resize.tsv with Pillow: hashes of resized synthetic pictures.
#   python3 make_resize.py   (Pillow, numpy; made with Pillow 12.1.0)
# Pillow 13 resizes columns before rows where that is cheaper, which rounds differently; pictures that
# published networks were trained on were resized rows first, as here.
# Columns: width and height of the source, width and height of the target, FNV-1a (64 bits) of the
# resized bytes. Small results stand there in full too, as hexadecimal, to ease finding a difference.
import pathlib

import numpy as np
from PIL import Image

from pictures import fnv1a, pattern

SIZES = [
    (1, 1, 1, 1), (1, 1, 7, 5), (7, 5, 1, 1), (2, 2, 3, 3), (3, 2, 5, 4), (5, 4, 3, 2), (4, 4, 4, 4),
    (4, 4, 4, 9), (4, 9, 4, 4), (9, 4, 4, 4), (1, 17, 16, 1), (17, 1, 1, 16), (31, 33, 32, 32),
    (33, 31, 16, 15), (64, 48, 224, 224), (224, 224, 64, 64), (320, 240, 256, 256),
    (500, 375, 341, 256), (375, 500, 256, 341), (640, 480, 341, 256), (333, 500, 224, 336),
    (1000, 3, 7, 3), (3, 1000, 3, 7), (1023, 767, 64, 64), (257, 129, 256, 128), (255, 127, 256, 128),
    (100, 100, 99, 101), (16, 16, 160, 160), (6, 6, 227, 227), (2000, 2, 1, 1), (65, 63, 64, 64),
    (500, 334, 383, 256), (427, 640, 256, 383), (612, 612, 256, 256), (30000, 2, 3, 2),
]

rows = []
for width, height, target_width, target_height in SIZES:
    source = Image.fromarray(pattern(width, height))
    resized = np.asarray(source.resize((target_width, target_height), Image.Resampling.BILINEAR))
    small = resized.tobytes().hex() if resized.size <= 60 else "-"
    rows.append(f"{width}\t{height}\t{target_width}\t{target_height}\t{fnv1a(resized)}\t{small}\n")
pathlib.Path(__file__).with_name("resize.tsv").write_text("".join(rows))
