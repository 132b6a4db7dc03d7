"""From decisions to examples: pairs, what cannot be read, and the order of the plain ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.judge import Settings, judge
from autocull.learn.dataset import build_examples, measure_decided, plain_score
from autocull.learn.decisions import PhotoDecision
from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import CullRun
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.read import Frame, find_frames
from autocull.taste.features import extract_features
from support.cull_run_fakes import FakeWorkers
from support.evidence_builders import evidence, face, focus


def measure(frame: Frame) -> Measurement:
    """Give evidence by the file's name."""
    if "bad" in frame.path.stem:
        return Measurement(PhotoError(frame.path, "It is damaged.", code="damaged"))
    return Measurement(evidence(focus=focus(0.05 if "soft" in frame.path.stem else 0.95)))


@contextmanager
def culling(*paths: Path) -> Iterator[CullRun]:
    """Make a run over files that are written here, measured by their names."""
    for path in paths:
        path.write_bytes(b"raw")
    with closing(EvidenceStore(None, print)) as store:
        run = CullRun(
            find_frames(paths), store=store, versions={}, start_workers=lambda: FakeWorkers(measure)
        )
        with closing(run):
            yield run


def test_decided_photos_become_examples(tmp_path: Path) -> None:
    """By path, each with its features, its decision and its place in the plain ensemble's order."""
    sharp, soft = tmp_path / "sharp.NEF", tmp_path / "soft.NEF"
    steps: list[bool] = []
    with culling(soft, sharp) as run:
        seen, left_out = measure_decided(
            run, Settings(), [PhotoDecision(soft, False), PhotoDecision(sharp, True)], steps.append
        )
    first, second = build_examples(seen, lambda _: None)
    assert (first.path, first.selected, second.path, second.selected) == (sharp, True, soft, False)
    assert first.plain_score > second.plain_score
    assert (first.features == extract_features(seen[0].result.evidence, seen[0].result.verdict.series)).all()
    assert len(steps) == 2
    assert not left_out


def test_only_selects_are_mirrored(tmp_path: Path) -> None:
    """The mirror is asked about them alone."""
    sharp, soft = tmp_path / "sharp.NEF", tmp_path / "soft.NEF"
    asked: list[Path] = []
    with culling(soft, sharp) as run:
        seen, _ = measure_decided(
            run, Settings(), [PhotoDecision(soft, False), PhotoDecision(sharp, True)], lambda _: None
        )
    build_examples(seen, lambda each: asked.append(each.decision.path))
    assert asked == [sharp]


@pytest.mark.parametrize(("raw", "jpeg", "kept"), [(True, True, 1), (True, False, 0)])
def test_a_pair_is_one_photo(tmp_path: Path, raw: bool, jpeg: bool, kept: int) -> None:
    """RAW and JPEG decided alike count once; decided both ways they are left out, and counted."""
    files = tmp_path / "a.NEF", tmp_path / "a.jpg"
    decisions = [PhotoDecision(path, chosen) for path, chosen in zip(files, (raw, jpeg), strict=True)]
    with culling(*files) as run:
        seen, left_out = measure_decided(run, Settings(), decisions, lambda _: None)
    assert len(seen) == kept
    assert left_out == ({} if kept else {"decided both ways": 1})


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    """Its neighbours are learned from."""
    good, bad, gone = tmp_path / "good.NEF", tmp_path / "bad.NEF", tmp_path / "gone.NEF"
    with culling(good, bad) as run:
        decisions = [PhotoDecision(path, True) for path in (good, bad, gone)]
        seen, left_out = measure_decided(run, Settings(), decisions, lambda _: None)
    assert [each.decision.path for each in seen] == [good]
    assert left_out == {"cannot be read": 1}


def test_the_plain_order_is_that_of_the_verdicts() -> None:
    """The kept before the doubtful before the rejected, each by score."""

    def order(photo: Evidence) -> float:
        return plain_score(judge(photo, Settings()))

    best, kept = evidence(focus=focus(0.99)), evidence(focus=focus(0.8))
    doubtful = evidence(focus=focus(0.3))
    rejected = evidence(faces=(face(0.02),), focus=focus(0.02), defects={"defocus": 0.95})
    assert order(best) > order(kept) > order(doubtful) > order(rejected)
