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

_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor(NamedTuple):
    """A tensor as it is described: the key of its store, where it begins there, its shape and steps."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(content: bytes) -> Tensors:
    """Read the tensors of a file; raises ValueError where it holds anything else than tensors."""
    stream = BytesIO(content)
    unpickler = _TensorUnpickler(stream)
    try:
        for _ in range(3):  # magic number, version and system say nothing that matters here
            _TensorUnpickler(stream).load()
        tensors: dict[str, _Tensor] = unpickler.load()
        keys: list[str] = _TensorUnpickler(stream).load()
        storages = {key: _read_storage(stream, unpickler.dtypes[key]) for key in keys}
        return {name: _strided_array(tensor, storages[tensor.storage]) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, AttributeError, IndexError, TypeError) as error:
        raise ValueError(f"no file of PyTorch tensors: {error}") from error


def _read_storage(stream: BytesIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little")
    return np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)


def _strided_array(tensor: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    byte_strides = tuple(stride * storage.itemsize for stride in tensor.strides)
    view = np.lib.stride_tricks.as_strided(
        storage[tensor.offset :], tensor.shape, byte_strides, writeable=False
    )
    return view.copy()


class _TensorUnpickler(pickle.Unpickler):
    """Knows ordered dictionaries, tensors and their stores, and refuses every other name."""

    def __init__(self, stream: BytesIO) -> None:
        super().__init__(stream)
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Give what a name of the file stands for."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _make_tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, pid: Any) -> str:
        """Note the kind of a store, and give its key."""
        _, kind, key, *_ = pid
        self.dtypes[key] = _DTYPES[kind]
        return str(key)


def _make_tensor(
    storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))
