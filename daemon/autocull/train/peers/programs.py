"""Other programs behind one interface; each package is imported when it is used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module, metadata
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from autocull.train.peers.base import Peer, PeerOpinion, is_readable, read_reduced

_HASH_BITS = 10
_SIDE = 1024


class CleanVisionPeer(Peer):
    """CleanVision (Cleanlab, Apache-2.0): dark, light and blurry photos, and near duplicates by pHash.

    Its limits are the defaults of `Imagelab.find_issues`. Its scores are 1 for good photos.
    """

    name = "cleanvision"
    kinds = ("dark", "bright", "blur", "motion")
    finds_pairs = True
    _ISSUES: Mapping[str, tuple[str, ...]] = {
        "dark": ("dark",),
        "light": ("bright",),
        "blurry": ("blur", "motion"),
    }

    def __init__(self) -> None:
        self._module = import_module("cleanvision")
        self.version = metadata.version("cleanvision")

    def judge(self, paths: Sequence[Path]) -> Mapping[Path, PeerOpinion]:
        """Return its opinion on each photo that it can read."""
        readable = [path for path in paths if is_readable(path)]
        if not readable:
            return {}
        issues = self._run(readable, tuple(self._ISSUES)).issues
        opinions = {}
        for path in readable:
            row = issues.loc[str(path)]
            scores = {
                kind: 1 - float(row[f"{issue}_score"])
                for issue, kinds in self._ISSUES.items()
                for kind in kinds
            }
            flags = {
                kind for issue, kinds in self._ISSUES.items() for kind in kinds if row[f"is_{issue}_issue"]
            }
            opinions[path] = PeerOpinion(frozenset(flags), scores)
        return opinions

    def find_pairs(self, paths: Sequence[Path]) -> Iterable[tuple[Path, Path]]:
        """Yield the pairs of its sets of near and of exact duplicates."""
        readable = [path for path in paths if is_readable(path)]
        if not readable:
            return
        names = ("near_duplicates", "exact_duplicates")
        info = self._run(readable, names).info
        for name in names:
            for group in info.get(name, {}).get("sets", []):
                yield from combinations(sorted(map(Path, group)), 2)

    def _run(self, paths: Sequence[Path], issues: Sequence[str]) -> Any:
        with _silence():
            lab = self._module.Imagelab(filepaths=[str(path) for path in paths], verbose=False)
            lab.find_issues({name: {} for name in issues}, n_jobs=1, verbose=False)
        return lab


class SelectsPeer(Peer):
    """selects (MIT): its classical limits for blur and for clipped light, on previews of 1024 px.

    Only its module of classical scores is used, which needs neither its server nor its networks. Its
    comparison of photos needs networks that it downloads, and is left out.
    """

    name = "selects"
    kinds = ("dark", "bright", "blur", "motion")

    def __init__(self) -> None:
        self._blur = import_module("selects.classical.blur")
        self._exposure = import_module("selects.classical.exposure")
        self._reject = import_module("selects.classical.auto_reject")
        self.version = metadata.version("selects")

    def judge(self, paths: Sequence[Path]) -> Mapping[Path, PeerOpinion]:
        """Return its opinion on each photo that can be read."""
        return {
            path: self._judge(picture) for path in paths if (picture := read_reduced(path, _SIDE)) is not None
        }

    def _judge(self, picture: Any) -> PeerOpinion:
        sharpness = float(self._blur.laplacian_variance(picture))
        light = self._exposure.exposure_score(picture)
        result = self._reject.evaluate_reject(
            self._reject.RejectInput(
                blur=sharpness,
                exposure_score=light.score,
                clipped_ratio=light.clipped_ratio,
                faces_count=0,
                mean=light.mean,
            )
        )
        kinds = {"severe_blur": ("blur", "motion"), "blown_out": ("bright",), "all_black": ("dark",)}
        flags = frozenset(kinds.get(str(result.reason), ()))
        scores = {"blur": -sharpness, "motion": -sharpness, "dark": -light.mean, "bright": light.mean}
        return PeerOpinion(flags, scores)


class LaplacianPeer(Peer):
    """The variance of the Laplacian at 1024 px, blurred below 100: the script of most tutorials.

    Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy (2000). It needs no package.
    """

    name = "laplacian"
    version = "1"
    kinds = ("blur", "motion")
    LIMIT = 100.0

    def judge(self, paths: Sequence[Path]) -> Mapping[Path, PeerOpinion]:
        """Return its opinion on each photo that can be read."""
        opinions = {}
        for path in paths:
            picture = read_reduced(path, _SIDE)
            if picture is not None:
                variance = _laplacian_variance(picture)
                flags = frozenset(self.kinds if variance < self.LIMIT else ())
                opinions[path] = PeerOpinion(flags, dict.fromkeys(self.kinds, -variance))
        return opinions


class HashPeer(Peer):
    """A perceptual hash of the package imagehash: photos up to 10 of 64 bits apart are nearly the same."""

    finds_pairs = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._module: ModuleType = import_module("imagehash")
        self.version = metadata.version("imagehash")

    def find_pairs(self, paths: Sequence[Path]) -> Iterable[tuple[Path, Path]]:
        """Yield the pairs of photos whose hashes are close."""
        hashes = {
            path: getattr(self._module, self.name)(Image.fromarray(picture))
            for path in paths
            if (picture := read_reduced(path, _SIDE)) is not None
        }
        for one, other in combinations(hashes, 2):
            if hashes[one] - hashes[other] <= _HASH_BITS:
                yield one, other


def _laplacian_variance(picture: Any) -> float:
    """Return the variance of the Laplacian of the luma (0-255), as OpenCV computes it: 4 neighbours."""
    luma = np.asarray(Image.fromarray(picture).convert("L"), np.float64)
    padded = np.pad(luma, 1, mode="reflect")
    neighbours = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return float((neighbours - 4 * luma).var())


@contextmanager
def _silence() -> Iterator[None]:
    """Discard what a program prints."""
    with Path(os.devnull).open("w") as sink, redirect_stdout(sink), redirect_stderr(sink):
        yield
