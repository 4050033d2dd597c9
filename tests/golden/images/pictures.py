# What the scripts beside this one share.
import numpy as np


def pattern(width, height):
    """The synthetic picture [height, width, 3] that the tests compute too: no two rows, columns or
    channels alike, slopes and sharp edges, black and white included."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    value = 7 * x + 13 * y + 29 * c + x * y * (c + 1) // 8 + 5 * (x ^ y)
    edges = ((x // 5 + y // 3) % 7 == c)
    return np.where(edges, 255 * ((x + y) % 2), value % 256).astype(np.uint8)


def fnv1a(array):
    """FNV-1a, 64 bits, of the bytes of an array."""
    value = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(array).tobytes():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
