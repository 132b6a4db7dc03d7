"""Tests of the reader of PyTorch files: tensors are read as written, and anything else is refused."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from autocull.train.backbones.torch_weights import read_tensors


class GlobalName:
    """Pickled as a global name of PyTorch, which is not installed."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class StorageReference:
    """Pickled as a reference to a storage of numbers."""

    def __init__(self, kind: str, key: str, count: int) -> None:
        self.kind, self.key, self.count = kind, key, count


class Call:
    """Pickled as a call of a function with arguments."""

    def __init__(self, function: GlobalName, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments


class Writer(pickle._Pickler):  # type: ignore[name-defined,misc]  # the Python one: its steps can be replaced
    """Pickler that writes as `torch.save` did before PyTorch 1.6."""

    def persistent_id(self, obj: Any) -> Any:
        """Return the persistent identifier of a storage."""
        if not isinstance(obj, StorageReference):
            return None
        return ("storage", GlobalName("torch", obj.kind), obj.key, "cpu", obj.count, None)

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Write names and calls as the opcodes that they stand for."""
        if isinstance(obj, GlobalName):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


REBUILD = GlobalName("torch._utils", "_rebuild_tensor_v2")


def make_tensor(kind: str, key: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Call:
    """Return the description of a tensor in a storage of six numbers."""
    return Call(REBUILD, StorageReference(kind, key, 6), offset, shape, strides, False, OrderedDict())


def make_file(tensors: Any, storages: dict[str, np.ndarray[Any, Any]]) -> bytes:
    """Return the content of a file with these tensors and storages."""
    stream = BytesIO()
    for header in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, tensors, sorted(storages)):
        Writer(stream, protocol=2).dump(header)
    for key in sorted(storages):
        stream.write(len(storages[key]).to_bytes(8, "little") + storages[key].tobytes())
    return stream.getvalue()


def test_tensors_are_read_as_written() -> None:
    """Order, shape, strides and offset are kept; two tensors may share a storage."""
    numbers = np.arange(6, dtype="<f4")
    tensors = OrderedDict(
        weight=make_tensor("FloatStorage", "a", 0, (2, 3), (3, 1)),
        turned=make_tensor("FloatStorage", "a", 1, (2, 2), (1, 2)),
        count=make_tensor("LongStorage", "b", 0, (), ()),
    )
    result = read_tensors(make_file(tensors, {"a": numbers, "b": np.array([7], "<i8")}))
    assert list(result) == ["weight", "turned", "count"]
    assert (result["weight"] == numbers.reshape(2, 3)).all()
    assert result["turned"].tolist() == [[1, 3], [2, 4]]
    assert (result["count"], result["count"].dtype) == (7, np.dtype("<i8"))


@pytest.mark.parametrize(
    "tensors",
    [
        OrderedDict(weight=Call(GlobalName("os", "system"), "true")),
        OrderedDict(weight=make_tensor("HalfStorage", "a", 0, (1,), (1,))),
        OrderedDict(weight=3),
        [1, 2],
    ],
)
def test_anything_but_tensors_is_refused(tensors: Any) -> None:
    """Other global names are never called, and values that are no tensors are refused."""
    with pytest.raises(ValueError, match="no file of PyTorch tensors"):
        read_tensors(make_file(tensors, {"a": np.zeros(6, "<f4")}))


@pytest.mark.parametrize("content", [b"", b"no pickle", make_file({}, {})[:20]])
def test_invalid_file_is_refused(content: bytes) -> None:
    """An empty file, no pickle and a truncated pickle are refused."""
    with pytest.raises(ValueError, match="no file of PyTorch tensors"):
        read_tensors(content)


def test_truncated_storage_is_refused() -> None:
    """A truncated file raises an error instead of returning incomplete weights."""
    content = make_file({"weight": make_tensor("FloatStorage", "a", 0, (6,), (1,))}, {"a": np.ones(6, "<f4")})
    with pytest.raises(ValueError, match="buffer"):
        read_tensors(content[:-4])
