"""Accuracy of the embedding on pairs of real series, compared with dHash and pHash in the same run.

    python benchmarks/likeness.py DATA

Every pair of photos in DATA/series is classified: one group or two. Each method's threshold is chosen on
synthetic views of training photos of DATA/photos (two of each, `train.synthesis.view_pairs`): the one with
the best F1 over all pairs of them. Prints, for each method, the area under the curve and F1, precision and
recall at that threshold; intervals are bootstraps over groups (95 %). Needs the extras "dev" (imagehash) and
"train" (views).
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

VIEW_SIZE = 384  # px
THRESHOLD_PHOTOS = 300  # training photos whose views choose the thresholds
BOOTSTRAPS = 200
GROUP_KINDS = ("warp", "mf_", "renoir", "gopr")

Similarity = Callable[[Sequence[Pixels]], np.ndarray]
"""Returns the similarity of all pairs of pictures: `(n, n)`, larger is more similar."""


def main() -> None:
    """Print a row for each method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    views = _views(data / "photos")
    rows = read_manifest(data / "series" / "manifest.csv")
    pictures = [read_picture(row.path) for row in rows]
    groups = np.array([row.group for row in rows])
    print(f"| way | threshold | AUC | F1 | precision | recall | recall: {' | '.join(GROUP_KINDS)} |")
    print(f"|---{'|---' * (5 + len(GROUP_KINDS))}|")
    for name, similarity in _methods().items():
        limit = _best_threshold(similarity(views))
        print(f"| {name} | {limit:.3f} | {_row(similarity(pictures), groups, limit)} |", flush=True)


def _views(folder: Path) -> list[Pixels]:
    """Return two views of each photo, one after the other."""
    rows = [row for row in read_manifest(folder / "manifest.csv") if row.split == "train"]
    pictures = [read_picture(row.path) for row in rows[:THRESHOLD_PHOTOS]]
    views: list[Pixels] = []
    for index, picture in enumerate(pictures):
        other = pictures[(index + 1) % len(pictures)]
        views += sample_view_pair(picture, other, np.random.default_rng([1, index]), VIEW_SIZE, 12)[:2]
    return views


def _methods() -> dict[str, Similarity]:
    detector = EmbeddingDetector(models_root())

    def vectors(pictures: Sequence[Pixels]) -> np.ndarray:
        rows = np.stack([vector_of(detector.measure(Photo.from_pixels(each))) for each in pictures])
        return rows @ rows.T

    def own_hash(pictures: Sequence[Pixels]) -> np.ndarray:
        return _hash_similarity([hash_of(detector.measure(Photo.from_pixels(each))) for each in pictures])

    def published(kind: Callable[[Image.Image], imagehash.ImageHash]) -> Similarity:
        return lambda pictures: _hash_similarity(
            [int(str(kind(Image.fromarray(each))), 16) for each in pictures]
        )

    return {
        "likeness: vector": vectors,
        "likeness: hash": own_hash,
        "dHash (imagehash)": published(imagehash.dhash),
        "pHash (imagehash)": published(imagehash.phash),
    }


def _hash_similarity(hashes: Sequence[int]) -> np.ndarray:
    """Return minus the number of differing bits of each pair of hashes."""
    every = np.array(hashes, np.uint64)
    return -np.bitwise_count(every[:, None] ^ every[None]).astype(np.float64)


def _best_threshold(similarity: np.ndarray) -> float:
    """Return the threshold of similarity with the best F1 over all pairs of views."""
    upper = np.triu_indices(len(similarity), 1)
    same, scores = upper[0] // 2 == upper[1] // 2, similarity[upper]
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(same[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + same.sum())
    f1[:-1][scores[order][1:] == scores[order][:-1]] = 0  # pairs of equal similarity are on one side
    return float(scores[order][int(f1.argmax())])


def _row(similarity: np.ndarray, groups: np.ndarray, limit: float) -> str:
    """Format the metrics with their intervals, and the recall of each kind of group."""
    metrics = _metrics(similarity, groups, groups, limit)
    bootstraps = [
        _metrics(*_resample(similarity, groups, np.random.default_rng(seed)), limit)
        for seed in range(BOOTSTRAPS)
    ]
    low, high = np.quantile(np.array(bootstraps), (0.025, 0.975), axis=0)
    cells = [f"{value:.3f} ({a:.3f}-{b:.3f})" for value, a, b in zip(metrics, low, high, strict=True)]
    for kind in GROUP_KINDS:
        own = np.flatnonzero([group.startswith(kind) for group in groups])
        cells.append(f"{_metrics(similarity[np.ix_(own, own)], groups[own], groups[own], limit)[3]:.3f}")
    return " | ".join(cells)


def _resample(similarity: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Sample as many groups as there are; returns similarity, groups, and the number of the sample."""
    names = np.unique(groups)
    members = [
        np.flatnonzero(groups == names[number]) for number in rng.integers(len(names), size=len(names))
    ]
    index = np.concatenate(members)
    copies = np.repeat(np.arange(len(members)), [len(each) for each in members])
    return similarity[np.ix_(index, index)], groups[index], copies


def _metrics(
    similarity: np.ndarray, groups: np.ndarray, copies: np.ndarray, limit: float
) -> tuple[float, float, float, float]:
    """Return area under the curve; F1, precision and recall at the limit. Samples of a group are no pair."""
    first, second = np.triu_indices(len(similarity), 1)
    counted = (copies[first] == copies[second]) | (groups[first] != groups[second])
    first, second = first[counted], second[counted]
    scores, same = similarity[first, second].astype(np.float64), groups[first] == groups[second]
    predicted = scores >= limit
    hits = int((predicted & same).sum())
    precision, recall = hits / max(1, int(predicted.sum())), hits / max(1, int(same.sum()))
    f1 = 2 * hits / max(1, int(predicted.sum()) + int(same.sum()))
    return area_under_curve(same, scores) or 0.0, f1, precision, recall


if __name__ == "__main__":
    main()
