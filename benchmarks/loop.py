"""The simple loop of culling scripts: one photo at a time, one network after the other.

    python benchmarks/loop.py FOLDER

Each photo is decoded in full by Pillow, and each network is a Keras model called by `predict`. The networks
and their inputs are those of the ensemble, so that the two differ only in how they run. A detector without a
Keras file (the faces, which come as LiteRT) runs as in the ensemble, which favours the loop. Prints the
seconds per photo (wall, CPU) and the names of the detectors that ran in Keras.
"""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import rawpy
from PIL import Image, ImageOps

from autocull.measure.ensemble import Ensemble
from autocull.measure.models import Model, models_root
from autocull.read import Capture, Photo
from autocull.read.decoded_image import DecodedImage

IN_KERAS: set[str] = set()


class KerasNetwork:
    """A Keras model with the interface of a LiteRT network."""

    def __init__(self, path: Path) -> None:
        self._model: Any = keras.models.load_model(path, compile=False)

    def __call__(self, *inputs: Any) -> list[Any]:
        """Predict, as a script does: `model.predict`, with a list where there are several inputs."""
        arrays = [np.asarray(each, np.float32) for each in inputs]
        outputs = self._model.predict(arrays[0] if len(arrays) == 1 else arrays, verbose=0)
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def network(model: Model) -> Any:
    """Load a model's Keras file if there is one, else its LiteRT file."""
    path = model.folder / "model.keras"
    if not path.is_file():
        return litert_network(model)
    IN_KERAS.add(model.name)
    return KerasNetwork(path)


litert_network = Model.network
Model.network = network  # type: ignore[method-assign]


def read(path: Path) -> Photo:
    """Decode the whole photo with Pillow, upright."""
    content = path.read_bytes()
    if path.suffix == ".NEF":
        with rawpy.imread(io.BytesIO(content)) as raw:
            content = raw.extract_thumb().data
    picture = DecodedImage(ImageOps.exif_transpose(Image.open(io.BytesIO(content)).convert("RGB")), 1)
    width, height = picture.size
    return Photo(path, "jpeg", width, height, picture.render_working(), Capture(), picture.crop)


def main(folder: Path) -> None:
    """Measure every photo of the folder after one to warm up."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".JPG", ".NEF"})
    ensemble = Ensemble(models_root())
    ensemble.measure(read(paths[0]))
    wall, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        ensemble.measure(read(path))
    count = len(paths)
    print((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count, *sorted(IN_KERAS))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
