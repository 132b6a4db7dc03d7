"""Results as JSON lines, for programs; `result.schema.json` describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from autocull.atomic_write import AtomicFile
from autocull.errors import MarksError
from autocull.judge import BetterFrame, BlurExtent, EyeState, Reason, Verdict, describe
from autocull.measure import Evidence, Face, Focus
from autocull.output.result import Judged, Result, Unreadable
from autocull.read import Box, Capture
from autocull.series import SeriesPosition
from autocull.taste import Selection


def result_to_json(result: Result) -> dict[str, Any]:
    """Return the JSON object of one frame, as `result.schema.json` describes it, in a fixed order of keys.

    Boxes are fractions of the upright picture. An unreadable frame is "cannot_tell" without marks: its
    `evidence` and `capture` are null, and it has an `error`.
    """
    if isinstance(result, Unreadable):
        return _unreadable_to_json(result)
    return _judged_to_json(result)


def eyes_open(face: Face) -> float | None:
    """Return a face's probability (0-1) of open eyes, weighted by their size; None without eyes."""
    size = sum(eye.size for eye in face.eyes)
    if size <= 0:
        return None
    return sum(eye.size * eye.open for eye in face.eyes) / size


class JsonLinesWriter:
    """Writes one JSON object per line and result: a stream at once, a file that appears with `finish`.

    Each line is pure ASCII: a file name that is not valid Unicode keeps its invalid bytes as `\\udcXX`
    escapes, which Python's `json.loads` and `os.fsencode` turn back into the same name. `target` is a path or
    an open stream, which stays open. Raises MarksError where a file cannot be created, and BrokenPipeError
    where the reader of a stream has gone. Where writing fails, nothing more is written, and `finish` raises.
    """

    def __init__(self, target: Path | BinaryIO) -> None:
        self._atomic_file: AtomicFile | None = None
        self._error: MarksError | None = None
        if isinstance(target, Path):
            self._path = target
            with self._translate_errors():
                self._atomic_file = AtomicFile(target)
            self._stream = self._atomic_file.file
        else:
            self._path, self._stream = Path("standard output"), target

    def add(self, result: Result) -> None:
        """Write the line of a result; other outputs go on where it cannot be written."""
        if self._error is not None:
            return
        try:
            with self._translate_errors():
                line = json.dumps(result_to_json(result), allow_nan=False).encode("ascii") + b"\n"
                self._stream.write(line)
                self._stream.flush()
        except MarksError as error:
            self._error = error

    def finish(self) -> None:
        """Put a file in place; raises MarksError where it, or a line before, could not be written."""
        if self._error is not None:
            raise self._error
        if self._atomic_file is not None:
            with self._translate_errors():
                self._atomic_file.commit()

    def close(self) -> None:
        """Discard a file that is not finished."""
        if self._atomic_file is not None:
            self._atomic_file.discard()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise MarksError(self._path, f"{self._path} cannot be written: {error.strerror}.") from error


def _judged_to_json(result: Judged) -> dict[str, Any]:
    verdict, marks = result.verdict, result.marks
    return {
        "path": str(result.frame.path),
        "companions": [str(path) for path in result.frame.companions],
        "verdict": verdict.answer,
        "rating": marks.rating,
        "label": marks.label,
        "flag": marks.flag,
        "score": _round(verdict.score),
        "reasons": [_reason_to_json(reason) for reason in verdict.reasons],
        "series": None if verdict.series is None else _series_to_json(verdict.series),
        "select": None if verdict.select is None else _selection_to_json(verdict.select),
        "evidence": _evidence_to_json(result.evidence, verdict),
        "capture": _capture_to_json(result.evidence.capture),
        "models": dict(sorted(result.evidence.models.items())),
        "error": None,
    }


def _unreadable_to_json(result: Unreadable) -> dict[str, Any]:
    return {
        "path": str(result.frame.path),
        "companions": [str(path) for path in result.frame.companions],
        "verdict": "cannot_tell",
        "rating": 0,
        "label": "none",
        "flag": 0,
        "score": 0.0,
        "reasons": [],
        "series": None,
        "select": None,
        "evidence": None,
        "capture": None,
        "models": {},
        "error": {"code": result.error.code, "message": result.error.message},
    }


def _reason_to_json(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "measured": _round(reason.measured),
        "limit": _round(reason.limit),
        "where": None if reason.box is None else _box_to_json(reason.box),
        "beside": None if reason.better_frame is None else _better_frame_to_json(reason.better_frame),
        "blur": None if reason.blur is None else _extent_to_json(reason.blur),
        "text": describe(reason),
    }


def _extent_to_json(blur: BlurExtent) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in asdict(blur).items()}


def _better_frame_to_json(better_frame: BetterFrame) -> dict[str, Any]:
    leads = {name: _round(getattr(better_frame, name)) for name in ("eyes", "sharp", "light")}
    return {
        "path": str(better_frame.path),
        **leads,
        "blinking": list(better_frame.blinking),
        "faces": better_frame.faces,
    }


def _series_to_json(position: SeriesPosition) -> dict[str, Any]:
    return {
        "id": position.id,
        "kind": position.kind,
        "rank": position.rank,
        "size": position.size,
        "best": str(position.best),
    }


def _selection_to_json(selection: Selection) -> dict[str, Any]:
    return {
        "probability": _round(selection.probability),
        "profile": selection.profile,
        "acts": selection.acts,
    }


def _evidence_to_json(evidence: Evidence, verdict: Verdict) -> dict[str, Any]:
    faces = zip(evidence.faces, verdict.faces, strict=True)
    return {
        "focus": _focus_to_json(evidence.focus),
        "faces": [_face_to_json(face, state) for face, state in faces],
        "eyes": verdict.eyes,
        "eyes_open": None if verdict.eyes_open is None else _round(verdict.eyes_open),
        "defects": {name: _round(value) for name, value in evidence.defects.items()},
        "category": {name: _round(value) for name, value in evidence.category.items()},
    }


def _focus_to_json(focus: Focus) -> dict[str, Any]:
    kinds = {"sharp": focus.sharp, "defocus": focus.defocus, "motion": focus.motion}
    return {
        "subject_sharp": _round(focus.sharp),
        "kind": max(kinds, key=kinds.__getitem__),
        "blur": _round(focus.blur),
        "tiles": [[_round(tile) for tile in row] for row in focus.tiles],
    }


def _face_to_json(face: Face, state: EyeState) -> dict[str, Any]:
    return {
        "box": _box_to_json(face.box),
        "prominence": _round(face.prominence),
        "eyes_open": None if (open_ := eyes_open(face)) is None else _round(open_),
        "state": state,
    }


def _capture_to_json(capture: Capture) -> dict[str, Any]:
    return {
        name: float(f"{value:.6g}") if isinstance(value, float) else value
        for name, value in asdict(capture).items()
    }


def _box_to_json(box: Box) -> list[float]:
    return [_round(edge) for edge in box]


def _round(value: float) -> float:
    """Round to four decimals, which is enough for a probability or a position in the picture."""
    return round(float(value), 4)
