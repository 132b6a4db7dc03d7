"""Build the self-contained program for this system, and try it where no Python is found.

    python installer/bundle/build.py [--out FOLDER] [--environment FOLDER]

Makes an environment from `installer/lock-bundle.txt` with the wheel of this checkout, and runs PyInstaller
in it. The program in FOLDER/autocull (default: `dist/`) then culls, explains, learns and answers as daemon
without a Python on the search path (try_bundle.py), and is packed as
autocull-VERSION-SYSTEM-MACHINE.tar.gz or .zip.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "installer" / "bundle"
LOCK = ROOT / "installer" / "lock-bundle.txt"


def main(arguments: list[str]) -> int:
    """Build, try and pack the bundle; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--environment", type=Path, default=ROOT / "build" / "bundle-environment")
    options = parser.parse_args(arguments)
    python = make_environment(options.environment)
    folder = build(python, options.out)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{folder}: {size / 1e6:.0f} MB", flush=True)
    code = subprocess.run([str(python), str(BUNDLE / "try_bundle.py"), str(folder)], check=False).returncode
    if code == 0:
        print(f"Packed: {pack(folder, options.out)}")
    return code


def make_environment(folder: Path) -> Path:
    """Make the environment anew, with the locked packages and this checkout's wheel; returns its Python."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-build-isolation", str(ROOT)], check=True)
    return python


def build(python: Path, out: Path) -> Path:
    """Run PyInstaller; returns the folder of the program."""
    subprocess.run(
        [
            *(str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"),
            *("--distpath", str(out), "--workpath", str(ROOT / "build" / "pyinstaller")),
            str(BUNDLE / "autocull.spec"),
        ],
        check=True,
    )
    return out / "autocull"


def pack(folder: Path, out: Path) -> Path:
    """Pack the folder for this system, and return the file."""
    version = (ROOT / "daemon" / "autocull" / "__init__.py").read_text("utf-8").split('__version__ = "')[1]
    name = f"autocull-{version.split(chr(34))[0]}-{platform.system().lower()}-{platform.machine().lower()}"
    kind = "zip" if os.name == "nt" else "gztar"
    return Path(shutil.make_archive(str(out / name), kind, folder.parent, folder.name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
