"""Fixtures: a photographer's decisions beside what was measured, as a file without pixels, names and places.

`fixture.schema.json` is the file's promise, and `autocull.marks.fixture_reading` reads it. What was measured
is kept number by number: judging the file gives exactly the verdicts that the photos would get.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from autocull.atomic import whole_file
from autocull.judge.verdict import Answer, Label
from autocull.marks.decision import By, Choice
from autocull.measure.evidence import Evidence, Likeness
from autocull.read.photo import Capture

VERSION = 1
FORMAT: Literal["autocull-fixture"] = "autocull-fixture"


@dataclass(frozen=True, slots=True)
class HerMarks:
    """The marks that she set, changed or cleared; `hers` names them, the others are as Autocull wrote them.

    `rating` is 1-5, `flag` 1 or -1, None where not set; a label by a name of her own is None.
    """

    rating: int | None
    label: Label | None
    flag: int | None
    hers: tuple[Literal["flag", "label", "rating"], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One photo by its running number: evidence, the verdict when it was exported, and what she decided."""

    number: int
    evidence: Evidence
    answer: Answer
    reasons: tuple[str, ...]
    decision: Choice
    by: By
    marks: HerMarks


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos the folder held, and what became of them; the others sum to `photos`.

    `met` and `unmet` count decisions that the verdict at default settings meets and does not; `outdated`
    those where Autocull's marks of an earlier verdict were left alone; `refused` damaged sidecars.
    """

    photos: int
    met: int
    unmet: int
    outdated: int
    undecided: int
    not_measured: int
    unreadable: int
    refused: int


@dataclass(frozen=True, slots=True)
class Fixture:
    """A fixture: the versions of the members that measured, what the folder held, and the photos in it."""

    format: Literal["autocull-fixture"]
    version: int
    models: dict[str, str]
    counts: Counts
    photos: tuple[Case, ...]

    @classmethod
    def of(cls, cases: tuple[Case, ...], counts: Counts) -> Fixture:
        """Make the fixture of these cases."""
        return cls(FORMAT, VERSION, dict(cases[0].evidence.models) if cases else {}, counts, cases)


def nameless(evidence: Evidence) -> Evidence:
    """Take out whose photo it is, when it was taken, and what it looks like; how it was exposed stays."""
    known = evidence.capture
    capture = Capture(
        focal_length=known.focal_length,
        aperture=known.aperture,
        shutter=known.shutter,
        iso=known.iso,
        exposure_bias=known.exposure_bias,
        orientation=known.orientation,
    )
    return replace(evidence, capture=capture, likeness=Likeness())


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every fixture obeys."""
    text = files("autocull.marks").joinpath("fixture.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def write_fixture(fixture: Fixture, file: Path) -> None:
    """Write the fixture, whole or not at all, one photo per line; raises OSError."""
    head = {**asdict(replace(fixture, photos=())), "photos": []}
    photos = ",\n".join(json.dumps(asdict(case), allow_nan=False) for case in fixture.photos)
    text = json.dumps(head, allow_nan=False).removesuffix("[]}") + "[\n" + photos + "\n]}\n"
    with whole_file(file) as stream:
        stream.write(text.encode("ascii"))
