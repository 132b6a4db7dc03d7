"""Weights saved with PyTorch (before 1.6), read without PyTorch and without running any code of theirs.

Such a file is a row of pickles (magic number, version, system, a dictionary of tensors, the keys of their
stores) and after them the stores, each its length as int64 and its numbers, little-endian. The order and the
names are those of `torch.serialization._legacy_save`.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]
"""The tensors of a file by name, in its order."""

_NUMBERS: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor(NamedTuple):
    """A tensor as it is described: the key of its store, where it begins there, its shape and steps."""

    store: str
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]


def read_tensors(content: bytes) -> Tensors:
    """Read the tensors of a file; raises ValueError where it holds anything else than tensors."""
    stream = BytesIO(content)
    reader = _Reader(stream)
    try:
        for _ in range(3):  # magic number, version and system say nothing that matters here
            _Reader(stream).load()
        tensors: dict[str, _Tensor] = reader.load()
        keys: list[str] = _Reader(stream).load()
        stores = {key: _store(stream, reader.kinds[key]) for key in keys}
        return {name: _numbers(tensor, stores[tensor.store]) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, AttributeError, IndexError, TypeError) as error:
        raise ValueError(f"no file of PyTorch tensors: {error}") from error


def _store(stream: BytesIO, kind: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little")
    return np.frombuffer(stream.read(count * kind.itemsize), kind, count)


def _numbers(tensor: _Tensor, store: NDArray[Any]) -> NDArray[Any]:
    steps = tuple(step * store.itemsize for step in tensor.steps)
    view = np.lib.stride_tricks.as_strided(store[tensor.offset :], tensor.shape, steps, writeable=False)
    return view.copy()


class _Reader(pickle.Unpickler):
    """Knows ordered dictionaries, tensors and their stores, and refuses every other name."""

    def __init__(self, stream: BytesIO) -> None:
        super().__init__(stream)
        self.kinds: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Give what a name of the file stands for."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _NUMBERS:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, pid: Any) -> str:
        """Note the kind of a store, and give its key."""
        _, kind, key, *_ = pid
        self.kinds[key] = _NUMBERS[kind]
        return str(key)


def _tensor(store: str, offset: int, shape: tuple[int, ...], steps: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(store, offset, tuple(shape), tuple(steps))
