"""What went wrong with the whole photo: light, blur, flare, JPEG loss and noise, each with a probability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.member import Shipped
from autocull.measure.tiles import cut_tile, grey, lay_grid, texture
from autocull.read.photo import Photo, Pixels

LABELS = ("too_dark", "too_bright", "motion_blur", "defocus", "lens_flare", "low_quality", "noise")
"""The defects, in the order of the network's outputs."""

PREPROCESSING: dict[str, Any] = {
    "view": 144,
    "patch": 96,
    "rich": 3,
    "plain": 2,
    "cells": 12,
    "light_bins": 32,
    "period": 8,
}
"""What a newly trained defects network writes into its `config.json`, and what `DefectsMember` reads there.

The network sees the whole picture as `view` x `view` pixels; `rich` + `plain` patches of `patch` px at the
reference scale, those with the most and the least to judge among `cells` (noise and JPEG loss show in plain
places, blur in rich ones; all vanish in a small view); and numbers: the histogram of the luma in `light_bins`
steps, and how the patches' steps between pixels repeat every `period` pixels, as JPEG's blocks do.
"""

_EVEN = 0.5  # grey levels: smaller steps are rounding
_DEEPEST = 6.0  # the histogram's shares enter as log2, from 0 (all pixels) down to 2**-6 of an even share

Floats = NDArray[np.float32]


def prepare(numbers: Floats, patches: Pixels, view: Pixels) -> tuple[Floats, Floats, Floats]:
    """Turn what was seen of a photo into the network's inputs, without a batch axis, in their order.

    Returns `numbers` as they came, the patches as one strip `(patches * patch, patch, 3)`, and the view
    `(view, view, 3)`, both in -1..1.
    """
    return numbers, _centred(patches.reshape(-1, *patches.shape[2:])), _centred(view)


def _centred(pixels: Pixels) -> Floats:
    return pixels.astype(np.float32) / np.float32(127.5) - np.float32(1.0)


def light_of(working: Pixels, bins: int) -> Floats:
    """Describe the light: the luma's histogram `(bins + 2,)`, its two clipped ends counted apart.

    Each share is given as log2 of itself over an even share, between -1 (next to nothing) and about 1.
    """
    counts = np.array(Image.fromarray(working).convert("L").histogram(), np.float64)
    shares = counts / counts.sum()
    steps = np.concatenate([shares.reshape(bins, -1).sum(1), [shares[:4].sum(), shares[-4:].sum()]])
    deep: Floats = (np.log2(np.maximum(steps * bins, 2**-_DEEPEST)) / _DEEPEST).astype(np.float32)
    return deep


def blocks_of(patches: Pixels, period: int) -> Floats:
    """Describe blocks in `(n, side, side, 3)` patches: `(2 * period,)`, across and then down.

    The mean step between neighbouring pixels, for each place in a raster of `period` pixels, over the mean of
    all places, as log2; sorted from the largest, so that it does not matter where the raster begins. Even
    steps give zeros; a JPEG of low quality, one large first number.
    """
    light = grey(patches)
    rows = []
    for axis in (2, 1):
        steps = np.abs(np.diff(light, axis=axis)).mean(3 - axis)
        places = np.stack([steps[:, place::period].mean(1) for place in range(period)], axis=1)
        share = np.log2((places + _EVEN) / (places.mean(1, keepdims=True) + _EVEN))
        rows.append(-np.sort(-share, axis=1).mean(0))
    profile: Floats = np.concatenate(rows).astype(np.float32)
    return profile


def numbers_of(working: Pixels, patches: Pixels, preprocessing: Mapping[str, Any]) -> Floats:
    """Describe a photo's light and blocks: `light_of` and `blocks_of` in one row."""
    light = light_of(working, preprocessing["light_bins"])
    return np.concatenate([light, blocks_of(patches, preprocessing["period"])])


def look(photo: Photo, preprocessing: Mapping[str, Any] = PREPROCESSING) -> tuple[Floats, Pixels, Pixels]:
    """Take from `photo` what the network is to see: the numbers, the patches, and the small view."""
    side, patch = preprocessing["view"], preprocessing["patch"]
    image = Image.fromarray(photo.working)
    view = np.asarray(image.resize((side, side), Image.Resampling.BOX, reducing_gap=1.0))
    boxes = lay_grid(photo, patch, preprocessing["cells"]).boxes
    cut = np.stack([cut_tile(photo, box, patch) for box in boxes])
    patches = cut[_pick(texture(grey(cut)), preprocessing["rich"], preprocessing["plain"])]
    return numbers_of(photo.working, patches, preprocessing), patches, view


def _pick(richness: Floats, rich: int, plain: int) -> list[int]:
    """The tiles with the most, then those with the least texture; few tiles are taken more than once."""
    order = np.argsort(-richness, kind="stable")
    best = [int(order[index % len(order)]) for index in range(rich)]
    return best + [int(order[-1 - index % len(order)]) for index in range(plain)]


class DefectsMember(Shipped):
    """The probability (0-1) of each of the `LABELS`; it rises with the severity of the defect."""

    name: ClassVar[str] = "defects"
    needs: ClassVar[tuple[str, ...]] = ()

    def measure(self, photo: Photo, parts: Mapping[str, Any]) -> dict[str, float]:  # noqa: ARG002  # protocol
        """Measure the photo's defects; raises ModelError where the model is not usable."""
        inputs = prepare(*look(photo, self._model.config["preprocessing"]))
        answer = self._network(*(array[None] for array in inputs))[0][0]
        return dict(zip(self._model.classes, map(float, answer), strict=True))
