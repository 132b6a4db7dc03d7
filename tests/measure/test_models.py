"""Model folders: missing or corrupt files are errors with the remedy, complete ones load."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autocull.errors import ModelError
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import CHECKSUMS, WEIGHTS, Model, models_root, versions

SHIPPED = sorted(path.parent.name for path in models_root().glob("*/config.json"))


def make_folder(root: Path, weights: bytes = b"not a network", **config: object) -> Path:
    """Make a model folder with valid checksums and return it."""
    folder = root / "eyes"
    folder.mkdir()
    complete = {"name": "eyes", "version": "1", "classes": ["closed", "open"], "preprocessing": {"size": 48}}
    (folder / "config.json").write_text(json.dumps(complete | config), "utf-8")
    (folder / WEIGHTS).write_bytes(weights)
    (folder / CHECKSUMS).write_text(f"{hashlib.sha256(weights).hexdigest()}  {WEIGHTS}\n", "utf-8")
    return folder


def test_complete_folder_opens(tmp_path: Path) -> None:
    """Name, version and classes come from the configuration."""
    make_folder(tmp_path)
    model = Model.open(tmp_path, "eyes")
    assert (model.name, model.version, model.classes) == ("eyes", "1", ("closed", "open"))
    assert model.read_file(WEIGHTS) == b"not a network"


def test_missing_folder_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    """The message holds the file and what to do."""
    with pytest.raises(ModelError, match="is missing or unreadable") as caught:
        Model.open(tmp_path, "eyes")
    assert str(tmp_path / "eyes" / "config.json") in caught.value.message
    assert "Install Autocull again" in caught.value.message


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"name": "eyes"}', "\x00"])
def test_invalid_configuration_is_an_error(tmp_path: Path, content: str) -> None:
    """Neither half a file nor another kind of JSON is accepted as a configuration."""
    (make_folder(tmp_path) / "config.json").write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        Model.open(tmp_path, "eyes")


def test_corrupt_weights_are_an_error(tmp_path: Path) -> None:
    """One changed byte is enough."""
    folder = make_folder(tmp_path)
    (folder / WEIGHTS).write_bytes(b"not a netwerk")
    with pytest.raises(ModelError, match="is corrupt"):
        Model.open(tmp_path, "eyes").network()


@pytest.mark.parametrize("missing", [WEIGHTS, CHECKSUMS])
def test_missing_file_is_an_error(tmp_path: Path, missing: str) -> None:
    """Weights without their checksum are an error too."""
    (make_folder(tmp_path) / missing).unlink()
    with pytest.raises(ModelError, match="is missing or unreadable"):
        Model.open(tmp_path, "eyes").network()


def test_file_without_a_checksum_is_an_error(tmp_path: Path) -> None:
    """The list must contain the file."""
    folder = make_folder(tmp_path)
    (folder / "other.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="checksum"):
        Model.open(tmp_path, "eyes").read_file("other.bin")


def test_weights_that_are_no_network_are_an_error(tmp_path: Path) -> None:
    """A valid checksum over other content is still no network."""
    make_folder(tmp_path)
    with pytest.raises(ModelError, match="does not load"):
        Model.open(tmp_path, "eyes").network()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_folder_is_complete(name: str) -> None:
    """Each model folder has a configuration, a card, and checksums for every other file."""
    folder = models_root() / name
    model = Model.open(models_root(), name)
    assert model.name == name
    assert (folder / "card.md").stat().st_size > 500
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8 << 20
    for path in folder.iterdir():
        if path.suffix in {".tflite", ".keras"}:
            assert model.read_file(path.name)


@pytest.mark.parametrize("name", [name for name in SHIPPED if (models_root() / name / WEIGHTS).is_file()])
def test_batch_gives_the_same_results_as_single_inputs(name: str) -> None:
    """A batch of one equals a batch of three, and the same input gives the same result."""
    network = Model.open(models_root(), name).network()
    rng = np.random.default_rng(1)
    batch = [rng.random((3, *shape[1:]), dtype=np.float32) for shape in network.shapes]
    complete = network(*batch)
    repeated = network(*batch)
    for output, same in zip(complete, repeated, strict=True):
        np.testing.assert_array_equal(output, same)
    for index in range(3):
        single = network(*(array[index : index + 1] for array in batch))
        for output, one in zip(complete, single, strict=True):
            np.testing.assert_allclose(output[index : index + 1], one, atol=1e-3)


def test_all_models_are_shipped() -> None:
    """Six folders: one per detector of the ensemble."""
    assert set(SHIPPED) == {"faces", "eyes", "focus", "defects", "category", "likeness"}


def test_versions_are_those_of_the_ensemble() -> None:
    """The versions are available without importing the detectors."""
    assert versions(models_root()) == Ensemble(models_root()).versions


def test_invalid_model_has_no_version(tmp_path: Path) -> None:
    """The run ends with the model's error before any photo is read."""
    (make_folder(tmp_path) / "config.json").write_text("{", "utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        versions(tmp_path)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_match_their_checksums(name: str) -> None:
    """The checksums include that of the configuration."""
    model = Model.open(models_root(), name)
    listed = [line.split()[-1] for line in (model.folder / CHECKSUMS).read_text("utf-8").splitlines()]
    assert "config.json" in listed
    assert all(model.read_file(each) for each in listed)


def test_running_a_network_writes_nothing() -> None:
    """LiteRT's own messages are no concern of a photographer; what follows is written again."""
    code = (
        "import os, numpy; from autocull.measure import Model, models_root;"
        "network = Model.open(models_root(), 'focus').network();"
        "network(*[numpy.zeros((1, *shape[1:]), 'f4') for shape in network.shapes]);"
        "os.write(2, b'after it')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert result.stderr == b"after it"
