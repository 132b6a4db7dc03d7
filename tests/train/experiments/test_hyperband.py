"""Hyperparameter search: it saves its trials, resumes, and never reads dev."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from autocull.errors import ManifestError
from autocull.train.data.manifest import Row
from autocull.train.experiments.hyperband import SearchOptions, Trial, tune
from autocull.train.experiments.pages import format_tuning_page
from autocull.train.experiments.search_space import Range
from support.tiny_networks import TinyDataset, TinyRecipe, write_manifest

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
    pytest.mark.filterwarnings("ignore:currentThread.. is deprecated"),  # called by KerasTuner
    pytest.mark.filterwarnings("ignore:getName.. is deprecated"),
]

SPACE = {"rate": Range(1e-5, 0.05, log=True), "width": (0.5, 1.0), "augmented": (0.5, 1.0)}


class RecordingRecipe(TinyRecipe):
    """The tiny recipe; it records the rows that are loaded."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> TinyDataset:
        """Record the rows, and return their dataset."""
        self.rows += rows
        return super().load_dataset(rows, on_progress)


class _StoppedError(Exception):
    """Simulates a killed process."""


@pytest.fixture(autouse=True)
def run_eagerly() -> Iterator[None]:
    """Run the network eagerly: tracing a tiny network takes longer than all its steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def options(tmp_path: Path) -> SearchOptions:
    """Return the options of a search with few trials."""
    return SearchOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=2)


def test_finished_search_is_loaded_again(options: SearchOptions) -> None:
    """The same trials, best first, without reading pictures; dev is never read."""
    recipe, reported = RecordingRecipe(), []
    trials = tune(recipe, SPACE, options, on_result=reported.append)
    assert len(trials) == len(reported) >= 2
    assert [trial.log_loss for trial in trials] == sorted(trial.log_loss for trial in trials)
    assert {trial.number for trial in trials} == {trial.number for trial in reported}
    assert all(trial.values.keys() == SPACE.keys() and trial.epochs <= 2 for trial in trials)
    assert recipe.rows
    assert {row.split for row in recipe.rows} == {"train"}
    again = RecordingRecipe()
    assert tune(again, SPACE, options) == trials
    assert again.rows == []


def test_best_trial_is_repeated_with_more_epochs(options: SearchOptions) -> None:
    """The best of three brief trials gets all epochs; checkpoints are deleted with their trial."""
    trials = tune(TinyRecipe(), SPACE, replace(options, epochs=3))
    brief = [trial for trial in trials if trial.epochs == 1]
    assert len(brief) == 3
    assert brief[0].values in [trial.values for trial in trials if trial.epochs == 3]
    assert len(trials) > 4
    assert not list(options.out.rglob("*.keras"))


def test_stopped_search_resumes(options: SearchOptions) -> None:
    """Stopped in the second trial, it gets the trials of a search without a stop; the first runs once."""
    uninterrupted = tune(TinyRecipe(), SPACE, replace(options, out=options.out / "uninterrupted"))
    numbers: list[str] = []

    def stop(number: str) -> Callable[..., None]:
        numbers.append(number)
        if len(numbers) == 2:
            raise _StoppedError
        return lambda *_: None

    resumed = replace(options, out=options.out / "resumed")
    with pytest.raises(_StoppedError):
        tune(TinyRecipe(), SPACE, resumed, callback_for=stop)
    later_numbers: list[str] = []
    trials = tune(
        TinyRecipe(),
        SPACE,
        resumed,
        callback_for=lambda number: (later_numbers.append(number), lambda *_: None)[1],
    )
    assert numbers[0] not in later_numbers
    assert numbers[1] in later_numbers
    assert {tuple(trial.values.items()) for trial in trials} == {
        tuple(trial.values.items()) for trial in uninterrupted
    }
    assert trials[0].log_loss == pytest.approx(uninterrupted[0].log_loss, abs=1e-4)


def test_folder_of_another_search_is_refused(options: SearchOptions) -> None:
    """The message recommends another folder."""
    (options.out).mkdir()
    (options.out / "search.json").write_text('{"epochs": 7}', "utf-8")
    with pytest.raises(ManifestError, match=r"belongs to another search.*another --out"):
        tune(TinyRecipe(), SPACE, options)


def test_manifest_with_too_few_groups_is_refused(tmp_path: Path) -> None:
    """A search needs a validation split; nothing is written without."""
    options = SearchOptions(data=write_manifest(tmp_path / "data", count=1), out=tmp_path / "out", epochs=1)
    with pytest.raises(ManifestError, match="no rows are left"):
        tune(TinyRecipe(), SPACE, options)
    assert not options.out.exists()


def test_error_in_a_training_ends_the_search(options: SearchOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised, instead of counted as a failed trial."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("no such network")

    monkeypatch.setattr("autocull.train.experiments.hyperband.fit_network", broken)
    with pytest.raises(ZeroDivisionError, match="no such network"):
        tune(TinyRecipe(), SPACE, options)


def test_multilabel_recipe_can_be_searched(options: SearchOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accuracy counts every label of every sample."""
    recipe = TinyRecipe()
    recipe.answer = "any_of"
    monkeypatch.setattr("autocull.train.experiments.hyperband.fit_network", lambda *_, **__: (None, []))
    row = np.array([[5.0, -5.0]])
    monkeypatch.setattr(
        "autocull.train.experiments.hyperband.predict_logits",
        lambda _, dataset: np.repeat(row, len(dataset), 0).astype(np.float32),
    )
    trials = tune(recipe, {"width": (1.0, 2.0)}, replace(options, epochs=1))
    assert 0.2 < trials[0].accuracy < 0.8
    assert trials[0].accuracy == trials[-1].accuracy


def test_page_shows_the_best_and_all_trials() -> None:
    """Each value has its meaning, each trial a line."""
    trials = [Trial(str(i), {"rate": 0.001 * (i + 1), "width": 0.5}, 3, 0.2 + i, 0.9) for i in range(3)]
    page = format_tuning_page("eyes", trials, command="autocull tune eyes")
    assert "$ autocull tune eyes" in page
    assert "The best of 3 trials is 0: log loss 0.200, accuracy 0.900" in page
    assert "| rate | 0.001 | largest learning rate |" in page
    assert "| 2 | 3 | 2.200 | 0.900 | 0.003 | 0.5 |" in page
