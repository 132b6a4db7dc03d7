"""Test of a complete training of the embedding network: from folders of pictures to a usable model folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage import data

from autocull.measure.embedding import EmbeddingDetector, patches_of, vector_of
from autocull.read.photo import Photo
from autocull.train.evaluation.retrieval import RetrievalMetrics
from autocull.train.fitting.trainer import TrainOptions
from autocull.train.recipes.embedding import EmbeddingRecipe
from autocull.train.recipes.embedding_training import format_metrics_table, train
from autocull.train.reports.model import TrainingReport

# Keras 3 saves its variables through numpy's old protocol; nothing here can change that.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
    # The eager mode requested below does not apply to the batches, which do not need it.
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
]

COLUMNS = {"n", "auc", "first", "strangers", "known", "patches"}


def write_pictures(folder: Path, count: int) -> Path:
    """Write crops of scikit-image's pictures and their manifest, a quarter of them dev."""
    folder.mkdir()
    rng = np.random.default_rng(count)
    lines = ["path,split,group,source"]
    for index in range(count):
        photo = (data.astronaut, data.coffee, data.chelsea)[index % 3]()
        top, left = rng.integers(0, 140, 2)
        Image.fromarray(photo[top : top + 150, left : left + 150]).save(folder / f"{index}.png")
        lines.append(f"{index}.png,{'dev' if index % 4 == 3 else 'train'},g{index},web")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainingReport[RetrievalMetrics]]:
    """Train for one epoch on two folders; returns the model folder and the report."""
    root = tmp_path_factory.mktemp("likeness")
    out = root / "models" / "likeness"
    options = TrainOptions(
        data=write_pictures(root / "one", 14),
        also=(write_pictures(root / "two", 10),),
        out=out,
        epochs=1,
        command="autocull train likeness",
    )
    tf.config.run_functions_eagerly(True)  # tracing takes longer than one step
    try:
        return out, train(EmbeddingRecipe(), options)
    finally:
        tf.config.run_functions_eagerly(False)


def test_detector_opens_the_trained_model(trained: tuple[Path, TrainingReport[RetrievalMetrics]]) -> None:
    """Checksums, classes and preprocessing are valid, and a photo gets a vector and patches."""
    embedding = EmbeddingDetector(trained[0].parent).measure(Photo.from_pixels(data.coffee()))
    assert np.linalg.norm(vector_of(embedding)) == pytest.approx(1, abs=1e-5)
    assert len(patches_of(embedding)[0]) == 144
    assert not (trained[0] / "checkpoints").exists()


def test_report_has_metrics_of_every_split(trained: tuple[Path, TrainingReport[RetrievalMetrics]]) -> None:
    """Every photo of both folders is in one split; card and report show the same table."""
    out, report = trained
    assert sum(metrics.n for metrics in report.parts.values()) == 24
    stored = json.loads((out / "report" / "report.json").read_text("utf-8"))
    assert stored["parts"] == {name: metrics.to_json() for name, metrics in report.parts.items()}
    assert all(set(part) == COLUMNS for part in stored["parts"].values())
    assert report.parameters < 1_000_000
    assert report.difference < 0.01
    for page in (out / "card.md", out / "report" / "report.md"):
        text = page.read_text("utf-8")
        assert format_metrics_table(report.parts) in text
        assert "autocull train likeness" in text
        assert "Temperature" not in text
    assert (out / "report" / "learning.png").is_file()
