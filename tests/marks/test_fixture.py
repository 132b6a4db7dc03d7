"""Fixtures: nothing but measurements and decisions, number for number, and refused where they are wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from autocull.errors import ManifestError
from autocull.judge import Settings, judge
from autocull.marks.decision import Choice
from autocull.marks.fixture import Case, Counts, Fixture, HerMarks, nameless, schema, write_fixture
from autocull.marks.fixture_reading import CATEGORIES, DEFECTS, read_fixture
from autocull.measure.evidence import EyePoints, Likeness
from autocull.read.photo import Capture
from builders import evidence, face, focus

COUNTS = Counts(9, 2, 1, 1, 1, 1, 2, 1)
POINT = (0.4, 0.3)


def case(number: int = 1, decision: Choice = "keep", sharp: float = 0.1 + 0.2) -> Case:
    """A soft photo of a person, with every kind of number that evidence has."""
    seen = evidence(
        faces=(face(eye_points=(EyePoints(POINT, POINT, POINT, POINT),)),),
        focus=focus(sharp, faces=(None, 0.25)),
        defects={"defocus": 0.9},
        capture=Capture("2024-05-01T10:11:12", "exif", "Example One", "4711", "35mm", 35.0, 1.8, 0.01, 400),
        remarks=("scaled_down",),
    )
    verdict = judge(seen, Settings())
    codes = tuple(reason.code for reason in verdict.reasons)
    marks = HerMarks(4, None, None, ("rating",))
    return Case(number, nameless(seen), verdict.answer, codes, decision, "rating", marks)


def fixture(*cases: Case) -> Fixture:
    """A fixture of these cases, or of two."""
    return Fixture.of(cases or (case(1), case(7, "reject", 0.9)), COUNTS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A written fixture."""
    path = tmp_path / "fixture.json"
    write_fixture(fixture(), path)
    return path


def spoilt(file: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """The file with a change to what it holds."""
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")
    return file


def test_what_is_read_is_what_was_written(file: Path) -> None:
    """Every number comes back to its last bit, so that verdicts are the same."""
    assert read_fixture(file) == fixture()


def test_the_file_obeys_its_schema(file: Path) -> None:
    """The schema is a schema, and a written file is one of its kind."""
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(json.loads(file.read_text("utf-8")))


def test_nothing_in_it_says_whose_photo_it_is(file: Path) -> None:
    """No time, camera, lens or serial number; the exposure stays, since noise and motion come from it."""
    text = file.read_text("utf-8")
    for word in ("2024", "Example One", "4711", "35mm", "exif"):
        assert word not in text
    read = read_fixture(file).photos[0].evidence.capture
    assert (read.focal_length, read.aperture, read.shutter, read.iso) == (35.0, 1.8, 0.01, 400)


def test_nothing_in_it_says_what_the_photo_looks_like(file: Path) -> None:
    """Neither hash nor vector nor patches: from descriptors a picture can be guessed at."""
    assert set(asdict(evidence().likeness).values()).isdisjoint(file.read_text("ascii").split('"'))
    assert read_fixture(file).photos[0].evidence.likeness == Likeness()


def test_each_photo_has_a_line(file: Path) -> None:
    """Two versions of a fixture can be compared line by line."""
    lines = file.read_text("ascii").splitlines()
    assert [json.loads(line.rstrip(","))["number"] for line in lines[1:-1]] == [1, 7]


def photo(content: dict[str, Any]) -> Any:
    """The second photo of the file, as JSON."""
    return content["photos"][1]


def put(content: Any, path: str, value: Any) -> None:
    """Set the field at a dotted path in the second photo."""
    found = photo(content)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        found = found[part]
    found[last] = value


WRONG = [
    ("number", 0),
    ("number", True),
    ("answer", "perhaps"),
    ("decision", "cannot_tell"),
    ("by", "mood"),
    ("reasons", "none"),
    ("marks.rating", 6),
    ("marks.label", "pink"),
    ("marks.flag", 0),
    ("marks.hers", ["title"]),
    ("evidence.width", 0),
    ("evidence.width", "6000"),
    ("evidence.width", 1.5),
    ("evidence.capture.serial", "4711"),
    ("evidence.capture.iso", 10**30),
    ("evidence.faces.0.eyes.0.open", 1.5),
    ("evidence.faces.0.eyes.0.size", -1),
    ("evidence.faces.0.yaw", 1e300),
    ("evidence.faces.0.box", [0, 0, 1]),
    ("evidence.focus.sharp", None),
    ("evidence.focus.sharp", "0.5"),
    ("evidence.focus.sharp", -0.2),
    ("evidence.focus.tiles", []),
    ("evidence.focus.tiles", [[]]),
    ("evidence.focus.tiles.0.0", 7),
    ("evidence.focus.faces", [2]),
    ("evidence.exposure.median", 2),
    ("evidence.defects", {}),
    ("evidence.defects.noise", 3),
    ("evidence.defects.noise", "much"),
    ("evidence.category", {"people": 1}),
    ("evidence.likeness.hash", "0123456789abcdef"),
    ("evidence.likeness.vector", "AAAA"),
    ("evidence.models", {"focus": 2}),
    ("evidence.pixels", [0]),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{path}={str(value)[:12]}" for path, value in WRONG])
def test_a_wrong_number_is_refused_by_reader_and_schema(file: Path, path: str, value: object) -> None:
    """The message names the photo's place; the schema says no to the same."""
    spoilt(file, lambda content: put(content, path, value))
    with pytest.raises(ManifestError, match=r"photos\.1\..*Write it anew"):
        read_fixture(file)
    assert not Draft202012Validator(schema()).is_valid(json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("tiles", [[[0.5] * 4, [0.5] * 4], [[0.5] * 4, [0.5] * 3, [0.5] * 4]])
def test_grids_of_other_shapes_are_refused(file: Path, tiles: list[list[float]]) -> None:
    """Tiles and their texture belong together, row by row."""
    spoilt(file, lambda content: put(content, "evidence.focus.tiles", tiles))
    with pytest.raises(ManifestError, match="same shape"):
        read_fixture(file)


def leaves(content: Any) -> list[tuple[Any, str]]:
    """List every field of every object below `content`, with the object that holds it."""
    found = []
    if isinstance(content, dict):
        found += [(content, name) for name in content]
    for each in (
        content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    ):
        found += leaves(each)
    return found


def test_every_missing_field_is_refused(file: Path) -> None:
    """A file of an older or smaller kind is never filled up with defaults; only models may name fewer."""
    content = json.loads(file.read_text("utf-8"))
    content["photos"] = content["photos"][:1]
    fields = len(leaves(content))
    assert fields > 70
    for index in range(fields):
        broken = copy.deepcopy(content)
        holder, name = leaves(broken)[index]
        if holder is broken["models"] or holder is broken["photos"][0]["evidence"]["models"]:
            continue
        del holder[name]
        file.write_text(json.dumps(broken), "utf-8")
        with pytest.raises(ManifestError, match=name):
            read_fixture(file)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(file: Path, number: str) -> None:
    """JSON knows no infinity, Python's reader does."""
    file.write_text(file.read_text("utf-8").replace('"sharp": 0.9', f'"sharp": {number}'), "utf-8")
    with pytest.raises(ManifestError, match="no usable fixture"):
        read_fixture(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"path,label\na.jpg,open\n", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"9" * 5000, "no JSON"),
        (b"[]", "format"),
        (b'{"format": "other"}', "format"),
        (b'{"format": "autocull-fixture"}', "version"),
        (b'{"format": "autocull-fixture", "version": true}', "version"),
        (b'{"format": "autocull-fixture", "version": 0}', "version"),
        (b'{"format": "autocull-fixture", "version": 1}', "models"),
        (b'{"format": "autocull-fixture", "version": 1, "photos": 3}', "required"),
    ],
)
def test_what_is_no_fixture_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Another kind of file gets a sentence that says so."""
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(ManifestError, match=said):
        read_fixture(path)


@pytest.mark.parametrize("version", [2, 10**400])
def test_a_newer_fixture_asks_for_a_newer_autocull(file: Path, version: int) -> None:
    """It is not guessed at."""
    with pytest.raises(ManifestError, match="Update Autocull"):
        read_fixture(spoilt(file, lambda content: content.update(version=version)))


def test_an_empty_fixture_is_refused(file: Path) -> None:
    """Nothing to replay is said, not shown as a perfect score."""
    with pytest.raises(ManifestError, match="there are none"):
        read_fixture(spoilt(file, lambda content: content.update(photos=[])))


def test_a_file_that_is_not_there_or_endless_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is looked at before the file is read."""
    with pytest.raises(ManifestError, match="cannot be read"):
        read_fixture(tmp_path / "none.json")
    monkeypatch.setattr("autocull.marks.fixture_reading.LARGEST", 100)
    with pytest.raises(ManifestError, match="too large"):
        read_fixture(file)


def test_a_photo_needs_few_bytes(file: Path) -> None:
    """A thousand photos are a file that can be mailed."""
    assert file.stat().st_size < 2 * 5000


def test_a_failed_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixture is there whole or as it was."""
    before = file.read_bytes()
    broken = replace(case(), evidence=replace(case().evidence, width=float("nan")))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="JSON compliant"):
        write_fixture(fixture(broken), file)
    assert file.read_bytes() == before


def test_the_names_are_those_that_networks_give() -> None:
    """What the reader demands is what the members measure."""
    from autocull.measure.defects import LABELS
    from autocull.train.labels import CATEGORIES as TRAINED

    assert set(DEFECTS) == set(LABELS)
    assert set(CATEGORIES) == set(TRAINED)
