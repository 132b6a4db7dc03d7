"""PyTorch's files: tensors come out as they went in, and nothing else is let in."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from autocull.train.backbones.torch_weights import read_tensors


class Named:
    """Pickled as a global name of PyTorch's, which is not installed."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Stored:
    """Pickled as a reference to a store of numbers."""

    def __init__(self, kind: str, key: str, count: int) -> None:
        self.kind, self.key, self.count = kind, key, count


class Call:
    """Pickled as a call of a name with arguments."""

    def __init__(self, of: Named, *arguments: Any) -> None:
        self.of, self.arguments = of, arguments


class Writer(pickle._Pickler):  # type: ignore[name-defined,misc]  # the Python one: its steps can be replaced
    """Writes as `torch.save` did before PyTorch 1.6."""

    def persistent_id(self, obj: Any) -> Any:
        """Refer to a store."""
        if not isinstance(obj, Stored):
            return None
        return ("storage", Named("torch", obj.kind), obj.key, "cpu", obj.count, None)

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Write names and calls as what they stand for."""
        if isinstance(obj, Named):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.of)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


REBUILD = Named("torch._utils", "_rebuild_tensor_v2")


def tensor(kind: str, key: str, offset: int, shape: tuple[int, ...], steps: tuple[int, ...]) -> Call:
    """Describe a tensor in a store of six numbers."""
    return Call(REBUILD, Stored(kind, key, 6), offset, shape, steps, False, OrderedDict())


def file(tensors: Any, stores: dict[str, np.ndarray[Any, Any]]) -> bytes:
    """Write a file."""
    stream = BytesIO()
    for each in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, tensors, sorted(stores)):
        Writer(stream, protocol=2).dump(each)
    for key in sorted(stores):
        stream.write(len(stores[key]).to_bytes(8, "little") + stores[key].tobytes())
    return stream.getvalue()


def test_tensors_come_out_as_they_went_in() -> None:
    """In their order, with shape, steps and offset; two may share a store."""
    numbers = np.arange(6, dtype="<f4")
    whole = OrderedDict(
        weight=tensor("FloatStorage", "a", 0, (2, 3), (3, 1)),
        turned=tensor("FloatStorage", "a", 1, (2, 2), (1, 2)),
        count=tensor("LongStorage", "b", 0, (), ()),
    )
    read = read_tensors(file(whole, {"a": numbers, "b": np.array([7], "<i8")}))
    assert list(read) == ["weight", "turned", "count"]
    assert (read["weight"] == numbers.reshape(2, 3)).all()
    assert read["turned"].tolist() == [[1, 3], [2, 4]]
    assert (read["count"], read["count"].dtype) == (7, np.dtype("<i8"))


@pytest.mark.parametrize(
    "tensors",
    [
        OrderedDict(weight=Call(Named("os", "system"), "true")),
        OrderedDict(weight=tensor("HalfStorage", "a", 0, (1,), (1,))),
        OrderedDict(weight=3),
        [1, 2],
    ],
)
def test_anything_else_is_refused(tensors: Any) -> None:
    """Names that are no part of a tensor are never called; what is no tensor is no weight."""
    with pytest.raises(ValueError, match="no file of PyTorch tensors"):
        read_tensors(file(tensors, {"a": np.zeros(6, "<f4")}))


@pytest.mark.parametrize("content", [b"", b"no pickle", file({}, {})[:20]])
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    """Empty, something else, or cut off."""
    with pytest.raises(ValueError, match="no file of PyTorch tensors"):
        read_tensors(content)


def test_a_store_that_is_cut_off_is_refused() -> None:
    """A download that stopped gives no weights of zeros."""
    whole = file({"weight": tensor("FloatStorage", "a", 0, (6,), (1,))}, {"a": np.ones(6, "<f4")})
    with pytest.raises(ValueError, match="buffer"):
        read_tensors(whole[:-4])
