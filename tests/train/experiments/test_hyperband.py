"""The search: it finds, keeps its trials, goes on where it was stopped, and never looks at dev."""

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
from autocull.train.experiments.search_space import Between
from support.tiny_networks import TinyPart, TinyRecipe, write_manifest

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
    pytest.mark.filterwarnings("ignore:currentThread.. is deprecated"),  # KerasTuner asks so
    pytest.mark.filterwarnings("ignore:getName.. is deprecated"),
]

SPACE = {"rate": Between(1e-5, 0.05, log=True), "width": (0.5, 1.0), "augmented": (0.5, 1.0)}


class Watched(TinyRecipe):
    """The tiny recipe; it writes down which rows it is asked for."""

    def __init__(self) -> None:
        self.read: list[Row] = []

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> TinyPart:
        """Make the examples of the rows, and remember those."""
        self.read += rows
        return super().part(rows, step)


class _StoppedError(Exception):
    """Somebody pulled the plug."""


@pytest.fixture(autouse=True)
def step_by_step() -> Iterator[None]:
    """Run the network's steps one by one: tracing takes longer than all of them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def order(tmp_path: Path) -> SearchOptions:
    """A search of few trials."""
    return SearchOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=2)


def test_a_search_is_kept_and_found_again(order: SearchOptions) -> None:
    """Trials come best first; asked again, the same are there and no picture is read; dev is never read."""
    recipe, ended = Watched(), []
    trials = tune(recipe, SPACE, order, on_result=ended.append)
    assert len(trials) == len(ended) >= 2
    assert [trial.log_loss for trial in trials] == sorted(trial.log_loss for trial in trials)
    assert {trial.number for trial in trials} == {trial.number for trial in ended}
    assert all(trial.values.keys() == SPACE.keys() and trial.epochs <= 2 for trial in trials)
    assert recipe.read
    assert {row.split for row in recipe.read} == {"train"}
    again = Watched()
    assert tune(again, SPACE, order) == trials
    assert again.read == []


def test_the_best_trials_get_more_epochs(order: SearchOptions) -> None:
    """Of three brief trials the best one is tried again with all epochs; no checkpoint outlives its trial."""
    trials = tune(TinyRecipe(), SPACE, replace(order, epochs=3))
    brief = [trial for trial in trials if trial.epochs == 1]
    assert len(brief) == 3
    assert brief[0].values in [trial.values for trial in trials if trial.epochs == 3]
    assert len(trials) > 4
    assert not list(order.out.rglob("*.keras"))


def test_a_stopped_search_goes_on(order: SearchOptions) -> None:
    """Stopped in its second trial, it makes the trials of an undisturbed search, the first one once."""
    whole = tune(TinyRecipe(), SPACE, replace(order, out=order.out / "whole"))
    seen: list[str] = []

    def stop(number: str) -> Callable[..., None]:
        seen.append(number)
        if len(seen) == 2:
            raise _StoppedError
        return lambda *_: None

    halves = replace(order, out=order.out / "halves")
    with pytest.raises(_StoppedError):
        tune(TinyRecipe(), SPACE, halves, callback_for=stop)
    later: list[str] = []
    trials = tune(
        TinyRecipe(), SPACE, halves, callback_for=lambda number: (later.append(number), lambda *_: None)[1]
    )
    assert seen[0] not in later
    assert seen[1] in later
    assert {tuple(trial.values.items()) for trial in trials} == {
        tuple(trial.values.items()) for trial in whole
    }
    assert trials[0].log_loss == pytest.approx(whole[0].log_loss, abs=1e-4)


def test_another_search_is_not_mixed_in(order: SearchOptions) -> None:
    """Other epochs, seed or space in the same folder are refused, and say what to do."""
    (order.out).mkdir()
    (order.out / "search.json").write_text('{"epochs": 7}', "utf-8")
    with pytest.raises(ManifestError, match=r"belongs to another search.*another --out"):
        tune(TinyRecipe(), SPACE, order)


def test_no_groups_to_hold_out_is_an_error(tmp_path: Path) -> None:
    """A search needs groups to judge by, and writes nothing without."""
    order = SearchOptions(data=write_manifest(tmp_path / "data", count=1), out=tmp_path / "out", epochs=1)
    with pytest.raises(ManifestError, match="no rows are left"):
        tune(TinyRecipe(), SPACE, order)
    assert not order.out.exists()


def test_a_bug_ends_the_search(order: SearchOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a training is that error, not a bad trial among others."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("no such network")

    monkeypatch.setattr("autocull.train.experiments.hyperband.fit", broken)
    with pytest.raises(ZeroDivisionError, match="no such network"):
        tune(TinyRecipe(), SPACE, order)


def test_labels_for_themselves_are_searched_too(
    order: SearchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where several labels may hold, the share of right answers counts every label."""
    recipe = TinyRecipe()
    recipe.answer = "any_of"
    monkeypatch.setattr("autocull.train.experiments.hyperband.fit", lambda *_, **__: (None, []))
    said = np.array([[5.0, -5.0]])
    monkeypatch.setattr(
        "autocull.train.experiments.hyperband.logits",
        lambda _, part: np.repeat(said, len(part), 0).astype(np.float32),
    )
    trials = tune(recipe, {"width": (1.0, 2.0)}, replace(order, epochs=1))
    assert 0.2 < trials[0].accuracy < 0.8
    assert trials[0].accuracy == trials[-1].accuracy


def test_the_page_shows_the_best_and_all() -> None:
    """Each value comes with its meaning, each trial with a line."""
    trials = [Trial(str(i), {"rate": 0.001 * (i + 1), "width": 0.5}, 3, 0.2 + i, 0.9) for i in range(3)]
    page = format_tuning_page("eyes", trials, command="autocull tune eyes")
    assert "$ autocull tune eyes" in page
    assert "Best of 3 trials is 0: surprise 0.200, right 0.900" in page
    assert "| rate | 0.001 | largest learning rate |" in page
    assert "| 2 | 3 | 2.200 | 0.900 | 0.003 | 0.5 |" in page
