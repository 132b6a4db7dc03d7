"""What the systems share: detection, running programs, writing files, processor flags."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install.checks import read_cpu_flags
from autocull.install.platform_base import detect_system
from autocull.install.startup_entry import remove_file, render_template, write_file
from autocull.install.subprocesses import CommandResult, run
from support.installation_fakes import FakePrograms


@pytest.mark.parametrize(
    ("platform", "name"),
    [("darwin", "macOS"), ("win32", "Windows"), ("linux", "Linux"), ("freebsd14", "Linux")],
)
def test_system_follows_the_platform(platform: str, name: str, tmp_path: Path) -> None:
    """All but macOS and Windows count as Linux."""
    assert detect_system(platform, tmp_path, {}, FakePrograms()).name == name


def test_output_and_exit_code_are_returned() -> None:
    """Both streams are returned, stripped."""
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    assert run([sys.executable, "-c", code]) == CommandResult(7, "out\nerr")


def test_missing_or_hanging_program_gives_a_result(tmp_path: Path) -> None:
    """No error is raised."""
    assert run([str(tmp_path / "none")]).code == 127
    result = run([sys.executable, "-c", "import time; time.sleep(600)"], timeout=0.2)
    assert result.code == 126
    assert "timed out" in result.output


def test_unchanged_file_is_not_written_again(tmp_path: Path) -> None:
    """Writing the same text again returns False."""
    path = tmp_path / "new" / "ä.txt"
    assert (write_file(path, "é"), write_file(path, "é"), write_file(path, "è")) == (True, False, True)
    assert path.read_text("utf-8") == "è"
    assert (remove_file(path), remove_file(path)) == (True, False)


def test_unwritable_paths_raise_an_error(tmp_path: Path) -> None:
    """As a file where a folder is needed, or a folder where a file is expected."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DaemonError, match="cannot be written"):
        write_file(tmp_path / "file" / "a", "x")
    with pytest.raises(DaemonError, match="cannot be removed"):
        remove_file(tmp_path)


@pytest.mark.parametrize("template", ["autocull.service", "org.autocull.daemon.plist"])
def test_missing_template_word_raises_an_error(template: str) -> None:
    """Instead of a file with an unfilled placeholder."""
    with pytest.raises(KeyError):
        render_template(template)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (CommandResult(0, "FPU SSE\nAVX2 BMI1"), {"fpu", "sse", "avx2", "bmi1"}),
        (CommandResult(1, "unknown oid"), set()),
    ],
)
def test_flags_on_macos_come_from_sysctl(output: CommandResult, expected: set[str]) -> None:
    """An Apple processor has no such names, and gives no flags."""
    assert read_cpu_flags("darwin", FakePrograms({"sysctl -n": output})) == expected


def test_flags_on_linux_come_from_cpuinfo(tmp_path: Path) -> None:
    """Those of the first processor; none without the file."""
    (tmp_path / "cpuinfo").write_text("model name: x\nflags\t\t: fpu avx avx2\n\nflags\t\t: fpu\n")
    assert read_cpu_flags("linux", cpuinfo=tmp_path / "cpuinfo") == {"fpu", "avx", "avx2"}
    assert read_cpu_flags("linux", cpuinfo=tmp_path / "none") == frozenset()


@pytest.mark.parametrize("present", [0, 1])
def test_flags_on_windows_are_avx2_at_most(present: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel is queried for feature 40."""
    features: list[int] = []

    class Kernel:
        def IsProcessorFeaturePresent(self, number: int) -> int:  # noqa: N802 - Windows' own name
            features.append(number)
            return present

    kernel = type("Libraries", (), {"kernel32": Kernel()})
    monkeypatch.setattr("ctypes.windll", kernel, raising=False)
    assert read_cpu_flags("win32") == ({"avx2"} if present else set())
    assert features == [40]
