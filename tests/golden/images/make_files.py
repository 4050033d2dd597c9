# Makes the small pictures in files/ and decoded.tsv, what Pillow reads from them and from the test
# data.   python3 make_files.py DATA   (Pillow, numpy; made with Pillow 12.1.0; DATA holds photos and
# odd_images)
# Columns: file (data/... lies in DATA), width, height and FNV-1a hash of the upright RGB picture.
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

from pictures import fnv1a, pattern

WIDTH, HEIGHT = 23, 17
here = pathlib.Path(__file__).parent
files = here / "files"
data = pathlib.Path(sys.argv[1])


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def write_png(path, depth, color, rows, before=b"", after=b""):
    """A PNG of raw rows, for kinds that Pillow does not write."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color, 0, 0, 0)
    scanlines = b"".join(b"\0" + row for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
                     + chunk(b"IDAT", zlib.compress(scanlines)) + after + chunk(b"IEND", b""))


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def write_files():
    files.mkdir(exist_ok=True)
    pixels = pattern(WIDTH, HEIGHT)
    smooth = Image.fromarray(pattern(3, 3)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    picture = Image.fromarray(pixels)
    smooth.save(files / "420.jpg", quality=90)
    smooth.save(files / "422.jpg", quality=90, subsampling=1)
    smooth.save(files / "444.jpg", quality=90, subsampling=0)
    smooth.save(files / "progressive.jpg", quality=90, progressive=True)
    smooth.save(files / "restart.jpg", quality=90, restart_marker_blocks=1)
    smooth.convert("L").save(files / "grey.jpg", quality=90)
    Image.merge("CMYK", [*smooth.split(), smooth.convert("L").rotate(180)]).save(
        files / "cmyk.jpg", quality=90)
    for orientation in range(1, 9):
        smooth.save(files / f"exif_{orientation}.jpg", quality=90, exif=exif(orientation))
    picture.save(files / "rgb.png")
    picture.save(files / "exif_6.png", exif=exif(6))
    picture.convert("L").save(files / "grey.png")
    picture.convert("1").save(files / "1bit.png")
    picture.quantize(200).save(files / "palette.png")
    picture.quantize(13).save(files / "palette_4bit.png", bits=4)
    picture.quantize(200).save(files / "palette_transparent.png", transparency=bytes(range(200)))
    alpha = picture.convert("L").rotate(180)
    Image.merge("RGBA", [*picture.split(), alpha]).save(files / "alpha.png")
    Image.merge("LA", [picture.convert("L"), alpha]).save(files / "grey_alpha.png")
    picture.save(files / "transparent_colour.png", transparency=(255, 255, 255))
    deep = pixels.astype(np.uint16) * 256 + pixels[::-1, ::-1]
    write_png(files / "rgb_16bit.png", 16, 2, [row.astype(">u2").tobytes() for row in deep])
    picture.save(files / "rgb.bmp")
    picture.convert("L").save(files / "grey.bmp")
    picture.convert("1").save(files / "1bit.bmp")
    picture.quantize(100).save(files / "palette.bmp")
    Image.merge("RGBA", [*picture.split(), alpha]).save(files / "alpha.bmp")
    smooth.save(files / "lossy.webp", quality=80)
    picture.save(files / "lossless.webp", lossless=True)
    picture.save(files / "exif_6.webp", lossless=True, exif=exif(6))


def decoded(path):
    picture = ImageOps.exif_transpose(Image.open(path))
    if picture.mode.startswith("I"):  # 16-bit grey, of which Pillow keeps all bits
        picture = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8))
    return np.asarray(picture.convert("RGB"))


# Left out: what must or may be refused, and what readers scale differently (5 bits to 8).
LEFT_OUT = {"arithmetic.jpg", "bad_huffman.jpg", "bmp_565.bmp", "bmp_rle8.bmp", "corrupt_size.jpg",
            "corrupt_marker.jpg", "corrupt_xcsn0g01.png", "twelve_bit.jpg"}


def main():
    write_files()
    rows = []
    folders = [("files", files), ("data/odd_images", data / "odd_images"),
               ("data/photos", data / "photos")]
    for label, folder in folders:
        for path in sorted(folder.glob("*")):
            if path.suffix in {".tsv", ".md", ".json"} or path.name in LEFT_OUT:
                continue
            try:
                pixels = decoded(path)
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                print(f"left out {path.name}: {error}")
                continue
            height, width, _ = pixels.shape
            rows.append(f"{label}/{path.name}\t{width}\t{height}\t{fnv1a(pixels)}\n")
    (here / "decoded.tsv").write_text("".join(rows))


main()
