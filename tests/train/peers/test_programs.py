"""Other programs behind their interface: fakes of them, and the real ones where they are installed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from autocull.errors import PeerError
from autocull.train.peers.base import read_reduced
from autocull.train.peers.programs import CleanVisionPeer, SelectsPeer
from autocull.train.peers.registry import PEERS, load_peers


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    """Write a sharp photo and a copy of it, a blurred one, a black one, and a file that is no photo."""
    rng = np.random.default_rng(3)
    blocks = rng.integers(40, 215, (24, 32, 3)).astype(np.uint8)
    sharp = Image.fromarray(blocks).resize((640, 480), Image.Resampling.NEAREST)
    pictures = {
        "sharp": sharp,
        "copy": sharp.resize((320, 240)),
        "blurred": sharp.filter(ImageFilter.GaussianBlur(14)),
        "black": Image.new("RGB", (640, 480), (3, 3, 3)),
    }
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"no photo")
    return {name: tmp_path / f"{name}.png" for name in (*pictures, "broken")}


class FakeImagelab:
    """CleanVision's interface, as far as it is used: the mean of a photo decides."""

    def __init__(self, *, filepaths: list[str], verbose: bool) -> None:
        self.paths = filepaths
        self.issues: Any = None
        self.info: dict[str, Any] = {}

    def find_issues(self, issue_types: dict[str, Any], *, n_jobs: int, verbose: bool) -> None:
        """Compute the requested issues."""
        print("progress of another program")  # noqa: T201 - as it does
        rows: dict[str, dict[str, float | bool]] = {path: {} for path in self.paths}
        for path in self.paths:
            light = float(np.asarray(Image.open(path).convert("L")).mean()) / 255
            for issue in issue_types:
                score = light if issue == "dark" else 1.0
                rows[path] |= {f"{issue}_score": score, f"is_{issue}_issue": score < 0.3}
        self.issues = SimpleNamespace(loc=rows)
        if "near_duplicates" in issue_types:
            self.info = {"near_duplicates": {"sets": [self.paths[:3]]}}


@pytest.fixture
def fake_cleanvision(monkeypatch: pytest.MonkeyPatch) -> CleanVisionPeer:
    """Make the program with a fake package."""
    module = ModuleType("cleanvision")
    module.Imagelab = FakeImagelab  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cleanvision", module)
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9")
    return CleanVisionPeer()


def test_cleanvision_is_translated(
    fake_cleanvision: CleanVisionPeer, photos: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its issues are kinds of faults, its scores are turned round, and nothing is printed."""
    opinions = fake_cleanvision.judge(list(photos.values()))
    assert photos["broken"] not in opinions
    assert opinions[photos["black"]].flags == {"dark"}
    assert opinions[photos["sharp"]].flags == frozenset()
    assert opinions[photos["black"]].scores["dark"] > opinions[photos["sharp"]].scores["dark"]
    assert set(opinions[photos["sharp"]].scores) == set(fake_cleanvision.kinds)
    pairs = list(
        fake_cleanvision.find_pairs([photos[name] for name in ("sharp", "copy", "blurred", "broken")])
    )
    assert len(pairs) == 3
    assert fake_cleanvision.version == "9.9"
    assert capsys.readouterr() == ("", "")
    assert fake_cleanvision.judge([photos["broken"]]) == {}


def test_selects_is_translated(photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reasons of rejects are kinds of faults."""
    modules = {
        "blur": {"laplacian_variance": lambda picture: float(picture.std())},
        "exposure": {
            "exposure_score": lambda picture: SimpleNamespace(
                score=0.5, mean=float(picture.mean()) / 255, clipped_ratio=float((picture < 8).mean())
            )
        },
        "auto_reject": {
            "RejectInput": lambda **values: SimpleNamespace(**values),
            "evaluate_reject": lambda values: SimpleNamespace(
                reason="all_black" if values.clipped_ratio > 0.9 else None
            ),
        },
    }
    monkeypatch.setitem(sys.modules, "selects", ModuleType("selects"))
    monkeypatch.setitem(sys.modules, "selects.classical", ModuleType("selects.classical"))
    for name, contents in modules.items():
        module = ModuleType(f"selects.classical.{name}")
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.9")
    opinions = SelectsPeer().judge(list(photos.values()))
    assert set(opinions) == {photos[name] for name in ("sharp", "copy", "blurred", "black")}
    assert opinions[photos["black"]].flags == {"dark"}
    assert opinions[photos["sharp"]].flags == frozenset()
    assert opinions[photos["blurred"]].scores["blur"] > opinions[photos["sharp"]].scores["blur"]


def test_laplacian_finds_blur(photos: dict[str, Path]) -> None:
    """The blurred photo is below the published limit, the sharp one above it."""
    (peer,) = load_peers(["laplacian"])
    opinions = peer.judge(list(photos.values()))
    assert opinions[photos["blurred"]].flags == {"blur", "motion"}
    assert opinions[photos["sharp"]].flags == frozenset()
    assert photos["broken"] not in opinions
    assert not peer.finds_pairs


def test_hashes_pair_copies(photos: dict[str, Path]) -> None:
    """A smaller copy, and not the black photo."""
    pytest.importorskip("imagehash")
    for peer in load_peers(["phash", "dhash"]):
        pairs = {
            frozenset(pair) for pair in peer.find_pairs([photos["sharp"], photos["copy"], photos["black"]])
        }
        assert pairs == {frozenset({photos["sharp"], photos["copy"]})}
        assert peer.kinds == ()


def test_installed_cleanvision_can_be_run(photos: dict[str, Path]) -> None:
    """The real package."""
    pytest.importorskip("cleanvision")
    (peer,) = load_peers(["cleanvision"])
    assert "dark" in peer.judge([photos["sharp"], photos["black"]])[photos["black"]].flags
    assert list(peer.find_pairs([photos["sharp"], photos["black"]])) == []


def test_missing_and_unknown_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs the package, or the names that there are."""
    monkeypatch.setitem(sys.modules, "cleanvision", None)
    with pytest.raises(PeerError, match=r"cleanvision is not installed .* pip install cleanvision"):
        load_peers(["laplacian", "cleanvision"])
    with pytest.raises(PeerError, match=r"no program 'photoshop'.* There are: cleanvision, phash"):
        load_peers(["photoshop"])
    assert [peer.name for peer in load_peers(["laplacian", "laplacian"])] == ["laplacian"]


def test_every_program_with_a_package_can_be_installed() -> None:
    """Its command names pip."""
    assert {name for name, entry in PEERS.items() if not entry.install} == {"laplacian"}
    assert all(entry.install.startswith("pip install ") for entry in PEERS.values() if entry.install)


def test_photos_are_reduced_and_turned_upright(tmp_path: Path) -> None:
    """As other programs show them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200)).save(tmp_path / "a.jpg", exif=exif)
    picture = read_reduced(tmp_path / "a.jpg", 100)
    assert picture is not None
    assert picture.shape == (100, 50, 3)
    assert read_reduced(tmp_path / "missing.jpg", 100) is None
