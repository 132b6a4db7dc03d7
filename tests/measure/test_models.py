"""Model folders: what is missing or corrupt is named with the remedy, what is whole is served."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from autocull.errors import ModelError
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import CHECKSUMS, WEIGHTS, Model, models_root, versions

SHIPPED = sorted(path.parent.name for path in models_root().glob("*/config.json"))


def make_folder(root: Path, weights: bytes = b"not a network", **config: object) -> Path:
    """Make a model folder whose checksums are right; returns it."""
    folder = root / "eyes"
    folder.mkdir()
    whole = {"name": "eyes", "version": "1", "classes": ["closed", "open"], "preprocessing": {"size": 48}}
    (folder / "config.json").write_text(json.dumps(whole | config), "utf-8")
    (folder / WEIGHTS).write_bytes(weights)
    (folder / CHECKSUMS).write_text(f"{hashlib.sha256(weights).hexdigest()}  {WEIGHTS}\n", "utf-8")
    return folder


def test_a_whole_folder_opens(tmp_path: Path) -> None:
    """Name, version and classes come from the configuration."""
    make_folder(tmp_path)
    model = Model.open(tmp_path, "eyes")
    assert (model.name, model.version, model.classes) == ("eyes", "1", ("closed", "open"))
    assert model.read_file(WEIGHTS) == b"not a network"


def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    """The message holds the file and what to do."""
    with pytest.raises(ModelError, match="is missing or unreadable") as caught:
        Model.open(tmp_path, "eyes")
    assert str(tmp_path / "eyes" / "config.json") in caught.value.message
    assert "Install Autocull again" in caught.value.message


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"name": "eyes"}', "\x00"])
def test_a_broken_configuration_is_refused(tmp_path: Path, content: str) -> None:
    """Neither half a file nor another kind of JSON passes for a configuration."""
    (make_folder(tmp_path) / "config.json").write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        Model.open(tmp_path, "eyes")


def test_corrupt_weights_are_refused_before_they_run(tmp_path: Path) -> None:
    """One changed byte is enough."""
    folder = make_folder(tmp_path)
    (folder / WEIGHTS).write_bytes(b"not a netwerk")
    with pytest.raises(ModelError, match="is corrupt"):
        Model.open(tmp_path, "eyes").network()


@pytest.mark.parametrize("lost", [WEIGHTS, CHECKSUMS])
def test_a_missing_file_is_refused(tmp_path: Path, lost: str) -> None:
    """Weights without their checksum are as good as none."""
    (make_folder(tmp_path) / lost).unlink()
    with pytest.raises(ModelError, match="is missing or unreadable"):
        Model.open(tmp_path, "eyes").network()


def test_a_file_without_a_checksum_of_its_own_is_refused(tmp_path: Path) -> None:
    """The list must name the file."""
    folder = make_folder(tmp_path)
    (folder / "other.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="checksum"):
        Model.open(tmp_path, "eyes").read_file("other.bin")


def test_weights_that_are_no_network_are_refused(tmp_path: Path) -> None:
    """A right checksum over wrong content is still no network."""
    make_folder(tmp_path)
    with pytest.raises(ModelError, match="does not load"):
        Model.open(tmp_path, "eyes").network()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_folder_is_whole(name: str) -> None:
    """Each member's folder has a configuration, a card, and checksums for every other file."""
    folder = models_root() / name
    model = Model.open(models_root(), name)
    assert model.name == name
    assert (folder / "card.md").stat().st_size > 500
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8 << 20
    for path in folder.iterdir():
        if path.suffix in {".tflite", ".keras"}:
            assert model.read_file(path.name)


@pytest.mark.parametrize("name", [name for name in SHIPPED if (models_root() / name / WEIGHTS).is_file()])
def test_a_batch_answers_as_its_single_pictures_do(name: str) -> None:
    """Batch of one equals batch of three, and the same input gives the same answer."""
    network = Model.open(models_root(), name).network()
    rng = np.random.default_rng(1)
    batch = [rng.random((3, *shape[1:]), dtype=np.float32) for shape in network.shapes]
    whole = network(*batch)
    again = network(*batch)
    for output, same in zip(whole, again, strict=True):
        np.testing.assert_array_equal(output, same)
    for index in range(3):
        single = network(*(array[index : index + 1] for array in batch))
        for output, one in zip(whole, single, strict=True):
            np.testing.assert_allclose(output[index : index + 1], one, atol=1e-3)


def test_all_members_that_the_product_names_are_shipped() -> None:
    """Six folders: one per member of the standard ensemble."""
    assert set(SHIPPED) == {"faces", "eyes", "focus", "defects", "category", "likeness"}


def test_versions_are_those_of_the_ensemble() -> None:
    """A run knows what it will measure with before it imports what measures."""
    assert versions(models_root()) == Ensemble(models_root()).versions


def test_a_broken_model_has_no_version(tmp_path: Path) -> None:
    """The run ends with the model's own words, before any photo is read."""
    (make_folder(tmp_path) / "config.json").write_text("{", "utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        versions(tmp_path)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_what_its_checksums_say(name: str) -> None:
    """Configuration and weights fit together: whoever changes one changes the sums."""
    model = Model.open(models_root(), name)
    summed = [line.split()[-1] for line in (model.folder / CHECKSUMS).read_text("utf-8").splitlines()]
    assert "config.json" in summed
    assert all(model.read_file(each) for each in summed)
