"""Tests of JSON lines: complete, deterministic, and as their schema describes."""

from __future__ import annotations

import io
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from autocull.errors import MarksError
from autocull.judge.verdict import BetterFrame, Reason
from autocull.output.json_lines import JsonLinesWriter, eyes_open, result_to_json
from autocull.output.result import Result
from autocull.read.photo import Box, Capture
from autocull.series.model import SeriesPosition
from autocull.taste.profile import Selection
from support.evidence_builders import evidence, eye, face, focus
from support.result_factories import judged, load_result_schema, unreadable

BLINK = judged(Path("shoot/blink.jpg"), faces=(face(0.02),))
SOFT = judged(Path("shoot/soft.NEF"), Path("shoot/soft.JPG"), focus=focus(0.02, motion=0.9))
GOOD = judged(Path("shoot/good.jpg"))
OUTDONE = replace(
    judged(Path("shoot/other.jpg")),
    verdict=replace(
        judged(Path("shoot/other.jpg")).verdict,
        answer="reject",
        reasons=(
            Reason(
                "better_in_series",
                0.7,
                0.9,
                None,
                BetterFrame(Path("shoot/best.jpg"), 0.0, 0.12, 0.0, (2,), 3),
            ),
        ),
        series=SeriesPosition("0123456789ab", "burst", 2, 3, Path("shoot/best.jpg")),
        select=Selection(0.25, "weddings", acts=False, reject_limit=0.03),
    ),
)
BROKEN = unreadable(Path("shoot/broken.jpg"))


def validator() -> Draft202012Validator:
    """Return a validator of the shipped schema."""
    return Draft202012Validator(load_result_schema())


def test_schema_is_valid() -> None:
    """The shipped file obeys draft 2020-12 itself, and allows no unknown key at the top."""
    Draft202012Validator.check_schema(load_result_schema())
    assert load_result_schema()["additionalProperties"] is False


@pytest.mark.parametrize("result", [BLINK, SOFT, GOOD, BROKEN], ids=lambda result: result.frame.path.stem)
def test_every_record_obeys_the_schema(result: Result) -> None:
    """Rejected, kept and unreadable frames all become objects that the schema accepts."""
    validator().validate(result_to_json(result))


def test_keys_have_the_order_of_the_schema() -> None:
    """Every frame has the same keys in the same order, readable or not."""
    keys = list(load_result_schema()["properties"])
    assert list(result_to_json(GOOD)) == list(result_to_json(BROKEN)) == keys
    assert list(result_to_json(GOOD)["evidence"]) == [
        "focus",
        "faces",
        "eyes",
        "eyes_open",
        "defects",
        "category",
    ]


def test_unreadable_frame_has_its_error() -> None:
    """No marks, no evidence, but the error's code and message."""
    record = result_to_json(BROKEN)
    assert (record["verdict"], record["rating"], record["label"], record["flag"]) == (
        "cannot_tell",
        0,
        "none",
        0,
    )
    assert record["evidence"] is None
    assert record["capture"] is None
    assert record["error"] == {"code": "damaged", "message": "The file is damaged."}


def test_frame_has_its_series_and_the_better_frame() -> None:
    """Kind, rank, size and the best one's path; the reason has the other's lead, also as text."""
    record = result_to_json(OUTDONE)
    validator().validate(record)
    assert record["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": "shoot/best.jpg",
    }  # fmt: skip
    (reason,) = record["reasons"]
    assert reason["beside"] == {
        "path": "shoot/best.jpg", "eyes": 0.0, "sharp": 0.12, "light": 0.0, "blinking": [2], "faces": 3,
    }  # fmt: skip
    assert reason["text"].startswith("Frame best.jpg of this series is better: eyes open (face 2 of 3")
    assert record["select"] == {"probability": 0.25, "profile": "weddings", "acts": False}


def test_reason_has_the_extent_of_a_missed_focus() -> None:
    """In px of a view of 2048 px and in parts of the diagonal; null where there is none."""
    soft = judged(Path("shoot/soft.jpg"), focus=focus(0.02, found_by="region", blur=0.01))
    record = result_to_json(soft)
    validator().validate(record)
    assert record["reasons"][0]["blur"]["pixels"] == 20.48
    assert result_to_json(BLINK)["reasons"][0]["blur"] is None


def test_single_frame_has_no_series() -> None:
    """Without grouping and taste, both are null."""
    assert result_to_json(GOOD)["series"] is result_to_json(GOOD)["select"] is None


def test_rejected_frame_has_its_reason_as_text() -> None:
    """The reason has the numbers that decided, the position, and a sentence."""
    record = result_to_json(BLINK)
    assert (record["verdict"], record["label"], record["flag"]) == ("reject", "red", -1)
    reason = record["reasons"][0]
    assert reason["code"] == "eyes_closed"
    assert reason["measured"] == 0.02
    assert reason["where"] == [0.35, 0.2, 0.65, 0.6]
    assert "2 %" in reason["text"]


def test_files_of_a_pair_are_named() -> None:
    """The JPEG of a RAW+JPEG pair is a companion of the record."""
    record = result_to_json(SOFT)
    assert record["path"] == str(Path("shoot/soft.NEF"))
    assert record["companions"] == [str(Path("shoot/soft.JPG"))]


def test_focus_kind_is_the_likeliest() -> None:
    """Motion is named as motion."""
    assert result_to_json(SOFT)["evidence"]["focus"]["kind"] == "motion"
    assert result_to_json(GOOD)["evidence"]["focus"]["kind"] == "sharp"
    assert result_to_json(GOOD)["evidence"]["focus"]["blur"] == 0


def test_numbers_are_rounded_except_exposure_times() -> None:
    """Probabilities have four decimals; 1/8000 s is not rounded away."""
    photo_evidence = evidence(capture=Capture(shutter=1 / 8000, aperture=2.8000001), focus=focus(0.123456789))
    record = result_to_json(judged(Path("a.jpg"), measured=photo_evidence))
    assert record["evidence"]["focus"]["subject_sharp"] == 0.1235
    assert record["capture"]["shutter"] == 0.000125
    assert record["capture"]["aperture"] == 2.8


def test_reason_without_a_position_is_null() -> None:
    """`where` is null where the whole picture is meant."""
    verdict = replace(GOOD.verdict, reasons=(Reason("too_dark", 0.9, 0.8),))
    record = result_to_json(replace(GOOD, verdict=verdict))
    assert record["reasons"][0]["where"] is None
    validator().validate(record)


def test_eyes_are_weighted_by_their_size() -> None:
    """The nearer eye has more weight; a face without eyes has no probability."""
    near_and_far = face((1.0, 0.0))
    wide = replace(
        near_and_far,
        eyes=(replace(near_and_far.eyes[0], size=30.0), replace(near_and_far.eyes[1], size=10.0)),
    )
    assert eyes_open(wide) == 0.75
    assert eyes_open(replace(near_and_far, eyes=())) is None
    assert eyes_open(replace(near_and_far, eyes=(eye(size=0.0),))) is None


def test_lines_are_written_one_by_one() -> None:
    """Each line is in the stream before the next result is added, and the stream stays open."""
    stream = io.BytesIO()
    writer = JsonLinesWriter(stream)
    counts = []
    for result in (GOOD, BROKEN, BLINK):
        writer.add(result)
        counts.append(stream.getvalue().count(b"\n"))
    writer.finish()
    writer.close()
    assert counts == [1, 2, 3]
    assert [json.loads(line)["path"] for line in stream.getvalue().splitlines()] == [
        str(result.frame.path) for result in (GOOD, BROKEN, BLINK)
    ]


def test_file_appears_when_it_is_finished(tmp_path: Path) -> None:
    """A run that stops in the middle leaves the old file, and nothing next to it."""
    path = tmp_path / "results.jsonl"
    path.write_text("old")
    for is_complete in (False, True):
        with closing(JsonLinesWriter(path)) as writer:
            writer.add(GOOD)
            assert path.read_text() == "old"
            if is_complete:
                writer.finish()
        assert list(tmp_path.iterdir()) == [path]
    assert json.loads(path.read_text("utf-8"))["path"] == str(GOOD.frame.path)


@pytest.mark.parametrize("name", ["missing/results.jsonl", "."])
def test_unwritable_file_is_named_when_it_is_opened(tmp_path: Path, name: str) -> None:
    """A missing folder, or a folder of that name, is an error before anything is added."""
    with pytest.raises(MarksError, match="cannot be written") as caught:
        JsonLinesWriter(tmp_path / name)
    assert caught.value.path == tmp_path / name


def test_failing_stream_is_named() -> None:
    """A full disk is a MarksError at the end; a closed pipe is handled by the command line."""

    class FailingStream(io.BytesIO):
        """A stream whose writing fails with an error."""

        def __init__(self, error: OSError) -> None:
            super().__init__()
            self.error = error

        def write(self, _: object) -> int:
            """Fail."""
            raise self.error

    writer = JsonLinesWriter(FailingStream(OSError(28, "No space left on device")))
    writer.add(GOOD)
    writer.add(GOOD)
    with pytest.raises(MarksError, match="standard output cannot be written: No space left on device"):
        writer.finish()
    with pytest.raises(BrokenPipeError):
        JsonLinesWriter(FailingStream(BrokenPipeError())).add(GOOD)


def test_invalid_unicode_name_survives_the_round_trip() -> None:
    """Lines are ASCII, and the invalid bytes of a name are restored."""
    name = b"IMG_\xff\xfe_\xe9t\xe9.jpg".decode("utf-8", "surrogateescape")
    stream = io.BytesIO()
    writer = JsonLinesWriter(stream)
    writer.add(judged(Path(name)))
    writer.add(unreadable(Path(name), message=f"{name} is damaged."))
    assert stream.getvalue().isascii()
    for line in stream.getvalue().splitlines():
        assert json.loads(line)["path"].encode("utf-8", "surrogateescape") == os.fsencode(name)


def test_schema_refuses_invalid_records() -> None:
    """A box outside the picture, a sixth star, an unknown key and an error with a verdict are refused."""
    outside = replace(GOOD.evidence, faces=(face(box=Box(0.5, 0.5, 1.5, 0.9)),))
    broken = result_to_json(replace(GOOD, evidence=outside, verdict=replace(GOOD.verdict, faces=("open",))))
    wrong = [
        broken,
        {**result_to_json(GOOD), "rating": 6},
        {**result_to_json(GOOD), "surprise": 1},
        {**result_to_json(GOOD), "error": result_to_json(BROKEN)["error"]},
        {**result_to_json(BROKEN), "verdict": "keep"},
    ]
    for each in wrong:
        with pytest.raises(ValidationError):
            validator().validate(each)
