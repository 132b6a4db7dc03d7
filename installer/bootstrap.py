"""Set up Autocull in a checkout and run it there, on macOS, Windows and Linux.

    python installer/bootstrap.py setup            install the locked environment for culling in .venv
    python installer/bootstrap.py cull [FOLDER]    set up, then cull FOLDER (or a demonstration shoot)
    python installer/bootstrap.py install          set up, then install the Lightroom plug-in and the daemon
    python installer/bootstrap.py test [ARGS...]   set up for development, then run all checks and tests
    python installer/bootstrap.py lint             the same without the tests
    python installer/bootstrap.py docs             set up for development, then build site/
    python installer/bootstrap.py lock             write the lock files from pyproject.toml

Needs only Python 3.11 to 3.13 with its `venv` module. FOLDER may also be given in the environment variable
PHOTOS, as the Makefile does.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
_FETCHED = re.compile(r"(?:Downloading|Using cached) ([^\s/]+?)-(\d[^-\s]*)-\S+\.whl \((.+)\)")
EXTRAS = {"cull": (), "demo": ("demo",), "dev": ("demo", "train", "dev")}
"""The extras of each environment; each holds all packages of those before it."""

LOCKS = {name: ROOT / "installer" / f"lock-{name}.txt" for name in EXTRAS}
CHECKS = (
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("lint", ("-m", "ruff", "check", ".")),
    ("types", ("-m", "mypy")),
    ("docs", ("-m", "mkdocs", "build", "--strict")),  # --quiet would hide warnings from --strict
    ("tests", ("-m", "pytest", "--cov", "--cov-report=term")),
)


def main(arguments: list[str]) -> int:
    """Run one of the commands in the module's docstring and return the exit code."""
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        print(f"Autocull needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    commands = {
        "setup": _setup,
        "cull": _cull,
        "install": _install_for_lightroom,
        "test": _test,
        "lint": _lint,
        "docs": _docs,
        "lock": _lock,
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[arguments[0]](arguments[1:])


def _setup(_: list[str]) -> int:
    install_packages("cull")
    return 0


def _cull(arguments: list[str]) -> int:
    folder = arguments[0] if arguments else os.environ.get("PHOTOS", "")
    install_packages("cull" if folder else "demo")
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    if folder:
        photos = Path(folder).expanduser().absolute()  # from where the user stands
    else:
        photos = out / "demo-shoot"
        if run_python("-m", "autocull", "demo", str(photos)) != 0:
            return 1
    report = out / "report.html"
    return run_python(
        "-m", "autocull", "cull", str(photos), "--report", str(report), "--open", *arguments[1:]
    )


def _install_for_lightroom(arguments: list[str]) -> int:
    install_packages("cull")
    return run_python("-m", "autocull", "install", *arguments)


def _test(arguments: list[str]) -> int:
    return _check([name for name, _ in CHECKS], arguments)


def _lint(_: list[str]) -> int:
    return _check([name for name, _ in CHECKS if name != "tests"], [])


def _docs(_: list[str]) -> int:
    return _check(["docs"], [])


def _check(names: list[str], pytest_arguments: list[str]) -> int:
    """Run the checks with these names up to the first that fails; return its exit code, else 0."""
    install_packages("dev")
    for name, command in CHECKS:
        if name not in names:
            continue
        print(f"== {name}", flush=True)
        code = run_python(*command, *(pytest_arguments if name == "tests" else []))
        if code != 0:
            print(f"== {name} failed", file=sys.stderr)
            return code
    return 0


def _lock(_: list[str]) -> int:
    install_packages("dev")
    for name, extras in {**EXTRAS, "bundle": ("bundle",)}.items():
        command = ["-m", "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-annotate"]
        command += [
            "--no-header",
            "--python-version",
            "3.11",
            "--quiet",
            "-o",
            str(ROOT / "installer" / f"lock-{name}.txt"),
        ]
        command += [word for extra in extras for word in ("--extra", extra)]
        code = run_python(*command, "pyproject.toml", "installer/checkout.in")
        if code != 0:
            return code
    return 0


def install_packages(name: str) -> None:
    """Install the packages of a lock file into `.venv`, unless they are installed already."""
    stamp = ENVIRONMENT / "autocull-lock.txt"
    installed = stamp.read_text("utf-8").split() if stamp.is_file() else []
    sufficient = list(EXTRAS)[list(EXTRAS).index(name) :]
    if any(_fingerprint(each) in installed for each in sufficient):
        return
    print(f"Setting up {ENVIRONMENT} (once)", flush=True)
    if not PYTHON.is_file():
        try:
            venv.create(ENVIRONMENT, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv")
    pip = ("-m", "pip", "install", "--disable-pip-version-check", "--no-deps")
    progress = ("--progress-bar", "off", "--no-color")
    code = _run_with_progress(*pip, *progress, "--require-hashes", "-r", str(LOCKS[name]))
    if code == 0:
        code = run_python(*pip, "--quiet", "--no-build-isolation", "-e", str(ROOT))
    if code != 0:
        sys.exit("Setting up failed; see the message above, then run the same command again.")
    size = sum(path.stat().st_size for path in ENVIRONMENT.rglob("*") if path.is_file())
    print(f"Set up: {size / 1e6:,.0f} MB in {ENVIRONMENT}", flush=True)
    stamp.write_text(_fingerprint(name) + "\n", "utf-8")


def _run_with_progress(*arguments: str) -> int:
    """Run pip, print one line per package with its size where pip names it, and return the exit code."""
    process = subprocess.Popen([str(PYTHON), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in describe_progress(process.stdout):
        print(line, flush=True)
    return process.wait()


def describe_progress(output: Iterable[str]) -> Iterator[str]:
    """Yield what a user wants to read of pip's output: each package with its size, and the last step."""
    for line in output:
        words = line.strip()
        fetched = _FETCHED.match(words)
        if fetched:
            yield f"  {fetched[1].replace('_', '-')} {fetched[2]}, {fetched[3]}"
        elif words.startswith("Installing collected packages:"):
            yield f"  unpacking {words.count(',') + 1} packages ..."


def _fingerprint(name: str) -> str:
    content = LOCKS[name].read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return f"{name}:{hashlib.sha256(content).hexdigest()}"


def run_python(*arguments: str) -> int:
    """Run the environment's Python in the checkout and return its exit code; Ctrl-C goes to it."""
    process = subprocess.Popen([str(PYTHON), *arguments], cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child process got the same Ctrl-C and reports what it saved


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
