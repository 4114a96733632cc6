"""Weights in few bits: for each row whole numbers and a scale, packed as text that a page can hold."""

import base64
from typing import Any

import numpy as np


def round_rows(weights: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights [rows, ...] as whole numbers [rows, columns] of so many bits with sign, and float32 scales [rows]."""
    rows = weights.reshape(len(weights), -1)
    most = 2 ** (bits - 1) - 1
    scales = (np.abs(rows).max(axis=1) / most).astype(np.float32)
    scales[scales == 0] = 1
    return np.clip(np.rint(rows / scales[:, None]), -most, most).astype(np.int64), scales


def restored(weights: np.ndarray, bits: int) -> np.ndarray:
    """What is left of weights after rounding, in their shape."""
    numbers, scales = round_rows(weights, bits)
    return (numbers * scales[:, None].astype(np.float64)).reshape(weights.shape)


def packed(weights: np.ndarray, bits: int) -> dict[str, Any]:
    """Rounded weights as JSON: numbers one after the other without gaps, lowest bit first."""
    numbers, scales = round_rows(weights, bits)
    unsigned = numbers.reshape(-1, 1) + 2 ** (bits - 1)
    content = np.packbits((unsigned >> np.arange(bits) & 1).astype(np.uint8), bitorder="little")
    return {"bits": bits, "count": numbers.size, "scales": floats(scales), "numbers": _base64(content)}


def floats(values: np.ndarray) -> str:
    """Numbers as float32, as text."""
    return _base64(values.astype("<f4"))


def _base64(array: np.ndarray) -> str:
    """The bytes of an array as text."""
    return base64.b64encode(array.tobytes()).decode("ascii")
