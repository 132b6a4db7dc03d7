"""Hyperparameter search by Hyperband; importing this module imports Keras and KerasTuner.

Hyperband (Li et al. 2018, arXiv:1603.06560) tries many values briefly and gives the best ones more epochs.
Every trial is a complete training with its own number of epochs and its full learning rate schedule: a
promoted trial starts again from new weights, instead of continuing at the low rates of a schedule's end.
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

from autocull.atomic_write import atomic_write
from autocull.errors import ManifestError
from autocull.stats import calibration
from autocull.train.data import read_manifest, split_validation
from autocull.train.experiments.search_space import PartlyAugmentedDataset, Range, Space, plan_from
from autocull.train.fitting import (
    StepCallback,
    check_rows,
    collect_targets,
    fit_network,
    predict_logits,
    scale_model,
)
from autocull.train.recipes import Dataset, Recipe

FACTOR = 3
"""One trial in `FACTOR` is promoted, to `FACTOR` times the epochs."""

_PROJECT = "trials"
_LOG_LOSS, _ACCURACY = "surprise", "right"  # the metrics' names in stored trials


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """Options of a search: data folder, folder of the trials, epochs of the longest trials, seed."""

    data: Path
    out: Path
    epochs: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its number, values and epochs, and its metrics on the validation split.

    `log_loss` is at the best temperature, lower is better; `accuracy` is the share of correct predictions.
    """

    number: str
    values: Mapping[str, float]
    epochs: int
    log_loss: float
    accuracy: float


def tune(
    recipe: Recipe,
    space: Space,
    options: SearchOptions,
    *,
    on_total: Callable[[int], None] = lambda _: None,
    on_progress: Callable[[], None] = lambda: None,
    callback_for: Callable[[str], StepCallback] = lambda _: lambda *_: None,
    on_result: Callable[[Trial], None] = lambda _: None,
) -> list[Trial]:
    """Search; returns all trials, the best one first.

    Trials are saved in `options.out`; a stopped search with the same options resumes, even within a trial.
    Trials are evaluated on groups held out of the training rows; dev is not read. Raises ManifestError where
    the data are not usable or the folder holds another search.
    """
    manifest = options.data / "manifest.csv"
    splits = split_validation(read_manifest(manifest, labels=recipe.labels), seed=options.seed)
    check_rows(manifest, splits)
    _claim_folder(options.out, _describe_search(recipe, space, options, manifest))
    search = _open_search(recipe, space, options, callback_for, on_result)
    if not search.is_over():
        on_total(len(splits.train) + len(splits.validation))
        search.run(
            recipe.load_dataset(splits.train, on_progress),
            recipe.load_dataset(splits.validation, on_progress),
        )
    return search.list_trials()


def _describe_search(recipe: Recipe, space: Space, options: SearchOptions, manifest: Path) -> dict[str, Any]:
    return {
        "member": recipe.name,
        "version": recipe.version,
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "epochs": options.epochs,
        "seed": options.seed,
        "space": {name: _describe_values(values) for name, values in space.items()},
    }


def _describe_values(values: Range | tuple[float, ...]) -> str:
    """Return a range or choices as text, in the form that stored searches have."""
    return repr(values).replace("Range(", "Between(")


def _claim_folder(folder: Path, facts: Mapping[str, Any]) -> None:
    """Record the search in its folder; raises ManifestError where the folder holds another search."""
    record_file = folder / "search.json"
    if not record_file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(record_file) as stream:
            stream.write(json.dumps(facts, indent=1).encode())
        return
    existing_facts = json.loads(record_file.read_text("utf-8"))
    if existing_facts != facts:
        raise ManifestError(
            f"{record_file} belongs to another search ({existing_facts}, not {facts}); give the same data "
            "and options, or another --out."
        )


def _open_search(
    recipe: Recipe,
    space: Space,
    options: SearchOptions,
    callback_for: Callable[[str], StepCallback],
    on_result: Callable[[Trial], None],
) -> _HyperbandTuner:
    """Start the search, or load its state from the folder."""
    oracle = keras_tuner.oracles.HyperbandOracle(
        objective=keras_tuner.Objective(_LOG_LOSS, "min"),
        max_epochs=options.epochs,
        factor=FACTOR,
        seed=options.seed + 1,  # KerasTuner takes 0 for "any"
        hyperparameters=_build_hyperparameters(space),
    )
    with redirect_stdout(StringIO()):  # it prints that it reloads
        search = _HyperbandTuner(oracle, directory=str(options.out), project_name=_PROJECT)
    search.prepare(recipe, options, callback_for, on_result)
    return search


def _build_hyperparameters(space: Space) -> Any:
    hyperparameters = keras_tuner.HyperParameters()
    for name, values in space.items():
        if isinstance(values, Range):
            sampling = "log" if values.log else "linear"
            hyperparameters.Float(name, values.low, values.high, sampling=sampling)
        else:
            hyperparameters.Choice(name, list(values))
    return hyperparameters


class _HyperbandTuner(keras_tuner.engine.base_tuner.BaseTuner):  # type: ignore[misc]  # KerasTuner ships no types
    """KerasTuner's loop over trials, each of which is a training by `fit`."""

    def prepare(
        self,
        recipe: Recipe,
        options: SearchOptions,
        callback_for: Callable[[str], StepCallback],
        on_result: Callable[[Trial], None],
    ) -> None:
        """Set recipe, options and callbacks, and save the state from which a stopped search resumes."""
        self._recipe, self._options, self._callback_for, self._on_result = (
            recipe,
            options,
            callback_for,
            on_result,
        )
        self.oracle.verbose = 0
        self.save()

    def is_over(self) -> bool:
        """Return whether all trials are complete."""
        return (Path(self.project_dir) / "over").is_file()

    def run(self, training: Dataset, validation: Dataset) -> None:
        """Run all missing trials; raises the error of the first training that fails."""
        try:
            self.search(training, validation)
        except FatalError as error:
            raise error.__cause__ or error from None
        (Path(self.project_dir) / "over").touch()

    def run_trial(self, trial: Any, training: Dataset, validation: Dataset) -> dict[str, float]:
        """Train with the trial's values; returns the metrics on the validation split."""
        try:
            return self._train(trial, training, validation)
        except Exception as error:  # KerasTuner would count it as a failed trial and continue
            raise FatalError(str(error)) from error

    def on_trial_end(self, trial: Any) -> None:
        """Save the trial, delete its checkpoints and report it."""
        super().on_trial_end(trial)
        shutil.rmtree(self._checkpoint_folder(trial), ignore_errors=True)
        self._on_result(_parse_trial(self.oracle.get_trial(trial.trial_id)))

    def list_trials(self) -> list[Trial]:
        """List all completed trials, the best first."""
        completed_trials = [
            _parse_trial(trial) for trial in self.oracle.trials.values() if trial.status == "COMPLETED"
        ]
        return sorted(completed_trials, key=lambda trial: (trial.log_loss, trial.number))

    def _checkpoint_folder(self, trial: Any) -> Path:
        return Path(self.get_trial_dir(trial.trial_id)) / "checkpoints"

    def _train(self, trial: Any, training: Dataset, validation: Dataset) -> dict[str, float]:
        values = trial.hyperparameters.values
        recipe, epochs = self._recipe, int(values["tuner/epochs"])
        model, _ = fit_network(
            recipe,
            PartlyAugmentedDataset(training, values.get("augmented", 1.0)),
            validation,
            plan=plan_from(recipe.plan, values, epochs),
            seed=self._options.seed,
            checkpoints=self._checkpoint_folder(trial),
            resume=True,
            on_step=self._callback_for(trial.trial_id),
            network=lambda: scale_model(
                recipe.build_network(), width=values.get("width", 1.0), dropout=values.get("dropout")
            ),
        )
        return _evaluate(recipe, model, validation)


def _evaluate(recipe: Recipe, model: Any, validation: Dataset) -> dict[str, float]:
    predicted, true = predict_logits(model, validation), collect_targets(validation)
    temperature = calibration.fit_temperature(predicted, true, recipe.answer)
    if recipe.answer == "one_of":
        accuracy = float(np.mean(predicted.argmax(axis=1) == true.argmax(axis=1)))
    else:
        accuracy = float(np.mean((predicted >= 0) == (true >= 0.5)))
    return {_LOG_LOSS: calibration.log_loss(predicted, true, recipe.answer, temperature), _ACCURACY: accuracy}


def _parse_trial(trial: Any) -> Trial:
    """Convert one of KerasTuner's trials."""
    values = {k: v for k, v in trial.hyperparameters.values.items() if not k.startswith("tuner/")}
    epochs = int(trial.hyperparameters.values["tuner/epochs"])
    log_loss, accuracy = (float(trial.metrics.get_best_value(name)) for name in (_LOG_LOSS, _ACCURACY))
    return Trial(trial.trial_id, values, epochs, log_loss, accuracy)
