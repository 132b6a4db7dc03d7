"""Networks corrupted on purpose: complete model folders that load, with useless predictions."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from autocull.measure.models import CHECKSUMS, WEIGHTS


def corrupt_network(root: Path, target: Path, detector: str, how: str) -> Path:
    """Copy the model folders below `root` to `target`, one of them corrupted by one of `CORRUPTIONS`."""
    shutil.copytree(root, target, ignore=shutil.ignore_patterns("*.keras", "report", "*.md"))
    CORRUPTIONS[how](target / detector)
    _write_checksums(target / detector)
    return target


def _shuffle(folder: Path) -> None:
    """Shuffle the weights of each layer."""
    rng = np.random.default_rng(3)
    _change_weights(folder / WEIGHTS, rng.permutation)


def _zero(folder: Path) -> None:
    """Make every weight 0."""
    _change_weights(folder / WEIGHTS, np.zeros_like)


def _swap(folder: Path) -> None:
    """Name the classes in the opposite order."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["classes"].reverse()
    path.write_text(json.dumps(config), "utf-8")


CORRUPTIONS: dict[str, Callable[[Path], None]] = {"shuffled": _shuffle, "zeroed": _zero, "swapped": _swap}
"""The functions that corrupt a model folder, by name."""


def _change_weights(path: Path, change: Callable[[NDArray[np.float16]], NDArray[np.float16]]) -> None:
    """Change the weights of each layer of a LiteRT file in place."""
    content = bytearray(path.read_bytes())
    count = 0
    for weights in _iterate_weights(content):
        weights[:] = change(weights)
        count += len(weights)
    assert count > 10_000, f"{path} holds its weights in another form than half precision"
    path.write_bytes(content)


def _iterate_weights(content: bytearray) -> Iterator[NDArray[np.float16]]:
    """Yield the weights of each layer, in half precision, as a view into `content`."""
    model = schema.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    for number in range(graph.TensorsLength()):
        tensor = graph.Tensors(number)
        buffer = model.Buffers(tensor.Buffer())
        if tensor.Type() == schema.TensorType.FLOAT16 and buffer.DataLength():
            yield buffer.DataAsNumpy().view(np.float16)


def _write_checksums(folder: Path) -> None:
    """Write the checksums of the changed files."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.name != CHECKSUMS
    ]
    (folder / CHECKSUMS).write_text("".join(lines), "utf-8")
