"""safetensors files of every dtype, and what the format's own library says to broken ones.

Run with `python reference/safetensors_files.py`; writes packages/core/test/fixtures/safetensors-files.json. Needs the
package safetensors as well.

A case of kind "file" was written by safetensors itself: its bytes in base64, and the numbers it was given, as texts.
Kind "broken" is bytes put together here that the library refuses, with what it said; "odd" is bytes that look unusual
and that it accepts.
"""

import base64
import json
import struct

import safetensors
import torch
from safetensors.torch import load, save

from fixture import pattern, write

INT64_EDGES = [0, 1, -1, 2**31, -(2**31) - 1, 2**53 - 1, -(2**53) + 1]
SPECIAL = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 65504.0, 2.0**-24, -(2.0**-14), 1 / 3]

FILES = {
    "weights": (
        {
            "rnn.weight_hh_l0": pattern([3, 3], 1, dtype=torch.float32),
            "rnn.weight_ih_l0": pattern([3, 4], 2, dtype=torch.float32),
            "linear.bias": pattern([4], 3, dtype=torch.float32),
        },
        {"format": "pt"},
    ),
    "every dtype": (
        {
            "bool": torch.tensor([[True, False], [False, True]]),
            "uint8": torch.tensor([0, 127, 255], dtype=torch.uint8),
            "int8": torch.tensor([-128, 0, 127], dtype=torch.int8),
            "int16": torch.tensor([-32768, 32767], dtype=torch.int16),
            "uint16": torch.tensor([0, 65535], dtype=torch.uint16),
            "int32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
            "uint32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
            "int64": torch.tensor(INT64_EDGES),
            "uint64": torch.tensor([0, 2**53 - 1], dtype=torch.uint64),
            "float16": torch.tensor(SPECIAL, dtype=torch.float16),
            "bfloat16": torch.tensor(SPECIAL, dtype=torch.bfloat16),
            "float32": torch.tensor(SPECIAL, dtype=torch.float32),
            "float64": torch.tensor(SPECIAL, dtype=torch.float64),
        },
        None,
    ),
    "names and shapes": (
        {
            "10": torch.tensor(2.5),
            "9": torch.zeros(0, 3),
            "가중치": torch.tensor([1.0]),
            "\uff5e": torch.tensor([2.0]),
            "\U0001f600": torch.tensor([3.0]),
            'quote" and \\ and \n': torch.tensor([[[4.0]]]),
        },
        {"설명": "한국어 ✓"},
    ),
    "nothing": ({}, None),
}


def raw(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin, end, dtype="U8", shape=None):
    return {"dtype": dtype, "shape": [end - begin] if shape is None else shape, "data_offsets": [begin, end]}


BROKEN = {
    "empty file": b"",
    "four bytes": b"\2\0\0\0",
    "no header": struct.pack("<Q", 0),
    "header cut off": raw("{}", length=100),
    "header too large": raw("{}", length=100_000_001),
    "header beyond 2^53": raw("{}", length=2**63),
    "no JSON": raw("{nonsense"),
    "header not UTF-8": raw(b'{"\xff":1}'),
    "header an array": raw("[]"),
    "data cut off": raw({"a": entry(0, 4)}, b"123"),
    "trailing bytes": raw({"a": entry(0, 4)}, b"12345"),
    "hole at the start": raw({"a": entry(1, 4)}, b"1234"),
    "hole in the middle": raw({"a": entry(0, 2), "b": entry(3, 4)}, b"1234"),
    "overlap": raw({"a": entry(0, 3), "b": entry(2, 4)}, b"1234"),
    "size too small": raw({"a": entry(0, 4, "F32", [2])}, b"1234"),
    "size too large": raw({"a": entry(0, 8, "F32", [1])}, b"12345678"),
    "offsets backwards": raw({"a": entry(4, 0, "U8", [4])}, b"1234"),
    "negative offset": raw({"a": entry(-4, 0, "U8", [4])}, b"1234"),
    "negative length": raw({"a": entry(0, 4, "U8", [-4])}, b"1234"),
    "length not whole": raw({"a": entry(0, 4, "U8", [4.5])}, b"1234"),
    "shape too large": raw({"a": entry(0, 4, "U8", [2**53, 2**53])}, b"1234"),
    "three offsets": raw({"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4, 4]}}, b"1234"),
    "unknown dtype": raw({"a": entry(0, 4, "Q4", [4])}, b"1234"),
    "dtype in small letters": raw({"a": entry(0, 4, "u8", [4])}, b"1234"),
    "no dtype": raw({"a": {"shape": [4], "data_offsets": [0, 4]}}, b"1234"),
    "no shape": raw({"a": {"dtype": "U8", "data_offsets": [0, 4]}}, b"1234"),
    "no offsets": raw({"a": {"dtype": "U8", "shape": [4]}}, b"1234"),
    "entry a number": raw({"a": 4}),
    "metadata not text": raw({"__metadata__": {"step": 3}}),
    "metadata a text": raw({"__metadata__": "pt"}),
    "metadata a list": raw({"__metadata__": ["pt"]}),
}

ODD = {
    "header without padding": raw({"a": entry(0, 2)}, b"\1\2"),
    "order of names not of offsets": raw({"a": entry(2, 4), "b": entry(0, 2)}, b"\1\2\3\4"),
    "scalar": raw({"a": entry(0, 1, "U8", [])}, b"\7"),
    "no numbers at all": raw({"a": entry(0, 0, "F32", [0]), "b": entry(0, 0, "F32", [3, 0])}),
    "no arrays": raw("{}"),
    "metadata only": raw({"__metadata__": {}}),
    "white space after the header": raw("{}      "),
}


def values(tensor):
    """Whole numbers as texts, floats as Python's repr: both read back exactly."""
    return [repr(value) if isinstance(value, float) else str(int(value)) for value in tensor.flatten().tolist()]


def encoded(data):
    return base64.b64encode(data).decode("ascii")


def main():
    cases = []
    for name, (tensors, metadata) in FILES.items():
        data = save(tensors, metadata)
        arrays = {
            key: {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "values": values(tensor)}
            for key, tensor in tensors.items()
        }
        cases.append({"kind": "file", "name": name, "bytes": encoded(data), "arrays": arrays, "metadata": metadata or {}})
    for name, data in BROKEN.items():
        try:
            load(data)
        except (safetensors.SafetensorError, OverflowError, TypeError, ValueError) as error:
            cases.append({"kind": "broken", "name": name, "bytes": encoded(data), "said": str(error)})
        else:
            raise SystemExit(f"safetensors accepts '{name}'")
    for name, data in ODD.items():
        load(data)
        cases.append({"kind": "odd", "name": name, "bytes": encoded(data)})
    write(__file__, cases, safetensors=safetensors.__version__)


main()
