"""The training data of a taste: pairs, unreadable photos, plain scores, shoots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.judge import Settings, judge
from autocull.learn.dataset import build_examples, measure_decided, plain_score, split_into_shoots
from autocull.learn.decisions import PhotoDecision
from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import CullRun
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.read import Frame, find_frames
from autocull.read.photo import Capture
from autocull.taste.features import extract_features
from support.cull_run_fakes import FakeWorkers
from support.evidence_builders import evidence, face, focus


def measure(frame: Frame) -> Measurement:
    """Return evidence by the file's name."""
    if "bad" in frame.path.stem:
        return Measurement(PhotoError(frame.path, "It is damaged.", code="damaged"))
    return Measurement(evidence(focus=focus(0.05 if "soft" in frame.path.stem else 0.95)))


@contextmanager
def make_cull_run(*paths: Path) -> Iterator[CullRun]:
    """Yield a run over files that are created with this content and measured by their names."""
    for path in paths:
        path.write_bytes(b"raw")
    with closing(EvidenceStore(None, print)) as store:
        run = CullRun(
            find_frames(paths), store=store, versions={}, start_workers=lambda: FakeWorkers(measure)
        )
        with closing(run):
            yield run


def test_decided_photos_become_examples(tmp_path: Path) -> None:
    """Sorted by path, each with its features, its decision and its plain score."""
    sharp, soft = tmp_path / "sharp.NEF", tmp_path / "soft.NEF"
    progress: list[bool] = []
    with make_cull_run(soft, sharp) as run:
        labelled, left_out = measure_decided(
            run, Settings(), [PhotoDecision(soft, False), PhotoDecision(sharp, True)], progress.append
        )
    first, second = build_examples(labelled, lambda _: None)
    assert (first.path, first.selected, second.path, second.selected) == (sharp, True, soft, False)
    assert first.plain_score > second.plain_score
    assert (
        first.features == extract_features(labelled[0].result.evidence, labelled[0].result.verdict.series)
    ).all()
    assert len(progress) == 2
    assert not left_out


def test_only_selects_are_mirrored(tmp_path: Path) -> None:
    """The mirror function is called for selects only."""
    sharp, soft = tmp_path / "sharp.NEF", tmp_path / "soft.NEF"
    mirrored: list[Path] = []
    with make_cull_run(soft, sharp) as run:
        labelled, _ = measure_decided(
            run, Settings(), [PhotoDecision(soft, False), PhotoDecision(sharp, True)], lambda _: None
        )
    build_examples(labelled, lambda each: mirrored.append(each.decision.path))
    assert mirrored == [sharp]


@pytest.mark.parametrize(("raw", "jpeg", "count"), [(True, True, 1), (True, False, 0)])
def test_pair_of_raw_and_jpeg_is_one_photo(tmp_path: Path, raw: bool, jpeg: bool, count: int) -> None:
    """RAW and JPEG with the same decision count once; with different ones they are left out and counted."""
    files = tmp_path / "a.NEF", tmp_path / "a.jpg"
    decisions = [PhotoDecision(path, selected) for path, selected in zip(files, (raw, jpeg), strict=True)]
    with make_cull_run(*files) as run:
        labelled, left_out = measure_decided(run, Settings(), decisions, lambda _: None)
    assert len(labelled) == count
    assert left_out == ({} if count else {"decided both ways": 1})


def test_unreadable_photos_are_counted(tmp_path: Path) -> None:
    """The other photos are used."""
    good, bad, missing = tmp_path / "good.NEF", tmp_path / "bad.NEF", tmp_path / "gone.NEF"
    with make_cull_run(good, bad) as run:
        decisions = [PhotoDecision(path, True) for path in (good, bad, missing)]
        labelled, left_out = measure_decided(run, Settings(), decisions, lambda _: None)
    assert [each.decision.path for each in labelled] == [good]
    assert left_out == {"cannot be read": 1}


def test_plain_score_follows_the_verdicts() -> None:
    """Kept above doubtful above rejected, each by score."""

    def score(photo: Evidence) -> float:
        return plain_score(judge(photo, Settings()))

    best, kept = evidence(focus=focus(0.99)), evidence(focus=focus(0.8))
    doubtful = evidence(focus=focus(0.3))
    rejected = evidence(faces=(face(0.02),), focus=focus(0.02), defects={"defocus": 0.95})
    assert score(best) > score(kept) > score(doubtful) > score(rejected)


def shot_at(
    time: str | None, folder: str = "a", name: str | None = None, source: str = "exif"
) -> tuple[Path, Capture, str | None]:
    """Return a photo's path, capture and shoot name."""
    return Path(folder) / f"{time}.NEF", Capture(taken=time, taken_from=source), name


def test_long_pause_ends_a_shoot() -> None:
    """Four hours without a photo; the order of the photos does not matter."""
    photos = [
        shot_at("2024-05-01T18:00:00"),
        shot_at("2024-05-01T10:00:00.5"),
        shot_at("2024-05-01T13:59:00"),
    ]
    assert split_into_shoots(photos) == [0, 1, 1]


def test_two_cards_of_one_wedding_are_one_shoot() -> None:
    """Photos taken at one time are one shoot, also in different folders."""
    photos = [
        shot_at("2024-05-01T10:00:00", "card 1"),
        shot_at("2024-05-01T10:05:00+02:00", "card 2"),
    ]
    assert len(set(split_into_shoots(photos))) == 1


def test_without_a_time_the_folder_decides() -> None:
    """A missing time, an invalid one, or the file's own, which copying changes."""
    photos = [
        shot_at(None, "a"), shot_at("yesterday", "a"), shot_at("2024-05-01T10:00:00", "b", source="file"),
        shot_at(None, "b"),
    ]  # fmt: skip
    assert split_into_shoots(photos) == [0, 0, 1, 1]


def test_named_shoot_overrides_the_time() -> None:
    """Photos of one name are one shoot at any time, and those of two names are two."""
    photos = [
        shot_at("2024-05-01T10:00:00", name="x"), shot_at("2024-05-01T10:00:01", name="y"),
        shot_at("2030-05-01T10:00:00", name="x"),
    ]  # fmt: skip
    assert split_into_shoots(photos) == [0, 1, 0]
