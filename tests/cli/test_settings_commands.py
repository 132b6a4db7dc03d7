"""`autocull settings`, `autocull profiles`, `autocull completion` and the list of commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autocull.cli import main
from autocull.cli.lazy_group import COMMANDS, GROUPS, commands
from autocull.judge import PROFILES, Settings
from autocull.judge.shoot_profiles import PROFILE_SYNONYMS
from autocull.paths import user_settings_file


def run_command(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """Run `autocull` with these words and return its output."""
    assert main(list(words)) == code
    output = capsys.readouterr()
    return output.out + output.err


def test_all_settings_are_listed_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """With their defaults; the table of marks is none."""
    text = run_command(capsys, "settings")
    names = {line.split()[0] for line in text.splitlines() if line and not line.startswith(" ")}
    assert set(Settings.model_fields) - {"marks"} <= names
    assert max(map(len, text.splitlines())) <= 80
    assert "eyes_reject            0.12 " in text


def test_one_setting_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Default, meaning, range with unit, and the profiles that change it."""
    assert run_command(capsys, "settings", "eyes-reject") == (
        "eyes_reject = 0.12\n"
        "  Reject where the eyes' open probability is at most this.\n"
        "  Accepts: 0 to 1 (share)\n"
        f"  In the profile portrait: {PROFILES['portrait'].eyes_reject:g}\n"
        f"  In the profile event: {PROFILES['event'].eyes_reject:g}\n"
    )


def test_choices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A setting without a unit."""
    assert "  Accepts: ignore, doubt, reject\n" in run_command(capsys, "settings", "eyes_trust")


def test_start_of_a_name_describes_all_that_begin_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as those of one criterion."""
    text = run_command(capsys, "settings", "flare")
    assert [line.split(" = ")[0] for line in text.splitlines() if " = " in line] == [
        "flare_trust", "flare_reject", "flare_doubt",
    ]  # fmt: skip


def test_wrong_setting_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2."""
    assert "Did you mean eyes_reject?" in run_command(capsys, "settings", "eyse_reject", code=2)


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a user's settings file, which does not exist."""
    file = tmp_path / "settings.toml"
    monkeypatch.setattr("autocull.paths.user_settings_file", lambda: file)
    return file


def test_users_file_is_shown_with_what_comes_from_it(
    user_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its path, whether it exists, and each value of it with the default."""
    assert f"Your settings file (there is none so far):\n  {user_file}\n" in run_command(capsys, "settings")
    marks = "".join(f'[[marks]]\nverdict = "{each}"\n' for each in ("keep", "cannot_tell", "reject"))
    user_file.write_text(f'profile = "event"\neyes_reject = 0.11\n{marks}')
    assert run_command(capsys, "settings").endswith(
        f"Your settings file:\n  {user_file}\n"
        "  profile = event (default: balanced)\n"
        "  eyes_reject = 0.11 (default: 0.12)\n"
        "  marks: 3 rows\n"
    )
    assert f"  In your settings file: 0.11 ({user_file})" in run_command(capsys, "settings", "eyes_reject")
    assert "In your settings file" not in run_command(capsys, "settings", "eyes_doubt")


@pytest.mark.parametrize("command", ["cull", "explain"])
def test_wrong_file_of_the_user_stops_a_run(
    command: str,
    user_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With exit code 2, the file and the setting, before anything is judged."""
    monkeypatch.setattr("autocull.cli.cull.execute.user_settings_file", lambda: user_file)
    user_file.write_text("eyes_reject = 7")
    photo, store = tmp_path / "photo.jpg", tmp_path / "store.sqlite"
    photo.write_bytes(b"x")
    text = run_command(capsys, command, str(photo), "--store", str(store), code=2)
    assert f"{user_file}: The setting eyes_reject is 7" in " ".join(text.split())


def test_users_file_has_a_place_of_its_own() -> None:
    """The configuration folder of the system, not that of the cache."""
    assert user_settings_file().name == "settings.toml"
    assert "autocull" in user_settings_file().parts


def test_profiles_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence each, in 80 columns."""
    text = run_command(capsys, "profiles")
    assert [line.split()[0] for line in text.splitlines() if not line.startswith(" ")] == list(PROFILES)
    assert max(map(len, text.splitlines())) <= 80


def test_profile_shows_what_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """Compared with the value of "balanced"."""
    text = run_command(capsys, "profiles", "sports")
    assert "  eyes_trust              ignore    (balanced: reject)\n" in text
    assert "defocus_trust" not in text


@pytest.mark.parametrize(
    ("word", "meant"), [("wedding", "event"), ("Weddings", "event"), ("sport", "sports")]
)
def test_other_words_lead_to_a_profile(word: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As an advice: a wrong name never culls."""
    assert f"Did you mean {meant}?" in run_command(capsys, "profiles", word, code=2)
    assert f"Did you mean {meant}?" in run_command(capsys, "cull", ".", "--profile", word, code=2)


def test_synonyms_name_profiles() -> None:
    """None of them is a profile itself."""
    assert set(PROFILE_SYNONYMS.values()) <= set(PROFILES)
    assert not set(PROFILE_SYNONYMS) & set(PROFILES)


def test_wrong_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """And one without a near one, where they are listed."""
    assert "There is no command cul. Did you mean cull?" in run_command(capsys, "cul", code=2)
    assert "`autocull --help` lists the commands" in run_command(capsys, "xyzzy", code=2)


def test_commands_are_grouped_in_the_help_text() -> None:
    """Each once, with a whole sentence, in 80 columns."""
    text = CliRunner().invoke(commands, ["--help"], terminal_width=80).output
    headings = [*GROUPS, "Development"]
    assert [line[:-1] for line in text.splitlines() if line[:-1] in headings] == headings
    listed = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    assert sorted(name for name in listed if name in COMMANDS) == sorted(COMMANDS)
    assert {name for names in GROUPS.values() for name in names} <= set(COMMANDS)
    assert "..." not in text.split("Photos:")[1]
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For each shell."""
    text = run_command(capsys, "completion", shell)
    assert f"_AUTOCULL_COMPLETE={shell}_complete" in text


def test_script_of_bash_completes_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """As bash requests them: through the environment."""
    environment = os.environ | {
        "_AUTOCULL_COMPLETE": "bash_complete", "COMP_WORDS": "autocull set", "COMP_CWORD": "1",
    }  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-m", "autocull"], env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout == "plain,settings\n"
    bash = shutil.which("bash")
    if bash is not None:
        script = run_command(capsys, "completion", "bash")
        assert subprocess.run([bash, "-n"], input=script, text=True, check=False).returncode == 0
