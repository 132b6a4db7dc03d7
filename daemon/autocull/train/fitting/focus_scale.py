"""Fitting of the scales from log-odds to the probability that a complete photo is sharp.

The tile network learned single tiles. What their mean over a photo and its viewing sizes is worth is fitted
to complete photos with a made blur (`make_blurred_photos`): single training photos of `photos`, mosaics of
four crisp ones, and pieces of the training photos of `more/good/camera_size`. No `dev` row is used.

The log-odds that are joined with those of the whole frame are scaled again, to photos whose blur was not
made: the training rows of `more/blur/realblur` and `blur`, and of good photos that are dark
(`more/good/lowkey_fuji`) or partly out of focus (`more/blur/cuhk_partial`).

`python -m autocull.train.fitting.focus_scale ../shared/data models/focus` measures them and writes both
scales into the model's configuration.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from PIL import Image

from autocull.arrays import Doubles
from autocull.measure import (
    CategoryDetector,
    DefectDetector,
    FaceDetector,
    FocusDetector,
    join_frame,
    make_views,
    score_view,
)
from autocull.read import Photo, Pixels
from autocull.train.data import Row, read_manifest, read_picture
from autocull.train.fitting.export import update_config
from autocull.train.fitting.light_weights import fit_logistic
from autocull.train.synthesis import BlurredPhoto, make_blurred_photos, make_mosaic

PHOTO_COUNT, PIECE_COUNT = 300, 8
"""How many single photos are measured, and how many pieces of each photo of camera size."""

NATURAL = ("more/blur/realblur", "blur", "more/blur/cuhk_partial", "more/good/lowkey_fuji")
"""Folders of the photos whose blur, if any, was not made."""

_BLURRED = ("motion", "blurred", "defocus")  # their labels of blurred photos
_CRISP = 0.75  # mean P(sharp) by texture from which on a photo is crisp enough for a mosaic
_PIECE_SHARES, _PIECE_SIDES = (0.3, 1.0), (500, 1024)  # of the photo's sides; px after reduction
_MIN_REDUCTION = 1.3  # a piece is reduced at least so far, or it would be soft at the pixel level
_PENALTY = 0.3  # of the squared weights on standardised inputs, in units of one sample's loss


class FocusSample(NamedTuple):
    """One measured photo: its source, its softness (0-1), and the mean log-odds of its viewing sizes."""

    source: str
    soft: float
    log_odds: float


def collect_focus_samples(
    data: Path, models: Path, *, photos: int = PHOTO_COUNT, pieces: int = PIECE_COUNT
) -> list[FocusSample]:
    """Measure the made photos of the training rows named above."""
    detector, category = FocusDetector(models), CategoryDetector(models)
    pictures = _iter_pictures(detector, data, photos, pieces)
    return [
        _measure_sample(detector, category, source, blurred)
        for seed, (source, picture) in enumerate(pictures)
        for blurred in make_blurred_photos(picture, np.random.default_rng(seed))
    ]


def collect_natural_samples(data: Path, models: Path) -> list[FocusSample]:
    """Measure the training rows of `NATURAL`; the log-odds are those joined with the whole frame's."""
    faces, category = FaceDetector(models), CategoryDetector(models)
    defects, detector = DefectDetector(models), FocusDetector(models)
    samples = []
    for row in (row for folder in NATURAL for row in _training_rows(data / folder)):
        photo = Photo.from_pixels(read_picture(row.path))
        by_tiles = detector.measure(photo, faces.measure(photo), category.measure_with_maps(photo, ())[1])
        blur = defects.measure(photo)
        joined = join_frame(by_tiles.sharp, max(blur["defocus"], blur["motion_blur"]))
        samples.append(FocusSample(row.source, float(row.label in _BLURRED), joined))
    return samples


def fit_joined_scale(samples: Sequence[FocusSample]) -> dict[str, float]:
    """Return bias and slope; blurred and good photos count the same, and so do the sources of each."""
    counts = Counter((sample.soft, sample.source) for sample in samples)
    sources = Counter(soft for soft, _ in counts)
    shares = [1 / (counts[sample.soft, sample.source] * sources[sample.soft]) for sample in samples]
    return _fit(samples, np.array(shares) * len(samples) / len(sources))


def fit_scale(samples: Sequence[FocusSample]) -> dict[str, float]:
    """Return bias and slope, rounded to four digits; sources count the same."""
    counts = Counter(sample.source for sample in samples)
    shares = np.array([len(samples) / (counts[sample.source] * len(counts)) for sample in samples])
    return _fit(samples, shares)


def _fit(samples: Sequence[FocusSample], shares: Doubles) -> dict[str, float]:
    inputs = np.array([[sample.log_odds] for sample in samples])
    sharp = np.array([1 - sample.soft for sample in samples])
    bias, slope = fit_logistic(inputs, sharp, shares, _PENALTY)
    return {"bias": round(float(bias), 4), "slope": round(float(slope), 4)}


def _measure_sample(
    detector: FocusDetector, category: CategoryDetector, source: str, blurred: BlurredPhoto
) -> FocusSample:
    photo = Photo.from_pixels(blurred.pixels)
    maps = category.measure_with_maps(photo, ())[1]
    scores = [score_view(detector.judge_view(view, maps)) for view in make_views(photo)]
    return FocusSample(source, blurred.soft, float(np.mean(scores)))


def _iter_pictures(
    detector: FocusDetector, data: Path, photos: int, pieces: int
) -> Iterator[tuple[str, Pixels]]:
    """Yield the source and the pixels of every sharp picture from which photos are made."""
    rows = Random(7).sample(_training_rows(data / "photos"), photos)
    pictures = [(row.source, read_picture(row.path)) for row in rows]
    yield from pictures
    yield from (
        ("mosaic", mosaic) for mosaic in _make_mosaics(detector, (picture for _, picture in pictures))
    )
    for number, row in enumerate(_training_rows(data / "more/good/camera_size")):
        yield from (("camera_size", piece) for piece in _cut_pieces(read_picture(row.path), pieces, number))


def _make_mosaics(detector: FocusDetector, pictures: Iterable[Pixels]) -> Iterator[Pixels]:
    """Join each four crisp pictures, all of them wider than high."""
    waiting: list[Pixels] = []
    for picture in pictures:
        view = detector.judge_view(make_views(Photo.from_pixels(picture))[0])
        weights = view.texture + 0.01
        if (view.predictions[..., 0] * weights).sum() / weights.sum() < _CRISP:
            continue
        waiting.append(picture if picture.shape[1] >= picture.shape[0] else np.rot90(picture))
        if len(waiting) == 4:
            yield make_mosaic(waiting)
            waiting.clear()


def _cut_pieces(picture: Pixels, count: int, seed: int) -> Iterator[Pixels]:
    """Cut pieces of a large photo, reduced to a random long side; pieces that are too small are left out."""
    rng, image = np.random.default_rng(seed), Image.fromarray(picture)
    for _ in range(count):
        share, side = rng.uniform(*_PIECE_SHARES), int(rng.integers(*_PIECE_SIDES))
        width, height = (round(length * share) for length in image.size)
        left, top = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
        factor = side / max(width, height)
        if factor * _MIN_REDUCTION <= 1:
            size = (round(width * factor), round(height * factor))
            box = (left, top, left + width, top + height)
            yield np.asarray(image.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0))


def _training_rows(folder: Path) -> list[Row]:
    return [row for row in read_manifest(folder / "manifest.csv") if row.split == "train"]


def main(data: Path, folder: Path) -> None:
    """Fit the scales for the model in `folder`; write them into its configuration, and new checksums."""
    update_config(folder, {"scale": fit_scale(collect_focus_samples(data, folder.parent))})
    update_config(folder, {"joined": fit_joined_scale(collect_natural_samples(data, folder.parent))})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
