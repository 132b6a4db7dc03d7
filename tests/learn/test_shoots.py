"""Shoots: a long pause ends one, wherever the files lie; what is known is believed."""

from __future__ import annotations

from pathlib import Path

from autocull.learn.dataset import split_into_shoots
from autocull.read.photo import Capture


def taken(
    time: str | None, folder: str = "a", known: str | None = None, source: str = "exif"
) -> tuple[Path, Capture, str | None]:
    """Make a photo's path, capture facts and known shoot."""
    return Path(folder) / f"{time}.NEF", Capture(taken=time, taken_from=source), known


def test_a_pause_ends_a_shoot() -> None:
    """Four hours without a photo; the order of the photos does not matter."""
    photos = [taken("2024-05-01T18:00:00"), taken("2024-05-01T10:00:00.5"), taken("2024-05-01T13:59:00")]
    assert split_into_shoots(photos) == [0, 1, 1]


def test_two_cards_of_one_wedding_are_one_shoot() -> None:
    """Folders do not part what was taken at one time."""
    photos = [taken("2024-05-01T10:00:00", "card 1"), taken("2024-05-01T10:05:00+02:00", "card 2")]
    assert len(set(split_into_shoots(photos))) == 1


def test_without_a_time_the_folder_decides() -> None:
    """No time, one that is none, or the file's own, which every copy changes."""
    photos = [
        taken(None, "a"), taken("yesterday", "a"), taken("2024-05-01T10:00:00", "b", source="file"),
        taken(None, "b"),
    ]  # fmt: skip
    assert split_into_shoots(photos) == [0, 0, 1, 1]


def test_a_shoot_that_is_known_is_believed() -> None:
    """Whatever the times say."""
    photos = [
        taken("2024-05-01T10:00:00", known="x"), taken("2024-05-01T10:00:01", known="y"),
        taken("2030-05-01T10:00:00", known="x"),
    ]  # fmt: skip
    assert split_into_shoots(photos) == [0, 1, 0]
