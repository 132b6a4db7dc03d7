"""A search for better values of a recipe's space by Hyperband; importing this imports Keras and KerasTuner.

Hyperband (Li et al. 2018, arXiv:1603.06560) tries many values briefly and gives the best ever more epochs.
Every trial is a training from first weights over its own number of epochs, with the whole course of the
learning rate: a trial that is promoted starts anew instead of going on at rates that were meant for the end.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.errors import FatalError

from autocull.atomic_write import whole_file
from autocull.errors import ManifestError
from autocull.stats import calibration
from autocull.train.data.manifest import carve, read_manifest
from autocull.train.experiments.search_space import Between, PartlyAugmented, Space, planned
from autocull.train.fitting.fit import Told, fit, logits, targets
from autocull.train.fitting.model_scaling import resized
from autocull.train.recipes.base import Part, Recipe

FACTOR = 3
"""Of so many trials one is promoted, to so many times the epochs."""

_PROJECT = "trials"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOrder:
    """What is searched where: data folder, folder of the trials, epochs of the longest trial, seed."""

    data: Path
    out: Path
    epochs: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its number, values and epochs, and what the validation part said of it.

    `surprise` is the mean negative log-likelihood at the best temperature, lower is better; `right` is the
    share of right answers.
    """

    number: str
    values: Mapping[str, float]
    epochs: int
    surprise: float
    right: float


def tune(
    recipe: Recipe,
    space: Space,
    order: SearchOrder,
    *,
    reading: Callable[[int], None] = lambda _: None,
    step: Callable[[], None] = lambda: None,
    told: Callable[[str], Told] = lambda _: lambda *_: None,
    ended: Callable[[Trial], None] = lambda _: None,
) -> list[Trial]:
    """Search; returns all trials, the best one first.

    Trials are kept in `order.out`, and the same order goes on where it was stopped, also within a trial. They
    are judged on the groups held out of the training rows; pictures of dev are not even read. Raises
    ManifestError where the data are not usable or the folder holds another search.
    """
    manifest = order.data / "manifest.csv"
    split = carve(read_manifest(manifest, labels=recipe.labels), seed=order.seed)
    for name, rows in (("train", split.train), ("validation", split.validation)):
        if not rows:
            raise ManifestError(f"{manifest}: no rows are left for the {name} part; give more groups.")
    _claim(order.out, _facts(recipe, space, order, manifest))
    search = _open(recipe, space, order, told, ended)
    if not search.is_over():
        reading(len(split.train) + len(split.validation))
        search.run(recipe.part(split.train, step), recipe.part(split.validation, step))
    return search.trials()


def _facts(recipe: Recipe, space: Space, order: SearchOrder, manifest: Path) -> dict[str, Any]:
    return {
        "member": recipe.name,
        "version": recipe.version,
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "epochs": order.epochs,
        "seed": order.seed,
        "space": {name: repr(values) for name, values in space.items()},
    }


def _claim(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write down whose trials the folder holds; raises ManifestError where they are another search's."""
    note = folder / "search.json"
    if not note.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(note) as stream:
            stream.write(json.dumps(facts, indent=1).encode())
        return
    held = json.loads(note.read_text("utf-8"))
    if held != facts:
        raise ManifestError(
            f"{note} belongs to another search ({held}, not {facts}); give the same data and options, "
            "or another --out."
        )


def _open(
    recipe: Recipe,
    space: Space,
    order: SearchOrder,
    told: Callable[[str], Told],
    ended: Callable[[Trial], None],
) -> _Search:
    """Begin the search, or take up the one that lies in the folder."""
    oracle = keras_tuner.oracles.HyperbandOracle(
        objective=keras_tuner.Objective("surprise", "min"),
        max_epochs=order.epochs,
        factor=FACTOR,
        seed=order.seed + 1,  # KerasTuner takes 0 for "any"
        hyperparameters=_hyperparameters(space),
    )
    with redirect_stdout(StringIO()):  # it prints that it reloads
        search = _Search(oracle, directory=str(order.out), project_name=_PROJECT)
    search.prepare(recipe, order, told, ended)
    return search


def _hyperparameters(space: Space) -> Any:
    made = keras_tuner.HyperParameters()
    for name, values in space.items():
        if isinstance(values, Between):
            sampling = "log" if values.log else "linear"
            made.Float(name, values.low, values.high, sampling=sampling)
        else:
            made.Choice(name, list(values))
    return made


class _Search(keras_tuner.engine.base_tuner.BaseTuner):  # type: ignore[misc]  # KerasTuner ships no types
    """KerasTuner's loop over trials, each of which is a training of ours."""

    def prepare(
        self,
        recipe: Recipe,
        order: SearchOrder,
        told: Callable[[str], Told],
        ended: Callable[[Trial], None],
    ) -> None:
        """Say what is trained and who listens, and write the state from which a killed search goes on."""
        self._recipe, self._order, self._told, self._ended = recipe, order, told, ended
        self.oracle.verbose = 0
        self.save()

    def is_over(self) -> bool:
        """Say whether every trial has been made."""
        return (Path(self.project_dir) / "over").is_file()

    def run(self, training: Part, validation: Part) -> None:
        """Make all trials that are missing; raises what the first failing training raised."""
        try:
            self.search(training, validation)
        except FatalError as error:
            raise error.__cause__ or error from None
        (Path(self.project_dir) / "over").touch()

    def run_trial(self, trial: Any, training: Part, validation: Part) -> dict[str, float]:
        """Train with the trial's values; returns what the validation part says."""
        try:
            return self._train(trial, training, validation)
        except Exception as error:  # the search would count a bug as bad values, and go on
            raise FatalError(str(error)) from error

    def on_trial_end(self, trial: Any) -> None:
        """Tell, and save as the tuner does; its checkpoints are needed no more."""
        super().on_trial_end(trial)
        shutil.rmtree(self._checkpoints(trial), ignore_errors=True)
        self._ended(_trial(self.oracle.get_trial(trial.trial_id)))

    def trials(self) -> list[Trial]:
        """List all trials that were made, the best first."""
        made = [_trial(trial) for trial in self.oracle.trials.values() if trial.status == "COMPLETED"]
        return sorted(made, key=lambda trial: (trial.surprise, trial.number))

    def _checkpoints(self, trial: Any) -> Path:
        return Path(self.get_trial_dir(trial.trial_id)) / "checkpoints"

    def _train(self, trial: Any, training: Part, validation: Part) -> dict[str, float]:
        values = trial.hyperparameters.values
        recipe, epochs = self._recipe, int(values["tuner/epochs"])
        model, _ = fit(
            recipe,
            PartlyAugmented(training, values.get("augmented", 1.0)),
            validation,
            plan=planned(recipe.plan, values, epochs),
            seed=self._order.seed,
            checkpoints=self._checkpoints(trial),
            resume=True,
            told=self._told(trial.trial_id),
            network=lambda: resized(
                recipe.network(), width=values.get("width", 1.0), dropout=values.get("dropout")
            ),
        )
        return _judged(recipe, model, validation)


def _judged(recipe: Recipe, model: Any, validation: Part) -> dict[str, float]:
    said, true = logits(model, validation), targets(validation)
    temperature = calibration.fit_temperature(said, true, recipe.answer)
    if recipe.answer == "one_of":
        right = float(np.mean(said.argmax(axis=1) == true.argmax(axis=1)))
    else:
        right = float(np.mean((said >= 0) == (true >= 0.5)))
    return {"surprise": calibration.surprise(said, true, recipe.answer, temperature), "right": right}


def _trial(trial: Any) -> Trial:
    """Read one of KerasTuner's trials."""
    values = {k: v for k, v in trial.hyperparameters.values.items() if not k.startswith("tuner/")}
    epochs = int(trial.hyperparameters.values["tuner/epochs"])
    surprise, right = (float(trial.metrics.get_best_value(name)) for name in ("surprise", "right"))
    return Trial(trial.trial_id, values, epochs, surprise, right)
