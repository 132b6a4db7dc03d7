"""Reader of weights saved by PyTorch before 1.6, without PyTorch and without executing code from the file.

Such a file is a sequence of pickles (magic number, version, system, a dictionary of tensors, the keys of
their storages), then the storages, each its length as int64 and its numbers, little-endian. Order and names
are those of `torch.serialization._legacy_save`.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]
"""The tensors of a file by name, in the order of the file."""

_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor(NamedTuple):
    """The description of a tensor: key of its storage, offset in it, shape and strides in elements."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(content: bytes) -> Tensors:
    """Read the tensors of a file; raises ValueError where it contains anything but tensors."""
    stream = BytesIO(content)
    unpickler = _TensorUnpickler(stream)
    try:
        for _ in range(3):  # magic number, version and system are not needed
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
    """Unpickler of ordered dictionaries, tensors and their storages that refuses every other name."""

    def __init__(self, stream: BytesIO) -> None:
        super().__init__(stream)
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Return the object for a global name in the file; raises UnpicklingError for any other name."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _make_tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, pid: Any) -> str:
        """Record the data type of a storage and return its key."""
        _, kind, key, *_ = pid
        self.dtypes[key] = _DTYPES[kind]
        return str(key)


def _make_tensor(
    storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))
