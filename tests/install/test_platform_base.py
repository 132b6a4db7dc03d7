"""What the systems share: which one this is, programs that fail, files of ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install import subprocesses
from autocull.install.checks import read_cpu_flags
from autocull.install.platform_base import detect_system
from autocull.install.startup_entry import remove, render_template, write
from autocull.install.subprocesses import CommandResult, run
from support.installation_fakes import Programs


@pytest.mark.parametrize(
    ("platform", "name"),
    [("darwin", "macOS"), ("win32", "Windows"), ("linux", "Linux"), ("freebsd14", "Linux")],
)
def test_each_platform_has_its_system(platform: str, name: str, tmp_path: Path) -> None:
    """Everything that is neither macOS nor Windows is treated as Linux."""
    assert detect_system(platform, tmp_path, {}, Programs()).name == name


def test_a_programs_words_and_code_come_back() -> None:
    """Both streams, stripped."""
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    assert run([sys.executable, "-c", code]) == CommandResult(7, "out\nerr")


def test_a_program_that_is_missing_or_hangs_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is raised for what a system lacks."""
    assert run([str(tmp_path / "none")]).code == 127
    monkeypatch.setattr(subprocesses, "_LIMIT", 0.2)
    hung = run([sys.executable, "-c", "import time; time.sleep(600)"])
    assert hung.code == 126
    assert "timed out" in hung.output


def test_a_file_is_written_once(tmp_path: Path) -> None:
    """The same text a second time leaves the file alone."""
    path = tmp_path / "new" / "ä.txt"
    assert (write(path, "é"), write(path, "é"), write(path, "è")) == (True, False, True)
    assert path.read_text("utf-8") == "è"
    assert (remove(path), remove(path)) == (True, False)


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    """Writing and removing name what cannot be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DaemonError, match="cannot be written"):
        write(tmp_path / "file" / "a", "x")
    with pytest.raises(DaemonError, match="cannot be removed"):
        remove(tmp_path)


@pytest.mark.parametrize("template", ["autocull.service", "org.autocull.daemon.plist"])
def test_a_template_has_no_word_that_nobody_fills(template: str) -> None:
    """A missing word is a bug and no file with a dollar in it."""
    with pytest.raises(KeyError):
        render_template(template)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (CommandResult(0, "FPU SSE\nAVX2 BMI1"), {"fpu", "sse", "avx2", "bmi1"}),
        (CommandResult(1, "unknown oid"), set()),
    ],
)
def test_a_mac_tells_its_flags_by_sysctl(said: CommandResult, wanted: set[str]) -> None:
    """An Apple processor has no such names, and none is made up."""
    assert read_cpu_flags("darwin", Programs({"sysctl -n": said})) == wanted


def test_linux_tells_its_flags_in_a_file(tmp_path: Path) -> None:
    """The first processor's count; without the file there are none."""
    (tmp_path / "cpuinfo").write_text("model name: x\nflags\t\t: fpu avx avx2\n\nflags\t\t: fpu\n")
    assert read_cpu_flags("linux", cpuinfo=tmp_path / "cpuinfo") == {"fpu", "avx", "avx2"}
    assert read_cpu_flags("linux", cpuinfo=tmp_path / "none") == frozenset()


@pytest.mark.parametrize("has", [0, 1])
def test_windows_tells_of_avx2_alone(has: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel is asked for feature 40."""
    asked: list[int] = []

    class Kernel:
        def IsProcessorFeaturePresent(self, number: int) -> int:  # noqa: N802 - Windows' own name
            asked.append(number)
            return has

    kernel = type("Libraries", (), {"kernel32": Kernel()})
    monkeypatch.setattr("ctypes.windll", kernel, raising=False)
    assert read_cpu_flags("win32") == ({"avx2"} if has else set())
    assert asked == [40]
