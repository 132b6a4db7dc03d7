"""Photos for the benchmarks, from scikit-image's own pictures: full-size JPEG, and RAW with a preview.

Each photo has the fine grain of a sensor, so that its JPEG is as dense as a camera's.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.raw_files import jpeg_of, raw_file

Pixels = NDArray[np.uint8]
SIZES = {"24 MP JPEG": (6000, 4000), "45 MP JPEG": (8256, 5504), "small JPEG": (900, 600)}
PREVIEWS = {"RAW, 1616 px preview": (1616, 1080), "RAW, 24 MP preview": (6000, 4000)}
KINDS = (*list(SIZES)[:2], *PREVIEWS)
GRAIN = 5.0  # grey levels


def make_shoot(folder: Path, kind: str, count: int) -> list[Path]:
    """Write `count` photos of a kind: four different ones, and copies of them."""
    folder.mkdir(parents=True, exist_ok=True)
    originals = [
        _write(folder / f"IMG_{number:05d}", kind, each) for number, each in _pictures(kind, min(count, 4))
    ]
    paths = list(originals)
    for number in range(len(originals), count):
        source = originals[number % len(originals)]
        target = folder / f"IMG_{number:05d}{source.suffix}"
        shutil.copyfile(source, target)  # a further hard link to a photo is no photo
        paths.append(target)
    return paths


def _pictures(kind: str, count: int) -> Iterator[tuple[int, Pixels]]:
    pictures: Any = data
    loaded = (pictures.astronaut(), pictures.coffee(), pictures.stereo_motorcycle()[0], pictures.chelsea())
    rng = np.random.default_rng(3)
    size = SIZES.get(kind) or PREVIEWS[kind]
    for number, pixels in enumerate(loaded[:count]):
        enlarged = np.asarray(_enlarge_to_fill(Image.fromarray(pixels), size), np.float32)
        grain = rng.standard_normal((*enlarged.shape[:2], 1), np.float32) * GRAIN
        yield number, np.rint(enlarged + grain).clip(0, 255).astype(np.uint8)


def _enlarge_to_fill(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Enlarge a picture so that it fills a frame, and crop the rest."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    width, height = size[0] / scale, size[1] / scale
    left, top = (picture.width - width) / 2, 0.0
    return picture.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def _write(stem: Path, kind: str, pixels: Pixels) -> Path:
    if kind in PREVIEWS:
        path = stem.with_suffix(".NEF")
        sensor = np.full((4000, 6000), 4000, np.uint16)
        path.write_bytes(raw_file(pixels, preview=jpeg_of(pixels, quality=90, subsampling=2), sensor=sensor))
    else:
        path = stem.with_suffix(".JPG")
        path.write_bytes(jpeg_of(pixels, quality=92, subsampling=2))
    return path
