"""The double-click scripts: they find a supported Python, from any folder, and run the bootstrap."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

INSTALLER = Path(__file__).resolve().parents[2] / "installer"
SCRIPTS = ("install.command", "install.sh")
posix = pytest.mark.skipif(os.name == "nt", reason="these are for macOS and Linux")


def make_checkout(folder: Path) -> Path:
    """Make a checkout whose bootstrap only prints its arguments and its folder."""
    (folder / "installer").mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(INSTALLER / name, folder / "installer" / name)
    (folder / "installer" / "bootstrap.py").write_text(
        "import os, sys\n"
        "sys.stdout.write(f'{sys.argv[1:]} in {os.getcwd()}\\n')\n"
        "sys.exit(int(os.environ['CODE']))\n"
    )
    return folder


def make_python(folder: Path, name: str, supported: bool) -> None:
    """Create a Python in a folder; an unsupported one fails on every call."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n' if supported else "#!/bin/sh\nexit 1\n")
    path.chmod(0o755)


def run_script(script: Path, programs: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script from another folder, with only the given programs on the path."""
    for name in ("dirname", "sh"):
        if not (programs / name).exists():
            (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    env = {"PATH": str(programs), "CODE": str(code), "LC_ALL": "C.UTF-8"}
    return subprocess.run([str(script)], env=env, cwd="/", capture_output=True, text=True, check=False)


@posix
@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("name", SCRIPTS)
def test_first_supported_python_runs_the_bootstrap(name: str, code: int, tmp_path: Path) -> None:
    """For any path of the checkout; the script returns the exit code."""
    folder = make_checkout(tmp_path / "Jörg's auto cull")
    make_python(tmp_path / "bin", "python3.13", supported=False)
    make_python(tmp_path / "bin", "python3", supported=True)
    result = run_script(folder / "installer" / name, tmp_path / "bin", code)
    assert result.returncode == code
    assert f"['install'] in {folder}" in result.stdout


@posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_message_names_the_supported_versions(name: str, tmp_path: Path) -> None:
    """If only an unsupported Python is installed."""
    folder = make_checkout(tmp_path / "x")
    make_python(tmp_path / "bin", "python3", supported=False)
    result = run_script(folder / "installer" / name, tmp_path / "bin")
    assert result.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in result.stdout + result.stderr


@posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_executable(name: str) -> None:
    """A double-click needs that permission."""
    assert os.access(INSTALLER / name, os.X_OK)


def test_batch_file_is_valid_for_windows() -> None:
    """CRLF line ends, a quoted folder, and a pause that keeps the window open."""
    content = (INSTALLER / "install.bat").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 10
    text = content.decode("ascii")
    assert 'cd /d "%~dp0.."' in text
    assert "bootstrap.py install" in text
    assert text.count("pause") == 2


@pytest.mark.parametrize("code", [0, 3])
def test_bootstrap_sets_up_and_then_installs(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment for culling comes first; the arguments are passed to `autocull install`."""
    bootstrap = load_bootstrap()
    steps: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "install_packages", lambda name: steps.append((name,)))
    monkeypatch.setattr(bootstrap, "run_python", lambda *words: steps.append(words) or code)
    assert bootstrap.main(["install", "--dry-run"]) == code
    assert steps == [("cull",), ("-m", "autocull", "install", "--dry-run")]


def load_bootstrap() -> ModuleType:
    """Load the bootstrap as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", INSTALLER / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    return bootstrap


def test_progress_names_each_package_with_its_size() -> None:
    """Not its metadata, and nothing else of what pip prints."""
    output = [
        "Collecting numpy==2.4.6 (from -r installer/lock-cull.txt (line 3))\n",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl.metadata (62 kB)\n",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl (16.6 MB)\n",
        "  Using cached pillow_heif-1.8.1-cp311-cp311-win_amd64.whl (5.7 MB)\n",
        "Installing collected packages: numpy, pillow-heif\n",
        "Successfully installed numpy-2.4.6 pillow-heif-1.8.1\n",
    ]
    assert list(load_bootstrap().describe_progress(output)) == [
        "  numpy 2.4.6, 16.6 MB",
        "  pillow-heif 1.8.1, 5.7 MB",
        "  unpacking 2 packages ...",
    ]


@pytest.mark.parametrize(
    ("installed", "wanted", "is_new"),
    [
        ("dev", "cull", False),
        ("demo", "cull", False),
        ("cull", "cull", False),
        ("cull", "demo", True),
        ("demo", "dev", True),
    ],
)
def test_larger_environment_serves_the_smaller(
    installed: str, wanted: str, is_new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was set up for development also culls; what culls is completed for development."""
    bootstrap = load_bootstrap()
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "autocull-lock.txt")
    monkeypatch.setattr(bootstrap, "_run_with_progress", lambda *words: steps.append(words) or 0)
    monkeypatch.setattr(bootstrap, "run_python", lambda *words: 0)
    steps: list[tuple[str, ...]] = []
    (tmp_path / "autocull-lock.txt").write_text("", "utf-8")
    bootstrap.install_packages(installed)
    steps.clear()
    bootstrap.install_packages(wanted)
    assert bool(steps) == is_new
    assert all(f"lock-{wanted}.txt" in words[-1] for words in steps)


def test_photos_are_taken_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's Python runs in the checkout."""
    bootstrap = load_bootstrap()
    steps: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "install_packages", lambda name: None)
    monkeypatch.setattr(bootstrap, "run_python", lambda *words: steps.append(words) or 0)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path / "checkout")
    (tmp_path / "checkout").mkdir()
    monkeypatch.chdir(tmp_path)
    assert bootstrap.main(["cull", "shoot"]) == 0
    assert steps[0][3] == str(tmp_path / "shoot")
