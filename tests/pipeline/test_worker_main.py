"""Tests of the work of a worker: read, measure, thumbnail, with one buffer for all frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root
from autocull.pipeline.worker_main import make_measure
from autocull.read import Frame, fingerprint_frame, reader
from support.metadata_writers import make_jpeg, write_rating


def test_frame_becomes_evidence_and_a_thumbnail(tmp_path: Path) -> None:
    """It has the version of every detector, and a small JPEG; the next photo is independent."""
    measure = make_measure(models_root())
    for name, size in (("wide", (640, 400)), ("tall", (300, 500))):
        path = tmp_path / f"{name}.png"
        grain = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
        Image.fromarray(grain).save(path)
        measured = measure(Frame(path))
        assert isinstance(measured.outcome, Evidence)
        assert (measured.outcome.width, measured.outcome.height) == size
        assert set(measured.outcome.models) == {
            *("faces", "eyes", "focus", "defects", "category", "likeness")
        }
        assert measured.thumbnail is not None
        assert measured.thumbnail.startswith(b"\xff\xd8")


def test_invalid_photo_raises_its_error(tmp_path: Path) -> None:
    """The worker around it makes the error the photo's result."""
    path = tmp_path / "text.jpg"
    path.write_text("no photo")
    measure = make_measure(models_root())
    with pytest.raises(PhotoError) as caught:
        measure(Frame(path))
    assert caught.value.code == "not_a_photo"


def test_measurement_has_the_fingerprint(tmp_path: Path) -> None:
    """That of the file that was measured."""
    path = tmp_path / "a.jpg"
    path.write_bytes(make_jpeg())
    measure, original = make_measure(models_root()), fingerprint_frame(Frame(path))
    assert measure(Frame(path)).fingerprint == original
    write_rating(path, 3)
    assert measure(Frame(path)).fingerprint == original
    path.write_bytes(make_jpeg(1))
    assert measure(Frame(path)).fingerprint not in (original, None)


def test_metadata_written_during_the_reading_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read again; a picture that is replaced meanwhile is an error."""
    path = tmp_path / "a.jpg"
    path.write_bytes(make_jpeg())
    measure, decode = make_measure(models_root()), reader.decode_jpeg
    changes = [lambda: write_rating(path, 3)]

    def change_and_decode(*arguments: Any) -> Any:
        if changes:
            changes.pop()()
        return decode(*arguments)

    monkeypatch.setattr(reader, "decode_jpeg", change_and_decode)
    assert isinstance(measure(Frame(path)).outcome, Evidence)
    changes.append(lambda: path.write_bytes(make_jpeg(7) + b"more") and None)
    with pytest.raises(PhotoError) as caught:
        measure(Frame(path))
    assert caught.value.code == "changing"
