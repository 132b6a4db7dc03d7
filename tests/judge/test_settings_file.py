"""Settings from a profile, a file and the command line, and messages for what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import SettingsError
from autocull.judge import PROFILES, MarkRow, Settings, list_user_changes, load_settings


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write a settings file and return its path."""
    path = folder / "settings.toml"
    path.write_text(text, encoding)
    return path


def test_the_default_is_balanced() -> None:
    """Without profile, file and overrides the settings are the defaults."""
    assert load_settings() == Settings() == PROFILES["balanced"]


def test_overrides_win_over_the_file_over_the_profile(tmp_path: Path) -> None:
    """A file changes the profile's values, and overrides change the file's."""
    file = write(tmp_path, "eyes_reject = 0.05\nfocus_reject = 0.1\n")
    settings = load_settings("portrait", file, {"focus_reject": "0.15"})
    assert (settings.eyes_reject, settings.focus_reject) == (0.05, 0.15)
    assert settings.eyes_doubt == PROFILES["portrait"].eyes_doubt


def test_a_file_may_name_the_profile(tmp_path: Path) -> None:
    """The file's profile holds unless another is requested."""
    file = write(tmp_path, 'profile = "sports"\n')
    assert load_settings(file=file) == PROFILES["sports"]
    assert load_settings("product", file) == PROFILES["product"]


def test_a_file_written_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    """A byte order mark before the first key is no part of its name."""
    assert load_settings(file=write(tmp_path, "eyes_reject = 0.05", encoding="utf-8-sig")).eyes_reject == 0.05


def test_marks_come_from_the_file(tmp_path: Path) -> None:
    """The rows of a file replace the whole table."""
    text = """
    [[marks]]
    verdict = "keep"
    stars = 5
    label = "blue"
    [[marks]]
    verdict = "cannot_tell"
    [[marks]]
    verdict = "reject"
    flag = -1
    """
    assert load_settings(file=write(tmp_path, text)).marks == (
        MarkRow(verdict="keep", stars=5, label="blue"),
        MarkRow(verdict="cannot_tell"),
        MarkRow(verdict="reject", flag=-1),
    )


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"eyes_rejct": "0.1"}, "There is no setting eyes_rejct. Did you mean eyes_reject?"),
        ({"Eyes-Reject": "0.1"}, "There is no setting Eyes-Reject. Did you mean eyes_reject?"),
        ({"zzz": "1"}, "There is no setting zzz. There are: bright_clipped, "),
        (
            {"eyes_reject": "1.5"},
            "The setting eyes_reject is '1.5': input should be less than or equal",
        ),
        ({"eyes_reject": "nan"}, "The setting eyes_reject is 'nan': input should be "),
        ({"eyes_reject": "few"}, "The setting eyes_reject is 'few': input should be a valid number"),
        ({"eyes_group": "2.5"}, "The setting eyes_group is '2.5': input should be a valid integer"),
        (
            {"eyes_trust": "yes"},
            "The setting eyes_trust is 'yes': input should be 'ignore', 'doubt' or 'reject'.",
        ),
        ({"marks": "5"}, "The setting marks is a table"),
    ],
)
def test_refused_values_are_named(overrides: dict[str, str], words: str) -> None:
    """The message names the setting, the value, and what is accepted or the nearest name."""
    with pytest.raises(SettingsError) as caught:
        load_settings(overrides=overrides)
    assert str(caught.value).startswith(words)


def test_all_errors_are_named_at_once() -> None:
    """Two values out of range are two sentences."""
    with pytest.raises(SettingsError, match=r"eyes_reject is '2'.*focus_reject is '-1'"):
        load_settings(overrides={"eyes_reject": "2", "focus_reject": "-1"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("eyes_reject = ", "is not TOML"),
        ("eyes_rejects = 0.1", "There is no setting eyes_rejects. Did you mean eyes_reject?"),
        ("marks = 5", "The setting marks is 5: input should be a valid tuple."),
        (
            '[[marks]]\nverdict = "keep"\nstars = 6',
            "marks row 1, stars is 6: input should be less",
        ),
        ('[[marks]]\nverdict = "keep"\nstar = 3', "There is no marks row 1, star. Did you mean stars?"),
        ("[[marks]]\nstars = 3", "The setting marks row 1, verdict is {'stars': 3}: field required."),
        ('[[marks]]\nverdict = "keep"', "marks: cannot_tell needs a row whose minimum score is 0."),
        ('profile = "portraits"', "There is no profile portraits. Did you mean portrait?"),
        ("profile = [1]", "There is no profile [1]. There are: balanced, event, "),
    ],
)
def test_a_wrong_file_is_refused_with_a_message(tmp_path: Path, text: str, words: str) -> None:
    """Errors of a file are named as those of the command line, the marks by row and cell."""
    with pytest.raises(SettingsError) as caught:
        load_settings(file=write(tmp_path, text))
    assert words in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A missing file is an error that names it, and never the defaults."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        load_settings(file=tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are not TOML."""
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings(file=path)


def test_an_unknown_profile_is_named() -> None:
    """The nearest profile is offered."""
    with pytest.raises(SettingsError, match=r"no profile sport\. Did you mean sports\?"):
        load_settings("sport")


VERDICTS = ("keep", "cannot_tell", "reject")


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    """Return a user's settings file."""
    path = tmp_path / "settings.toml"
    path.write_text('profile = "portrait"\neyes_reject = 0.11\nflare_trust = "doubt"\n')
    return path


def test_users_file_is_below_the_file_of_a_run_and_its_values(user_file: Path, tmp_path: Path) -> None:
    """Profile, the user's file, the run's file, single values: each wins over those before it."""
    settings = load_settings(user_file=user_file)
    assert (settings.eyes_reject, settings.flare_trust) == (0.11, "doubt")
    assert settings.eyes_purpose == PROFILES["portrait"].eyes_purpose
    run_file = tmp_path / "run.toml"
    run_file.write_text('profile = "event"\neyes_reject = 0.07\n')
    settings = load_settings(None, run_file, user_file=user_file)
    assert (settings.eyes_reject, settings.flare_trust) == (0.07, "doubt")
    assert settings.eyes_purpose == PROFILES["event"].eyes_purpose
    assert load_settings(None, run_file, {"eyes_reject": 0.06}, user_file=user_file).eyes_reject == 0.06
    assert load_settings("balanced", user_file=user_file).eyes_purpose == PROFILES["balanced"].eyes_purpose


def test_users_file_applies_to_strict_requests_too(user_file: Path) -> None:
    """Rows of marks in the file are a list, which a strict request would not accept."""
    with user_file.open("a") as file:
        file.write("".join(f'[[marks]]\nverdict = "{each}"\nstars = 2\n' for each in VERDICTS))
    settings = load_settings("event", None, {"eyes_reject": 0.05}, user_file=user_file, strict=True)
    assert (settings.eyes_reject, settings.flare_trust, settings.marks[0].stars) == (0.05, "doubt", 2)


def test_missing_file_of_the_user_changes_nothing(tmp_path: Path) -> None:
    """Most users have none."""
    assert load_settings(user_file=tmp_path / "none.toml") == load_settings()
    assert list_user_changes(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eyse_reject = 0.1", "Did you mean eyes_reject?"),
        ("eyes_reject = 7", "The setting eyes_reject is 7"),
        ("eyes_reject =", "is not TOML"),
        ('profile = "weding"', "There is no profile weding"),
    ],
)
def test_wrong_file_of_the_user_is_named(text: str, message: str, user_file: Path) -> None:
    """A user who wrote it weeks ago reads which file and which line of it is meant."""
    user_file.write_text(text)
    with pytest.raises(SettingsError):
        list_user_changes(user_file)
    with pytest.raises(SettingsError) as error:
        load_settings("event", user_file=user_file)
    assert message in error.value.message
    assert str(user_file) in error.value.message


def test_changes_of_the_user_are_listed(user_file: Path) -> None:
    """With the profile, for `autocull settings`."""
    expected = {"profile": "portrait", "eyes_reject": 0.11, "flare_trust": "doubt"}
    assert list_user_changes(user_file) == expected
