"""Writes safetensors_all_dtypes.safetensors with the reference implementation (safetensors 0.8.0).

One tensor of every dtype that its writer takes, byte k of the data of the i-th being (37 * i + k) % 256,
with names that need escapes, a scalar and an empty tensor.
"""

import ctypes
import pathlib

from safetensors import TensorSpec, serialize_file

DTYPES = [
    ("uint8", 1), ("bool", 1), ("int64", 8), ("float4_e2m1fn_x2", 1), ("int8", 1), ("float32", 4),
    ("float8_e5m2", 1), ("float8_e4m3fn", 1), ("float8_e8m0fnu", 1), ("float8_e4m3fnuz", 1),
    ("float8_e5m2fnuz", 1), ("int16", 2), ("uint16", 2), ("float16", 2), ("bfloat16", 2), ("int32", 4),
    ("uint32", 4), ("complex64", 8), ("float64", 8), ("uint64", 8),
]
SHAPES = [[3, 2], [], [0, 5], [1, 1, 2, 1, 3, 1, 1]]

buffers = []
tensors = {}
for i, (dtype, size) in enumerate(DTYPES):
    shape = [4] if dtype.startswith("float4") else SHAPES[i % len(SHAPES)]
    elements = 1
    for extent in shape:
        elements *= extent
    data = bytes((37 * i + k) % 256 for k in range(elements * size))
    buffers.append(ctypes.create_string_buffer(data, max(len(data), 1)))
    name = ["weight.%d", 'a "quoted" \\ name %d', "gr\u00fc\u00df\u4e16\U0001f600 %d", "line\n\x01\x7f %d"][i % 4] % i
    tensors[name] = TensorSpec(
        dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffers[-1]), data_len=len(data))

# The second of two tensors of one dtype that the order by name puts first.
buffers.append(ctypes.create_string_buffer(bytes(8), 8))
tensors["bias"] = TensorSpec(
    dtype="float32", shape=[2], data_ptr=ctypes.addressof(buffers[-1]), data_len=8)

path = pathlib.Path(__file__).with_name("safetensors_all_dtypes.safetensors")
serialize_file(tensors, str(path), {"format": "p\u00fct\n"})
