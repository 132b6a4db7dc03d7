"""Files of profiles: they are read as they were written, hold no pixels or paths, and are validated."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autocull.errors import SettingsError, TasteError
from autocull.taste.heads import Heads
from autocull.taste.profile_store import ProfileStore, read_profile, validate_name, write_profile
from support.evidence_builders import evidence
from support.taste_factories import profile


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    """Return a store with Anna's taste in it."""
    store = ProfileStore(tmp_path / "tastes")
    store.save(profile())
    return store


def test_loaded_profile_equals_the_saved_one(store: ProfileStore) -> None:
    """Every weight, the calibration, the held-out shoots, and so the predictions."""
    saved, loaded = profile(), store.load("Anna")
    for each in fields(Heads):
        assert np.array_equal(getattr(loaded.heads, each.name), getattr(saved.heads, each.name))
    assert (loaded.calibration, loaded.acts, loaded.origin) == (saved.calibration, saved.acts, saved.origin)
    assert loaded.held_out == saved.held_out
    assert loaded.predict(evidence(), None, 0.02) == saved.predict(evidence(), None, 0.02)


def test_file_is_small_and_holds_no_paths_or_pictures(store: ProfileStore) -> None:
    """Some kilobytes of numbers; no key that could hold a path or a picture."""
    file = store.profile_path("Anna")
    assert file.stat().st_size < 60_000
    content = json.loads(file.read_text("utf-8"))
    assert set(content) == {
        "autocull_taste", "name", "features", "heads", "calibration", "held_out", "acts", "figures", "origin",
    }  # fmt: skip
    assert set(content["origin"]) == {"source", "learned", "decisions", "selects", "shoots", "models"}


def test_profiles_are_listed_and_deleted(store: ProfileStore) -> None:
    """A missing folder has no profiles; a deleted profile is not listed."""
    store.save(profile(name="Hochzeit Müller"))
    assert store.list_names() == ["Anna", "Hochzeit Müller"]
    store.delete("Anna")
    assert store.list_names() == ["Hochzeit Müller"]
    assert ProfileStore(store.folder / "none").list_names() == []
    with pytest.raises(SettingsError, match="no taste called 'Anna'"):
        store.delete("Anna")
    with pytest.raises(SettingsError, match="There are: Hochzeit Müller"):
        store.load("Anna")


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "a\\b", "nul", "CON", "com1.json", ".hidden", "x" * 41, "a\n"]
)
def test_invalid_name_is_refused(name: str) -> None:
    """A name never leads out of the folder, and is valid on every system."""
    with pytest.raises(SettingsError, match="cannot be the name of a taste"):
        validate_name(name)


@pytest.mark.parametrize(("key", "value", "words"), [
    ("autocull_taste", 2, "autocull_taste"),
    ("features", ["sharp"], "differ from those of this version"),
    ("held_out", [[1.5]], "held_out.0.0"),
    ("calibration", {"slope": "NaN", "offset": 0}, "calibration.slope"),
    ("heads", {}, "heads: some arrays are missing"),
    ("name", "../../x", "cannot be the name"),
    ("path", "/photos", "path"),
])  # fmt: skip
def test_invalid_file_is_refused_with_the_name_of_the_field(
    store: ProfileStore, key: str, value: Any, words: str
) -> None:
    """The message names the invalid field."""
    file = store.profile_path("Anna")
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), key: value}), "utf-8")
    with pytest.raises((TasteError, SettingsError), match=words):
        store.load("Anna")


@pytest.mark.parametrize("data", ["AAAA", "not base64!", "AADAfwAAwH8="])
def test_invalid_weights_are_refused(store: ProfileStore, data: str) -> None:
    """Weights that are truncated, not base64, or not numbers make the taste unusable."""
    file = store.profile_path("Anna")
    content = json.loads(file.read_text("utf-8"))
    content["heads"]["bias"]["data"] = data
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(TasteError, match="Learn it again"):
        read_profile(file)


def test_errors_of_writing_and_reading_are_reported(tmp_path: Path) -> None:
    """A file where the folder should be, and a missing file, raise errors that name them."""
    (tmp_path / "tastes").write_text("not a folder")
    with pytest.raises(TasteError, match="cannot be written"):
        ProfileStore(tmp_path / "tastes").save(profile())
    with pytest.raises(TasteError, match="cannot be read"):
        read_profile(tmp_path / "gone.json")


def test_profile_is_written_completely_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails keeps the earlier profile, and leaves no other file."""
    store = ProfileStore(tmp_path)
    store.save(profile(acts=False))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(OSError, match="no space"):
        write_profile(profile(), store.profile_path("Anna"))
    monkeypatch.undo()
    assert not store.load("Anna").acts
    assert [path.name for path in tmp_path.iterdir()] == ["Anna.json"]
