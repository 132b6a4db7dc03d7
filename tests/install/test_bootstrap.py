"""The double-click scripts: they find a Python that fits, from any folder, and hand over to the bootstrap."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALLER = Path(__file__).resolve().parents[2] / "installer"
SCRIPTS = ("install.command", "install.sh")
posix = pytest.mark.skipif(os.name == "nt", reason="these are for macOS and Linux")


def checkout(folder: Path) -> Path:
    """Make a checkout with an awkward name whose bootstrap only says what it was given."""
    (folder / "installer").mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(INSTALLER / name, folder / "installer" / name)
    (folder / "installer" / "bootstrap.py").write_text(
        "import os, sys\n"
        "sys.stdout.write(f'{sys.argv[1:]} in {os.getcwd()}\\n')\n"
        "sys.exit(int(os.environ['CODE']))\n"
    )
    return folder


def python(folder: Path, name: str, fits: bool) -> None:
    """Put a Python into a folder; one that does not fit fails at every question."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n' if fits else "#!/bin/sh\nexit 1\n")
    path.chmod(0o755)


def ran(script: Path, programs: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script from another folder, with only some programs."""
    for name in ("dirname", "sh"):
        if not (programs / name).exists():
            (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    env = {"PATH": str(programs), "CODE": str(code), "LC_ALL": "C.UTF-8"}
    return subprocess.run([str(script)], env=env, cwd="/", capture_output=True, text=True, check=False)


@posix
@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_python_that_fits_installs(name: str, code: int, tmp_path: Path) -> None:
    """The first that fits is taken, wherever the checkout lies, and its exit code comes back."""
    made = checkout(tmp_path / "Jörg's auto cull")
    python(tmp_path / "bin", "python3.13", fits=False)
    python(tmp_path / "bin", "python3", fits=True)
    done = ran(made / "installer" / name, tmp_path / "bin", code)
    assert done.returncode == code
    assert f"['install'] in {made}" in done.stdout


@posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_without_a_python_it_says_what_to_do(name: str, tmp_path: Path) -> None:
    """A Python that is too old is none."""
    made = checkout(tmp_path / "x")
    python(tmp_path / "bin", "python3", fits=False)
    done = ran(made / "installer" / name, tmp_path / "bin")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in done.stdout + done.stderr


@posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_double_click_may_run_it(name: str) -> None:
    """The file's permissions say that it is a program."""
    assert os.access(INSTALLER / name, os.X_OK)


def test_the_batch_file_is_one_that_windows_reads() -> None:
    """Lines end as cmd wants it, the folder is quoted, and the window stays to be read."""
    content = (INSTALLER / "install.bat").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 10
    text = content.decode("ascii")
    assert 'cd /d "%~dp0.."' in text
    assert "bootstrap.py install" in text
    assert text.count("pause") == 2


@pytest.mark.parametrize("code", [0, 3])
def test_the_bootstrap_sets_up_and_then_installs(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment for culling comes first; the words go on to `autocull install`."""
    spec = importlib.util.spec_from_file_location("bootstrap_of_ours", INSTALLER / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    steps: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "_install", lambda name: steps.append((name,)))
    monkeypatch.setattr(bootstrap, "_python", lambda *words: steps.append(words) or code)
    assert bootstrap.main(["install", "--dry-run"]) == code
    assert steps == [("cull",), ("-m", "autocull", "install", "--dry-run")]
