"""Manifests of labelled photos: what is accepted, what is refused, and sampling."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import ManifestError
from autocull.train.verdicts.labels import read_verdict_samples, sample_photos
from support.labelled_photos import labelled_photo


def write(
    folder: Path, *lines: str, name: str = "m.csv", header: str = "path,label,kind,source,series"
) -> Path:
    """Write a manifest."""
    file = folder / name
    file.write_text("\n".join((header, *lines)) + "\n", "utf-8")
    return file


def test_kinds_decide_what_is_faulty(tmp_path: Path) -> None:
    """A fault makes a photo faulty, whatever else it shows; a photo without a kind is good."""
    file = write(tmp_path, "a.jpg,,blur;portrait,web,", "b.jpg,good,night;landscape,,s1", "c.jpg,,,,")
    first, second, third = read_verdict_samples([file])
    assert (first.is_faulty, first.kinds, first.source) == (True, ("blur",), "web")
    assert (second.is_faulty, second.kinds, second.series) == (False, ("night", "landscape"), "s1")
    assert (third.is_faulty, third.kinds) == (False, ("other",))
    assert first.path == tmp_path / "a.jpg"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a.jpg,,blurry,,", "line 2: the kind 'blurry' is unknown; accepted are blur, motion"),
        ("a.jpg,bad,blur,,", "line 2: the label 'bad' is neither good nor faulty"),
        ("a.jpg,good,blur,,", "line 2: the label good contradicts the kind blur"),
        ("a.jpg,faulty,portrait,,", "line 2: the label faulty contradicts the kind portrait"),
    ],
)
def test_unusable_rows_are_named(line: str, problem: str, tmp_path: Path) -> None:
    """With file and line."""
    with pytest.raises(ManifestError, match=problem):
        read_verdict_samples([write(tmp_path, line)])


def test_a_photo_is_listed_once(tmp_path: Path) -> None:
    """In all manifests: it would count twice."""
    first, second = (write(tmp_path, "a.jpg,,blur,,", name=name) for name in ("one.csv", "two.csv"))
    with pytest.raises(
        ManifestError, match=r"two\.csv, line 2: .*a\.jpg is also listed at .*one\.csv, line 2"
    ):
        read_verdict_samples([first, second])


def test_sample_is_stable_and_keeps_series_whole() -> None:
    """By source and kind; the same photos at every call and in another order of the manifest."""
    photos = [
        labelled_photo(f"{source}{number}.jpg", "blur", source=source)
        for source in "ab"
        for number in range(9)
    ]
    photos += [labelled_photo(f"s{number}.jpg", "night", series="set") for number in range(4)]
    sample = sample_photos(photos, 2)
    assert [photo.source for photo in sample] == ["a", "a", "b", "b", *["one"] * 4]
    assert {photo.path for photo in sample_photos(photos[::-1], 2)} == {photo.path for photo in sample}
    assert sample_photos(photos, 99) == photos
