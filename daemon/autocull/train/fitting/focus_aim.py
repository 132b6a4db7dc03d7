"""Fitting of the learned aim: where in a picture a photographer would focus, by its content.

Good photos are sharp where their photographers focused. The aim is a linear function of the category
backbone's maps, fitted to the sharpness of tiles on a raster over the photo, relative to the photo's mean. So
that the sharpness which the maps show does not give the answer away, each photo is shown in three ways: as it
is, a little blurred, and with its sharpest part blurred.

`python -m autocull.train.fitting.focus_aim ../shared/data models/focus` measures training photos of `photos`
and `more/blur/cuhk_partial`, and writes the weights into the model's folder. No `dev` row is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from autocull.arrays import Doubles, Floats
from autocull.atomic_write import atomic_write
from autocull.measure import (
    AIM,
    CategoryDetector,
    FocusDetector,
    crop_tile,
    interpolate_map,
    log_odds,
    make_views,
    tile_around,
)
from autocull.read import Photo, Pixels
from autocull.train.data import read_manifest, read_picture
from autocull.train.fitting.export import write_checksums

PHOTO_COUNT = 420
"""How many photos of `photos` are measured; those of `more/blur/cuhk_partial` are all measured."""

_RASTER = 7  # tiles along each side
_MIN_PROBABILITY = 0.02
_MILD_BLUR, _STRONG_BLUR = 3.0, 6.0  # px of spread of the views, at a long side of 500 px
_SHARP_SHARE = 0.4  # of the raster: the part that is blurred in the third view
_PENALTY = 3e4  # of the squared weights on standardised features, in units of one tile's loss


class AimSample(NamedTuple):
    """One photo: features `(views, tiles, channels)`, and the tiles' log-odds and texture `(tiles,)`."""

    features: Floats
    log_odds: Doubles
    texture: Doubles


def collect_aim_samples(data: Path, models: Path, *, photos: int = PHOTO_COUNT) -> list[AimSample]:
    """Measure the training photos named above."""
    focus, category = FocusDetector(models), CategoryDetector(models)
    return [_measure_sample(focus, category, read_picture(path)) for path in _iter_paths(data, photos)]


def fit_aim(samples: Iterable[AimSample]) -> Floats:
    """Return the weights `(channels,)` of the features by ridge regression.

    Targets are the log-odds of the tiles relative to their photo's mean. A tile is weighted by its texture
    and by how much the sharpness differs within its photo.
    """
    features, targets, weights = (
        np.concatenate(columns) for columns in zip(*map(_rows_of, samples), strict=True)
    )
    mean, scale = features.mean(0), features.std(0) + 1e-6
    columns = (features - mean) / scale
    weights = weights / weights.mean()
    gram = (columns * weights[:, None]).T @ columns + _PENALTY * np.eye(columns.shape[1])
    solution = np.linalg.solve(gram, (columns * weights[:, None]).T @ targets)
    return np.asarray(solution / scale, np.float32)


def _rows_of(sample: AimSample) -> tuple[Doubles, Doubles, Doubles]:
    """Return features, target and weight of each tile in each view."""
    shares = sample.texture + 0.01
    target = sample.log_odds - (sample.log_odds * shares).sum() / shares.sum()
    weight = sample.texture * sample.log_odds.std()
    views = len(sample.features)
    features = sample.features.reshape(-1, sample.features.shape[-1]).astype(np.float64)
    return features, np.tile(target, views), np.tile(weight, views)


def _measure_sample(focus: FocusDetector, category: CategoryDetector, picture: Pixels) -> AimSample:
    photo = make_views(Photo.from_pixels(picture))[-1]
    centres = (np.arange(_RASTER) + 0.5) / _RASTER
    y, x = (each.ravel() for each in np.meshgrid(centres, centres, indexing="ij"))
    side = focus.tile_side
    tiles = [
        crop_tile(photo, tile_around(photo, *point, side), side)
        for point in zip(x.tolist(), y.tolist(), strict=True)
    ]
    predictions, texture = focus.judge_tiles(tiles)
    sharp = log_odds(predictions[:, 0], _MIN_PROBABILITY)
    views = _make_aim_views(photo.working, sharp.reshape(_RASTER, _RASTER))
    features = np.stack([_features_at(category, view, x, y) for view in views])
    return AimSample(features, sharp, texture)


def _features_at(category: CategoryDetector, picture: Pixels, x: Doubles, y: Doubles) -> Floats:
    maps = category.measure_with_maps(Photo.from_pixels(picture), ())[1]
    return np.concatenate([interpolate_map(each, x, y) for each in maps], axis=1).astype(np.float32)


def _make_aim_views(picture: Pixels, sharp: Doubles) -> Sequence[Pixels]:
    """Return the picture, the picture a little blurred, and the picture with its sharpest part blurred."""
    image, unit = Image.fromarray(picture), max(picture.shape[:2]) / 500
    mild, strong = (
        np.asarray(image.filter(ImageFilter.GaussianBlur(spread * unit)))
        for spread in (_MILD_BLUR, _STRONG_BLUR)
    )
    sharpest = (sharp >= np.quantile(sharp, 1 - _SHARP_SHARE)).astype(np.float32)
    part = np.asarray(Image.fromarray(sharpest).resize(image.size, Image.Resampling.BILINEAR))[..., None]
    return picture, mild, np.asarray(picture * (1 - part) + strong * part, np.uint8)


def _iter_paths(data: Path, photos: int) -> Iterator[Path]:
    """Yield the paths of the training photos."""
    for folder, count in ((data / "photos", photos), (data / "more/blur/cuhk_partial", None)):
        rows = [row for row in read_manifest(folder / "manifest.csv") if row.split == "train"]
        yield from (row.path for row in (rows if count is None else Random(11).sample(rows, count)))


def main(data: Path, folder: Path) -> None:
    """Fit the aim for the model in `folder`; write its weights, and new checksums."""
    content = BytesIO()
    np.save(content, fit_aim(collect_aim_samples(data, folder.parent)), allow_pickle=False)
    with atomic_write(folder / AIM) as file:
        file.write(content.getvalue())
    write_checksums(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
