"""Profiles on the disk: they come back as they were and hold no pixels or paths; damaged ones are refused."""

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
def tastes(tmp_path: Path) -> ProfileStore:
    """A folder with Anna's taste in it."""
    made = ProfileStore(tmp_path / "tastes")
    made.save(profile())
    return made


def test_a_profile_comes_back_as_it_was(tastes: ProfileStore) -> None:
    """Every weight, the calibration, the held-out shoots and so the promise."""
    made, back = profile(), tastes.load("Anna")
    for each in fields(Heads):
        assert np.array_equal(getattr(back.heads, each.name), getattr(made.heads, each.name))
    assert (back.calibration, back.acts, back.origin) == (made.calibration, made.acts, made.origin)
    assert back.held_out == made.held_out
    assert back.predict(evidence(), None, 0.02) == made.predict(evidence(), None, 0.02)


def test_it_is_small_and_names_nothing(tastes: ProfileStore) -> None:
    """Some kilobytes of numbers; no key that could hold a path or a picture."""
    file = tastes.profile_path("Anna")
    assert file.stat().st_size < 60_000
    found = json.loads(file.read_text("utf-8"))
    assert set(found) == {
        "autocull_taste", "name", "features", "heads", "calibration", "held_out", "acts", "figures", "origin",
    }  # fmt: skip
    assert set(found["origin"]) == {"source", "learned", "decisions", "selects", "shoots", "models"}


def test_profiles_are_listed_and_forgotten(tastes: ProfileStore) -> None:
    """A folder that is not there holds none; what is deleted is gone."""
    tastes.save(profile(name="Hochzeit Müller"))
    assert tastes.list_names() == ["Anna", "Hochzeit Müller"]
    tastes.delete("Anna")
    assert tastes.list_names() == ["Hochzeit Müller"]
    assert ProfileStore(tastes.folder / "none").list_names() == []
    with pytest.raises(SettingsError, match="no taste called 'Anna'"):
        tastes.delete("Anna")
    with pytest.raises(SettingsError, match="There are: Hochzeit Müller"):
        tastes.load("Anna")


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "a\\b", "nul", "CON", "com1.json", ".hidden", "x" * 41, "a\n"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """A name never leads out of the folder, and every system can store it."""
    with pytest.raises(SettingsError, match="cannot be the name of a taste"):
        validate_name(name)


@pytest.mark.parametrize(("key", "value", "words"), [
    ("autocull_taste", 2, "autocull_taste"),
    ("features", ["sharp"], "looks at other measurements"),
    ("held_out", [[1.5]], "held_out.0.0"),
    ("calibration", {"slope": "NaN", "offset": 0}, "calibration.slope"),
    ("heads", {}, "heads: some are missing"),
    ("name", "../../x", "cannot be the name"),
    ("path", "/photos", "path"),
])  # fmt: skip
def test_a_changed_file_is_refused_by_the_name_of_what_is_wrong(
    tastes: ProfileStore, key: str, value: Any, words: str
) -> None:
    """Nothing is guessed: the message names the field, and says to learn again."""
    file = tastes.profile_path("Anna")
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), key: value}), "utf-8")
    with pytest.raises((TasteError, SettingsError), match=words):
        tastes.load("Anna")


@pytest.mark.parametrize("data", ["AAAA", "not base64!", "AADAfwAAwH8="])
def test_weights_that_are_no_numbers_are_refused(tastes: ProfileStore, data: str) -> None:
    """Cut, not base64, or not a number: the taste is not used."""
    file = tastes.profile_path("Anna")
    found = json.loads(file.read_text("utf-8"))
    found["heads"]["bias"]["data"] = data
    file.write_text(json.dumps(found), "utf-8")
    with pytest.raises(TasteError, match="Learn it again"):
        read_profile(file)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the place of the folder: said, not swallowed; and a missing file is named too."""
    (tmp_path / "tastes").write_text("in the way")
    with pytest.raises(TasteError, match="cannot be written"):
        ProfileStore(tmp_path / "tastes").save(profile())
    with pytest.raises(TasteError, match="cannot be read"):
        read_profile(tmp_path / "gone.json")


def test_it_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the earlier profile, and nothing beside it."""
    tastes = ProfileStore(tmp_path)
    tastes.save(profile(acts=False))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "no room")))
    with pytest.raises(OSError, match="no room"):
        write_profile(profile(), tastes.profile_path("Anna"))
    monkeypatch.undo()
    assert not tastes.load("Anna").acts
    assert [path.name for path in tmp_path.iterdir()] == ["Anna.json"]
