"""Does likeness find what belongs together? Pairs of real series, beside dHash and pHash in the same run.

    python benchmarks/likeness.py DATA

Every pair of photos in DATA/series is asked: one group or two. Each way's threshold is chosen on made views
of training photos of DATA/photos (two of each, `train.synthesis.view_pairs`): the one with the best F1 among
all pairs of them. Prints, per way, the area under the curve and F1, precision and recall at that threshold;
intervals are bootstraps over groups (95 %). Needs the extra "dev" (imagehash) and "train" (views).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image

from autocull.measure.embedding import EmbeddingDetector, hash_of, vector_of
from autocull.measure.models import models_root
from autocull.read.photo import Photo, Pixels
from autocull.stats.metrics import area_under_curve
from autocull.train.data.image_io import read_picture
from autocull.train.data.manifest import read_manifest
from autocull.train.synthesis.view_pairs import sample_view_pair

SIZE = 384  # px: how large a made view is
PHOTOS = 300  # training photos whose views choose the thresholds
DRAWS = 200  # of the bootstrap
KINDS = ("warp", "mf_", "renoir", "gopr")

Likes = Callable[[Sequence[Pixels]], np.ndarray]
"""Says how alike all pairs of pictures are: `(n, n)`, larger is more alike."""


def main() -> None:
    """Print one row per way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    views = _views(data / "photos")
    rows = read_manifest(data / "series" / "manifest.csv")
    pictures = [read_picture(row.path) for row in rows]
    groups = np.array([row.group for row in rows])
    print(f"| way | threshold | AUC | F1 | precision | recall | recall: {' | '.join(KINDS)} |")
    print(f"|---{'|---' * (5 + len(KINDS))}|")
    for name, likes in _ways().items():
        limit = _threshold(likes(views))
        print(f"| {name} | {limit:.3f} | {_row(likes(pictures), groups, limit)} |", flush=True)


def _views(folder: Path) -> list[Pixels]:
    """Two views of each photo, one after the other."""
    rows = [row for row in read_manifest(folder / "manifest.csv") if row.split == "train"][:PHOTOS]
    pictures = [read_picture(row.path) for row in rows]
    views: list[Pixels] = []
    for index, picture in enumerate(pictures):
        other = pictures[(index + 1) % len(pictures)]
        views += sample_view_pair(picture, other, np.random.default_rng([1, index]), SIZE, 12)[:2]
    return views


def _ways() -> dict[str, Likes]:
    member = EmbeddingDetector(models_root())

    def vectors(pictures: Sequence[Pixels]) -> np.ndarray:
        rows = np.stack([vector_of(member.measure(Photo.from_pixels(each))) for each in pictures])
        return rows @ rows.T

    def own_hash(pictures: Sequence[Pixels]) -> np.ndarray:
        return _near([hash_of(member.measure(Photo.from_pixels(each))) for each in pictures])

    def published(kind: Callable[[Image.Image], imagehash.ImageHash]) -> Likes:
        return lambda pictures: _near([int(str(kind(Image.fromarray(each))), 16) for each in pictures])

    return {
        "likeness: vector": vectors,
        "likeness: hash": own_hash,
        "dHash (imagehash)": published(imagehash.dhash),
        "pHash (imagehash)": published(imagehash.phash),
    }


def _near(hashes: Sequence[int]) -> np.ndarray:
    """Minus the number of bits by which hashes differ."""
    every = np.array(hashes, np.uint64)
    return -np.bitwise_count(every[:, None] ^ every[None]).astype(np.float64)


def _threshold(alike: np.ndarray) -> float:
    """The likeness from which on a pair counts, with the best F1 over all pairs of views."""
    upper = np.triu_indices(len(alike), 1)
    same, scores = upper[0] // 2 == upper[1] // 2, alike[upper]
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(same[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + same.sum())
    f1[:-1][scores[order][1:] == scores[order][:-1]] = 0  # a threshold takes all of the same likeness
    return float(scores[order][int(f1.argmax())])


def _row(alike: np.ndarray, groups: np.ndarray, limit: float) -> str:
    """Format the figures with their intervals, and the recall of each kind of group."""
    figures = _figures(alike, groups, groups, limit)
    drawn = [_figures(*_drawn(alike, groups, np.random.default_rng(draw)), limit) for draw in range(DRAWS)]
    low, high = np.quantile(np.array(drawn), (0.025, 0.975), axis=0)
    told = [f"{value:.3f} ({a:.3f}-{b:.3f})" for value, a, b in zip(figures, low, high, strict=True)]
    for kind in KINDS:
        own = np.flatnonzero([group.startswith(kind) for group in groups])
        told.append(f"{_figures(alike[np.ix_(own, own)], groups[own], groups[own], limit)[3]:.3f}")
    return " | ".join(told)


def _drawn(alike: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Draw as many groups as there are; returns likeness, groups, and which copy of a group it is."""
    names = np.unique(groups)
    members = [np.flatnonzero(groups == names[pick]) for pick in rng.integers(len(names), size=len(names))]
    index = np.concatenate(members)
    copies = np.repeat(np.arange(len(members)), [len(each) for each in members])
    return alike[np.ix_(index, index)], groups[index], copies


def _figures(
    alike: np.ndarray, groups: np.ndarray, copies: np.ndarray, limit: float
) -> tuple[float, float, float, float]:
    """Area under the curve; F1, precision and recall at the limit. Two copies of one group are no pair."""
    first, second = np.triu_indices(len(alike), 1)
    asked = (copies[first] == copies[second]) | (groups[first] != groups[second])
    first, second = first[asked], second[asked]
    scores, same = alike[first, second].astype(np.float64), groups[first] == groups[second]
    said = scores >= limit
    hits = int((said & same).sum())
    precision, recall = hits / max(1, int(said.sum())), hits / max(1, int(same.sum()))
    f1 = 2 * hits / max(1, int(said.sum()) + int(same.sum()))
    return area_under_curve(same, scores) or 0.0, f1, precision, recall


if __name__ == "__main__":
    main()
