"""The JSON record: complete, deterministic, and as its schema says."""

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
    """Make a validator for the shipped schema."""
    return Draft202012Validator(load_result_schema())


def test_the_schema_is_a_schema() -> None:
    """The shipped file obeys draft 2020-12 itself, and admits no unknown key at the top."""
    Draft202012Validator.check_schema(load_result_schema())
    assert load_result_schema()["additionalProperties"] is False


@pytest.mark.parametrize("result", [BLINK, SOFT, GOOD, BROKEN], ids=lambda result: result.frame.path.stem)
def test_every_record_obeys_the_schema(result: Result) -> None:
    """Rejected, kept and unreadable frames all become objects that the schema accepts."""
    validator().validate(result_to_json(result))


def test_the_keys_are_those_of_the_promise_in_their_order() -> None:
    """Programs see the same keys in the same order for every frame, read or not."""
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


def test_an_unreadable_frame_is_cannot_tell_and_says_why() -> None:
    """No marks, no evidence, but the error's code and words."""
    found = result_to_json(BROKEN)
    assert (found["verdict"], found["rating"], found["label"], found["flag"]) == ("cannot_tell", 0, "none", 0)
    assert found["evidence"] is None
    assert found["capture"] is None
    assert found["error"] == {"code": "damaged", "message": "The file is damaged."}


def test_a_frame_of_a_series_tells_its_place_and_the_better_frame() -> None:
    """Kind, rank, size and the best one's path; the reason says in what the other is ahead, also in words."""
    found = result_to_json(OUTDONE)
    validator().validate(found)
    assert found["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": "shoot/best.jpg",
    }  # fmt: skip
    (reason,) = found["reasons"]
    assert reason["beside"] == {
        "path": "shoot/best.jpg", "eyes": 0.0, "sharp": 0.12, "light": 0.0, "blinking": [2], "faces": 3,
    }  # fmt: skip
    assert reason["text"].startswith("Frame best.jpg of this series is better: eyes open (face 2 of 3")
    assert found["select"] == {"probability": 0.25, "profile": "weddings", "acts": False}


def test_a_frame_that_was_seen_alone_has_no_series() -> None:
    """Nothing is made up about siblings and taste that nobody asked for."""
    assert result_to_json(GOOD)["series"] is result_to_json(GOOD)["select"] is None


def test_a_rejected_frame_carries_its_reason_in_words() -> None:
    """The reason holds the numbers that decided, the place, and a sentence."""
    found = result_to_json(BLINK)
    assert (found["verdict"], found["label"], found["flag"]) == ("reject", "red", -1)
    reason = found["reasons"][0]
    assert reason["code"] == "eyes_closed"
    assert reason["measured"] == 0.02
    assert reason["where"] == [0.35, 0.2, 0.65, 0.6]
    assert "2 %" in reason["text"]


def test_the_files_of_a_pair_are_named() -> None:
    """The JPEG of a RAW+JPEG pair is a companion of the record."""
    found = result_to_json(SOFT)
    assert found["path"] == str(Path("shoot/soft.NEF"))
    assert found["companions"] == [str(Path("shoot/soft.JPG"))]


def test_the_focus_kind_is_the_likeliest() -> None:
    """Motion is named as motion."""
    assert result_to_json(SOFT)["evidence"]["focus"]["kind"] == "motion"
    assert result_to_json(GOOD)["evidence"]["focus"]["kind"] == "sharp"


def test_numbers_are_short_but_exposure_times_stay_exact() -> None:
    """Probabilities have four decimals; 1/8000 s is not rounded away."""
    seen = evidence(capture=Capture(shutter=1 / 8000, aperture=2.8000001), focus=focus(0.123456789))
    found = result_to_json(judged(Path("a.jpg"), found=seen))
    assert found["evidence"]["focus"]["subject_sharp"] == 0.1235
    assert found["capture"]["shutter"] == 0.000125
    assert found["capture"]["aperture"] == 2.8


def test_a_reason_without_a_place_says_null() -> None:
    """`where` is null where the whole picture is meant."""
    verdict = replace(GOOD.verdict, reasons=(Reason("too_dark", 0.9, 0.8),))
    found = result_to_json(replace(GOOD, verdict=verdict))
    assert found["reasons"][0]["where"] is None
    validator().validate(found)


def test_a_faces_probability_weighs_its_eyes_by_their_size() -> None:
    """The nearer eye says more; a face without eyes says nothing."""
    seen = face((1.0, 0.0))
    wide = replace(seen, eyes=(replace(seen.eyes[0], size=30.0), replace(seen.eyes[1], size=10.0)))
    assert eyes_open(wide) == 0.75
    assert eyes_open(replace(seen, eyes=())) is None
    assert eyes_open(replace(seen, eyes=(eye(size=0.0),))) is None


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


def test_failing_stream_is_an_error_and_a_closed_pipe_stays_one() -> None:
    """A full disk is named; that the reader has gone is handled by the command line."""

    class FailingStream(io.BytesIO):
        """A stream whose writing fails with an error."""

        def __init__(self, error: OSError) -> None:
            super().__init__()
            self.error = error

        def write(self, _: object) -> int:
            """Fail."""
            raise self.error

    with pytest.raises(MarksError, match="standard output cannot be written: No space left on device"):
        JsonLinesWriter(FailingStream(OSError(28, "No space left on device"))).add(GOOD)
    with pytest.raises(BrokenPipeError):
        JsonLinesWriter(FailingStream(BrokenPipeError())).add(GOOD)


def test_a_name_that_is_no_unicode_comes_back_byte_for_byte() -> None:
    """Lines are ASCII, and the odd bytes of a name survive the round trip."""
    name = b"IMG_\xff\xfe_\xe9t\xe9.jpg".decode("utf-8", "surrogateescape")
    stream = io.BytesIO()
    writer = JsonLinesWriter(stream)
    writer.add(judged(Path(name)))
    writer.add(unreadable(Path(name), message=f"{name} is damaged."))
    assert stream.getvalue().isascii()
    for line in stream.getvalue().splitlines():
        assert json.loads(line)["path"].encode("utf-8", "surrogateescape") == os.fsencode(name)


def test_the_schema_refuses_what_is_no_record() -> None:
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
