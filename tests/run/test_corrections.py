"""From a culled folder's sidecars and the store to the corrections, without reading a photo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.judge import Settings, judge, mark
from autocull.judge.verdict import Marks, Verdict
from autocull.marks.merge import Policy
from autocull.marks.xmp import write_sidecar
from autocull.measure.evidence import Evidence
from autocull.read import Frame
from autocull.run.corrections import Corrections, corrections
from autocull.run.known import Known
from autocull.run.store import Measurement, Store
from builders import evidence, focus
from lightroom import lightroom

GOOD = evidence()
SOFT = evidence(focus=focus(0.05), defects={"defocus": 0.95})
VAGUE = evidence(focus=focus(0.3))
REJECT = 'xmpDM:pick="-1" xmpDM:good="false"'
PICK = 'xmpDM:pick="1" xmpDM:good="true"'


def default(_: Frame, seen: Evidence) -> tuple[Verdict, Marks]:
    """Judge and mark at default settings."""
    verdict = judge(seen, Settings())
    return verdict, mark(verdict, Settings())


class Folder:
    """A culled folder with its store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames: list[Frame] = []
        self.store = Store(None, lambda _: None)

    def add(
        self,
        seen: Evidence | PhotoError | None,
        marks: str | None = None,
        *,
        wrote: Evidence | None = None,
    ) -> None:
        """Add a photo that measured as `seen` (None: never), with the marks of hers in a sidecar.

        `wrote` is what Autocull had judged when it wrote the sidecar, before her.
        """
        path = self.path / f"IMG_{len(self.frames) + 1:04d}.NEF"
        path.write_bytes(b"raw")
        frame = Frame(path)
        if marks is not None:
            path.with_suffix(".xmp").write_text(lightroom(marks), "utf-8")
        if wrote is not None:
            write_sidecar(frame, default(frame, wrote)[1], policy=Policy())
        if seen is not None:
            self.store.keep(path, b"same", Measurement(seen))
        self.frames.append(frame)

    def corrections(self) -> Corrections:
        """What there is to be learnt."""

        def same(frame: Frame, versions: Mapping[str, str]) -> bytes:
            return b"same"

        return corrections(self.frames, Known(self.store, {}, same), default)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """An empty folder."""
    made = Folder(tmp_path)
    yield made
    made.store.close()


def test_each_photo_has_one_fate(folder: Folder) -> None:
    """What becomes of photos is counted, and the counts add up to the folder."""
    folder.add(GOOD, REJECT)
    folder.add(SOFT, REJECT)
    folder.add(VAGUE, PICK)
    folder.add(SOFT, wrote=GOOD)
    folder.add(GOOD, "")
    folder.add(GOOD)
    folder.add(None, PICK)
    folder.add(PhotoError(Path("x"), "It is damaged.", code="damaged"), PICK)
    folder.add(GOOD, "<")
    counts = folder.corrections().counts
    assert (counts.unmet, counts.met, counts.outdated, counts.undecided) == (2, 1, 1, 2)
    assert (counts.not_measured, counts.unreadable, counts.refused) == (1, 1, 1)
    assert counts.photos == 9
    assert len(folder.corrections().refused) == 1


def test_a_correction_says_what_was_said_and_what_she_decided(folder: Folder) -> None:
    """The case has her decision, the mark that says so, and the verdict with its reasons."""
    folder.add(SOFT, 'xmp:Rating="5"')
    (case,) = folder.corrections().unmet
    assert (case.number, case.answer, case.decision, case.by) == (1, "reject", "keep", "rating")
    assert case.reasons == ("out_of_focus",)
    assert (case.marks.rating, case.marks.flag, case.marks.hers) == (5, None, ("rating",))
    assert case.evidence.capture.taken is None
    assert case.evidence.focus == SOFT.focus


def test_as_many_agreements_as_corrections(folder: Folder) -> None:
    """Two corrections bring two decisions that agree, though there are twenty, spread over the folder."""
    for _ in range(10):
        folder.add(GOOD, wrote=GOOD)
    for _ in range(2):
        folder.add(GOOD, REJECT)
    for _ in range(10):
        folder.add(GOOD, wrote=GOOD)
    fixture = folder.corrections().fixture()
    assert [case.number for case in fixture.photos] == [1, 11, 12, 13]
    assert fixture.counts.met == 20
    assert fixture.models == GOOD.models


def test_her_own_agreements_come_before_what_she_left(folder: Folder) -> None:
    """A mark that she set says more than one that she let stand."""
    folder.add(GOOD, wrote=GOOD)
    folder.add(GOOD, REJECT)
    folder.add(GOOD, 'xmp:Rating="2"', wrote=GOOD)
    fixture = folder.corrections().fixture()
    assert [(case.number, case.by) for case in fixture.photos] == [(2, "flag"), (3, "rating")]


def test_fewer_agreements_than_corrections_are_all_there(folder: Folder) -> None:
    """Where she agrees less often than not, all agreements are in the file."""
    for marks in (REJECT, REJECT, REJECT, PICK):
        folder.add(GOOD, marks)
    assert len(folder.corrections().fixture().photos) == 4


def test_nothing_is_written_into_the_folder(folder: Folder) -> None:
    """Sidecars and photos are read, never touched."""
    folder.add(GOOD, REJECT)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.path.iterdir()}
    folder.corrections().fixture()
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.path.iterdir()} == before


def test_many_photos_keep_their_numbers(folder: Folder) -> None:
    """Numbers run on over the batches in which the store is asked."""
    path = folder.path / "IMG_0001.NEF"
    folder.add(GOOD, REJECT)
    frames = [Frame(folder.path / f"none_{number}.NEF") for number in range(700)] + [Frame(path)]
    folder.frames = frames
    (case,) = folder.corrections().unmet
    assert case.number == 701
