"""What went wrong with the whole photo: light, blur, flare, JPEG loss and noise, each with a probability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.artifact_features import GRAIN, SMEAR, blocks_of, grain_of, smear_of
from autocull.measure.evidence import Exposure
from autocull.measure.exposure import measure_exposure
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
places, blur in rich ones; all vanish in a small view); and the numbers of `numbers_of`: the histogram of the
luma in `light_bins` steps, the measured exposure, and the traces that movement, noise and JPEG (whose blocks
repeat every `period` pixels) leave in the tiles of all cells.
"""

_DEEPEST = 6.0  # the histogram's shares enter as log2, from 0 (all pixels) down to 2**-6 of an even share


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


def exposure_numbers(exposure: Exposure) -> Floats:
    """Tell the measured light in five numbers: percentiles and clipped shares, -1 to 1."""
    told = (
        exposure.low,
        exposure.median,
        exposure.high,
        exposure.clipped_dark**0.5,
        exposure.clipped_bright**0.5,
    )
    return np.array(told, np.float32) * 2 - 1


def numbers_of(photo: Photo, tiles: Pixels, patches: Pixels, preprocessing: Mapping[str, Any]) -> Floats:
    """Describe a photo's light and the traces of faults in its tiles: everything that is counted, in one row.

    The order: `light_of`, `exposure_numbers`, `smear_of`, `grain_of`, and `blocks_of` the patches.
    """
    return np.concatenate(
        [
            light_of(photo.working, preprocessing["light_bins"]),
            exposure_numbers(measure_exposure(photo)),
            smear_of(tiles),
            grain_of(tiles),
            blocks_of(patches, preprocessing["period"]),
        ]
    )


def count_numbers(preprocessing: Mapping[str, Any]) -> int:
    """How many numbers `numbers_of` gives."""
    return int(preprocessing["light_bins"]) + 2 + 5 + SMEAR + GRAIN + 2 * int(preprocessing["period"])


def look(photo: Photo, preprocessing: Mapping[str, Any] = PREPROCESSING) -> tuple[Floats, Pixels, Pixels]:
    """Take from `photo` what the network is to see: the numbers, the patches, and the small view."""
    side, patch = preprocessing["view"], preprocessing["patch"]
    image = Image.fromarray(photo.working)
    view = np.asarray(image.resize((side, side), Image.Resampling.BOX, reducing_gap=1.0))
    boxes = lay_grid(photo, patch, preprocessing["cells"]).boxes
    cut = np.stack([cut_tile(photo, box, patch) for box in boxes])
    patches = cut[_pick(texture(grey(cut)), preprocessing["rich"], preprocessing["plain"])]
    return numbers_of(photo, cut, patches, preprocessing), patches, view


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
