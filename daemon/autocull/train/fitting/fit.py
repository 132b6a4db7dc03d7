"""The training loop of all recipes, with checkpoints from which a stopped run resumes with the same result.

Importing this module imports Keras and its backend; only training commands do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from autocull.arrays import Floats
from autocull.atomic_write import atomic_write
from autocull.errors import ManifestError
from autocull.train.fitting.batches import EvaluationBatches, TrainingBatches, step_count
from autocull.train.recipes import Dataset, Recipe, TrainingPlan

EpochMetrics = dict[str, float]
"""The metrics of one epoch: `loss`, `val_loss`, and for multiclass recipes `accuracy`, `val_accuracy`."""

StepCallback = Callable[[int, int, tuple[int, int], EpochMetrics], None]
"""Called as `(epoch, step, (epochs, steps), metrics)` after every step; epoch and step count from 1."""

_STATE = "state.json"


def fit_network(
    recipe: Recipe,
    training: Dataset,
    validation: Dataset,
    *,
    plan: TrainingPlan,
    seed: int,
    checkpoints: Path,
    resume: bool = False,
    on_step: StepCallback = lambda *_: None,
    network: Callable[[], Any] | None = None,
) -> tuple[Any, list[EpochMetrics]]:
    """Train the recipe's network; returns the Keras model (with averaged weights) and the metrics per epoch.

    `network` builds another network in its place, with the same output.

    After each epoch a checkpoint is written to `checkpoints`; with `resume` the run continues from the last
    one with the same order, augmentation and learning rates as without the stop, or starts where there is
    none. Raises ManifestError where a checkpoint belongs to another plan, seed or number of samples.
    """
    keras.utils.set_random_seed(seed)
    facts = {"plan": asdict(plan), "seed": seed, "examples": len(training), "version": recipe.version}
    model = (network or recipe.build_network)()
    _compile(model, recipe, plan, step_count(len(training), plan.batch))
    history = _restore_checkpoint(model, checkpoints, facts) if resume else []
    extent = (plan.epochs, step_count(len(training), plan.batch))
    progress = _ProgressCallback(checkpoints, facts, history, extent, on_step)
    if len(history) < plan.epochs:
        model.fit(
            TrainingBatches(training, plan.batch, seed, len(history)),
            epochs=plan.epochs,
            initial_epoch=len(history),
            validation_data=EvaluationBatches(validation, plan.batch),
            callbacks=[keras.callbacks.SwapEMAWeights(), progress],
            shuffle=False,  # the batches shuffle themselves, by seed and epoch
            verbose=0,
        )
    model.optimizer.finalize_variable_values(model.trainable_variables)  # the averages become the weights
    return model, history


def predict_logits(model: Any, dataset: Dataset, batch: int = 64) -> Floats:
    """Predict the logits `(samples, classes)` of every sample without augmentation."""
    batches = EvaluationBatches(dataset, batch)
    outputs = [model.predict_on_batch(batches[step][0]) for step in range(len(batches))]
    return np.asarray(np.concatenate(outputs), dtype=np.float32)


def collect_targets(dataset: Dataset) -> Floats:
    """Return the targets `(samples, classes)` of every sample without augmentation."""
    return np.stack([dataset.plain(index).target for index in range(len(dataset))])


def _compile(model: Any, recipe: Recipe, plan: TrainingPlan, steps_per_epoch: int) -> None:
    """Compile with AdamW, cosine decay and weight averaging; all from Keras, so checkpoints load anywhere."""
    total = plan.epochs * steps_per_epoch
    warmup = max(1, round(plan.warmup * total))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warmup), warmup_target=plan.rate, warmup_steps=warmup
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=plan.decay, clipnorm=5.0, use_ema=True, ema_momentum=plan.averaging
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    multiclass = recipe.answer == "one_of"
    loss = keras.losses.CategoricalCrossentropy if multiclass else keras.losses.BinaryCrossentropy
    model.compile(
        optimizer,
        loss(from_logits=True, label_smoothing=plan.smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")] if multiclass else [],
        jit_compile=False,  # measured slower than the plain graph on CPUs
    )


class _ProgressCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Reports each step, and records the metrics and writes the checkpoint of each epoch."""

    def __init__(
        self,
        folder: Path,
        facts: dict[str, Any],
        history: list[EpochMetrics],
        extent: tuple[int, int],
        on_step: StepCallback,
    ) -> None:
        super().__init__()
        self._folder, self._facts, self._history = folder, facts, history
        self._extent, self._on_step = extent, on_step

    def on_train_batch_end(self, batch: int, logs: EpochMetrics | None = None) -> None:
        """Report a step, except the epoch's last, which is reported once its metrics are complete."""
        if batch + 1 < self._extent[1]:
            self._on_step(len(self._history) + 1, batch + 1, self._extent, _to_floats(logs))

    def on_epoch_end(self, epoch: int, logs: EpochMetrics | None = None) -> None:
        """Record the metrics, write weights, then the state that refers to them, and report the last step."""
        self._history.append(_to_floats(logs))
        self._folder.mkdir(parents=True, exist_ok=True)
        weights = self._folder / f"epoch-{epoch + 1:04d}.keras"
        self.model.save(weights)
        state = {"facts": self._facts, "weights": weights.name, "history": self._history}
        with atomic_write(self._folder / _STATE) as file:
            file.write(json.dumps(state).encode())
        for old in self._folder.glob("epoch-*.keras"):
            if old != weights:
                old.unlink()
        self._on_step(epoch + 1, self._extent[1], self._extent, self._history[-1])


def _to_floats(logs: EpochMetrics | None) -> EpochMetrics:
    return {name: float(value) for name, value in (logs or {}).items()}


def _restore_checkpoint(model: Any, folder: Path, facts: dict[str, Any]) -> list[EpochMetrics]:
    """Restore the last complete checkpoint into the model; returns its history, or [] where there is none."""
    file = folder / _STATE
    if not file.is_file():
        return []
    state = json.loads(file.read_text("utf-8"))
    if state["facts"] != facts:
        raise ManifestError(
            f"{file}: the checkpoint belongs to another training ({state['facts']}, not {facts}); "
            "resume with the same manifest and options, or start without --resume."
        )
    saved = keras.models.load_model(folder / state["weights"])
    model.set_weights(saved.get_weights())
    # The values are copied: a loaded optimizer does not keep which weights are excluded from decay.
    model.optimizer.build(model.trainable_variables)
    for variable, saved_variable in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
        variable.assign(saved_variable)
    history: list[EpochMetrics] = state["history"]
    return history
