"""Measures whether a picture is a page of text or a screenshot rather than a photo, without a network.

Text is ink on paper: blocks with two clear tones, the darker one in strokes, on paper of one colour. A
screenshot is drawn, so that neighbouring pixels are exactly equal over large areas; light never is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.evidence import Page
from autocull.measure.exposure import BRIGHTEST, DARKEST
from autocull.read import Pixels

_BLOCK = 32  # px of the working picture: side of the blocks in which text is counted
_MIN_BLOCKS = 24  # fewer blocks do not show a page
_MIN_CONTRAST = 50.0  # grey levels between ink and paper
_INK_QUANTILE, _PAPER_QUANTILE = 0.02, 0.9
_INK = (0.02, 0.45)  # the share of ink in a block of text
_BETWEEN = (0.3, 0.7)  # of the way from ink to paper: few pixels of a block of text are there
_MOST_BETWEEN = 0.3  # of the block's pixels, where half of them are ink
_MIN_STROKES = 1.2  # edges of ink per row, and per column
_PAPER_TINT = 0.12  # the paper's colour over its luma differs less between blocks
_REACH = 13  # px: further than the side of a JPEG's block
_EVERY = 4  # rows: of so many, one is compared with its neighbours
_PAPER_LIGHT = 0.45  # paper in shadow over paper in light


def measure_page(working: Pixels) -> Page:
    """Measure text and equal pixels of the working picture `(h, w, 3)`."""
    luma = np.asarray(Image.fromarray(working).convert("L"))
    flat, blank = _measure_equal_pixels(working, luma)
    return Page(text=_measure_text(working, luma), flat=flat, blank=blank)


def _measure_equal_pixels(working: Pixels, luma: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the share (0-1) of pixels that equal those near and further on: unclipped, clipped.

    The blocks of a JPEG of very low quality are even as well, but each has its own colour.
    """
    height, width = (side - _REACH for side in luma.shape)
    if min(height, width) <= 0:
        return 0.0, 0.0
    corner = working[:height:_EVERY, :width]
    equal = np.ones(corner.shape[:2], np.bool_)
    for down, right in ((0, 1), (1, 0), (0, _REACH), (_REACH, 0)):
        other = working[down : down + height : _EVERY, right : right + width]
        for channel in range(3):
            equal &= corner[..., channel] == other[..., channel]
    level = luma[:height:_EVERY, :width]
    clipped = (level <= DARKEST) | (level >= BRIGHTEST)
    return float((equal & ~clipped).mean()), float((equal & clipped).mean())


def _measure_text(working: Pixels, luma: NDArray[np.uint8]) -> float:
    """Return the share (0-1) of blocks with dark strokes on paper, all of one paper."""
    blocks = _split(luma[..., None])[..., 0]
    if len(blocks) < _MIN_BLOCKS:
        return 0.0
    contrasts = blocks.max((1, 2)) - blocks.min((1, 2))
    contrasted = np.flatnonzero(contrasts >= _MIN_CONTRAST)  # the others need not be ordered
    ink, paper = _find_tones(blocks[contrasted])
    is_clear = paper - ink >= _MIN_CONTRAST
    candidates = contrasted[is_clear]
    ink, paper, blocks_left = ink[is_clear], paper[is_clear], blocks[candidates]
    has_strokes = _has_strokes(blocks_left, ink, paper)
    is_paper = blocks_left[has_strokes] > _level(ink, paper, _BETWEEN[1])[has_strokes]
    tints = _paper_tints(_split(working)[candidates[has_strokes]], is_paper)
    return _count_one_paper(paper[has_strokes], tints) / len(blocks)


def _split(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut `(h, w, c)` into whole blocks `(n, _BLOCK, _BLOCK, c)`; a rest at the right and below is left."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    cropped = pixels[: rows * _BLOCK, : columns * _BLOCK]
    split = cropped.reshape(rows, _BLOCK, columns, _BLOCK, pixels.shape[2]).swapaxes(1, 2)
    return split.reshape(rows * columns, _BLOCK, _BLOCK, pixels.shape[2])


def _find_tones(blocks: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Return the luma (0-255) of ink and of paper in each block, should it have them."""
    flat = blocks.reshape(len(blocks), _BLOCK * _BLOCK)
    ink, paper = (int(share * (flat.shape[1] - 1)) for share in (_INK_QUANTILE, _PAPER_QUANTILE))
    ordered = np.partition(flat, (ink, paper), axis=1)
    return ordered[:, ink].astype(np.float32), ordered[:, paper].astype(np.float32)


def _level(ink: Floats, paper: Floats, share: float) -> NDArray[np.uint8]:
    """Return the luma at a share (0-1) of the way from ink to paper, one `(1, 1)` per block."""
    return (ink + share * (paper - ink)).astype(np.uint8)[:, None, None]


def _has_strokes(blocks: NDArray[np.uint8], ink: Floats, paper: Floats) -> NDArray[np.bool_]:
    """Return which blocks have two clear tones, the darker one in strokes."""
    is_ink = blocks < _level(ink, paper, 0.5)
    share = is_ink.mean((1, 2))
    low, high = (_level(ink, paper, each) for each in _BETWEEN)
    between = ((blocks > low) & (blocks < high)).mean((1, 2))
    across = (is_ink[:, :, 1:] != is_ink[:, :, :-1]).sum((1, 2))
    down = (is_ink[:, 1:] != is_ink[:, :-1]).sum((1, 2))
    return np.asarray(
        (share >= _INK[0])
        & (share <= _INK[1])
        & (between <= _MOST_BETWEEN * np.minimum(1, 2 * share + 0.2))
        & (np.minimum(across, down) >= _MIN_STROKES * _BLOCK)
    )


def _paper_tints(colours: NDArray[np.uint8], is_paper: NDArray[np.bool_]) -> Floats:
    """Return the colour of each block's paper over its mean `(n, 3)`."""
    weights = is_paper[..., None]
    tint = (colours * weights).sum((1, 2)) / np.maximum(1, weights.sum((1, 2)))
    return np.asarray(tint / np.maximum(1, tint.mean(1, keepdims=True)), np.float32)


def _count_one_paper(light: Floats, tints: Floats) -> int:
    """Return how many blocks have the paper of most of them, in light or in shadow."""
    if not len(light):
        return 0
    one_colour = np.abs(tints - np.median(tints, axis=0)).max(1) <= _PAPER_TINT
    return int((one_colour & (light >= _PAPER_LIGHT * np.quantile(light, 0.9))).sum())
