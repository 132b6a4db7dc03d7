"""`autocull menu`, and commands whose packages are not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import autocull.cli
from autocull.cli import main
from autocull.cli.lazy_group import commands
from autocull.cli.menu import parse_dropped_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the commands that the menu runs, and run none."""
    words: list[list[str]] = []
    monkeypatch.setattr(autocull.cli, "main", lambda arguments: words.append(arguments) or 0)
    return words


def choose(*lines: str) -> str:
    """Run the menu with these answers and return its output."""
    result = CliRunner().invoke(commands, ["menu"], input="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return result.output


def test_folder_is_culled_with_a_report(
    started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is in the user's home, never between the photos."""
    shoot, home = tmp_path / "my shoot", tmp_path / "home"
    shoot.mkdir()
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    choose("1", f"'{shoot}'", "q")
    assert started == [["cull", str(shoot), "--report", str(home / "Autocull" / "my shoot.html"), "--open"]]


def test_missing_folder_is_named(started: list[list[str]], tmp_path: Path) -> None:
    """And the menu is shown again."""
    output = choose("1", str(tmp_path / "none"), "q")
    assert f"There is no folder {tmp_path / 'none'}" in output
    assert output.count("Your choice") == 2
    assert started == []


def test_other_choices_run_their_commands(started: list[list[str]]) -> None:
    """One after the other; a wrong answer is refused, and the prompt repeated."""
    output = choose("2", "3", "4", "7", "q")
    assert started == [["install"], ["status"], ["doctor"]]
    assert "'7' is not one of" in output


@pytest.mark.parametrize(
    ("text", "platform", "path"),
    [
        ("/photos/shoot ", "linux", "/photos/shoot"),
        ("'/photos/my shoot'", "linux", "/photos/my shoot"),
        (r"/photos/my\ shoot", "darwin", "/photos/my shoot"),
        ("/photos/my shoot", "darwin", "/photos/my shoot"),
        ("/photos/Anna's", "darwin", "/photos/Anna's"),
        (r'"C:\photos\my shoot"', "win32", r"C:\photos\my shoot"),
    ],
)
def test_dropped_folders_are_recognised(text: str, platform: str, path: str) -> None:
    """As each system's terminal writes them."""
    assert parse_dropped_path(text, platform) == Path(path)


@pytest.mark.parametrize("module", ["scipy", "autocull.train"])
def test_missing_package_names_the_extra(module: str, tmp_path: Path) -> None:
    """With the command that installs it, and no traceback; a bundle has no `autocull.train`."""
    (tmp_path / "manifest.csv").write_text("path,label,split\na.png,open,dev\n", "utf-8")
    words = ["evaluate", "eyes", "--manifest", str(tmp_path / "manifest.csv")]
    code = (
        f"import sys; sys.modules[{module!r}] = None; from autocull.cli import main; sys.exit(main({words}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert f"This command needs {module}" in result.stderr
    assert 'pip install "autocull[train]"' in result.stderr
    assert "Traceback" not in result.stderr


def test_other_missing_module_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not explained away by an extra."""

    def fail(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr(commands, "main", fail)
    with pytest.raises(ModuleNotFoundError):
        main(["--version"])
