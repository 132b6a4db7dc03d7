"""The training loop: one for all members, with checkpoints from which a killed run goes on as it would have.

Importing this module imports Keras (and its backend); nothing but `autocull train` does.
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
from autocull.errors import ManifestError
from autocull.train.fitting.batches import PlainBatches, TrainingBatches, step_count
from autocull.train.recipes.base import Part, Plan, Recipe

Epoch = dict[str, float]
"""What was measured after one epoch: `loss`, `val_loss`, and where one class is right, their `accuracy`."""

Told = Callable[[int, int, tuple[int, int], Epoch], None]
"""Called as `(epoch, step, (epochs, steps), figures)` after every step, both counted from 1."""

_STATE = "state.json"


def fit(
    recipe: Recipe,
    training: Part,
    validation: Part,
    *,
    plan: Plan,
    seed: int,
    checkpoints: Path,
    resume: bool = False,
    told: Told = lambda *_: None,
    network: Callable[[], Any] | None = None,
) -> tuple[Any, list[Epoch]]:
    """Train the recipe's network; returns the Keras model (its averaged weights) and one record per epoch.

    `network` builds another one in its place, with the same output.

    After each epoch a checkpoint lands in `checkpoints`; with `resume` the run goes on from the last one with
    the same order, augmentation and rates as if it had never stopped. Without a checkpoint it starts anew.
    Raises ManifestError where a checkpoint belongs to another plan, seed or amount of examples.
    """
    keras.utils.set_random_seed(seed)
    facts = {"plan": asdict(plan), "seed": seed, "examples": len(training), "version": recipe.version}
    model = (network or recipe.network)()
    _compile(model, recipe, plan, step_count(len(training), plan.batch))
    history = _go_on(model, checkpoints, facts) if resume else []
    extent = (plan.epochs, step_count(len(training), plan.batch))
    watch = _Watch(checkpoints, facts, history, extent, told)
    if len(history) < plan.epochs:
        model.fit(
            TrainingBatches(training, plan.batch, seed, len(history)),
            epochs=plan.epochs,
            initial_epoch=len(history),
            validation_data=PlainBatches(validation, plan.batch),
            callbacks=[keras.callbacks.SwapEMAWeights(), watch],
            shuffle=False,  # the batches shuffle themselves, by seed and epoch
            verbose=0,
        )
    model.optimizer.finalize_variable_values(model.trainable_variables)  # the averages become the weights
    return model, history


def logits(model: Any, part: Part, batch: int = 64) -> Floats:
    """Ask the trained network about every plain example: `(examples, classes)` logits."""
    batches = PlainBatches(part, batch)
    answers = [model.predict_on_batch(batches[step][0]) for step in range(len(batches))]
    return np.asarray(np.concatenate(answers), dtype=np.float32)


def targets(part: Part) -> Floats:
    """Collect the targets of every plain example: `(examples, classes)`."""
    return np.stack([part.plain(index).target for index in range(len(part))])


def _compile(model: Any, recipe: Recipe, plan: Plan, per_epoch: int) -> None:
    """Give the network what trains it; all pieces are stock ones, so a checkpoint loads anywhere."""
    total = plan.epochs * per_epoch
    warmup = max(1, round(plan.warmup * total))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warmup), warmup_target=plan.rate, warmup_steps=warmup
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=plan.decay, clipnorm=5.0, use_ema=True, ema_momentum=plan.averaging
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    one_of = recipe.answer == "one_of"
    kind = keras.losses.CategoricalCrossentropy if one_of else keras.losses.BinaryCrossentropy
    model.compile(
        optimizer,
        kind(from_logits=True, label_smoothing=plan.smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")] if one_of else [],
        jit_compile=False,  # measured slower than the plain graph on CPUs
    )


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Tells each step, records each epoch, and writes the checkpoint of each epoch."""

    def __init__(
        self, folder: Path, facts: dict[str, Any], history: list[Epoch], extent: tuple[int, int], told: Told
    ) -> None:
        super().__init__()
        self._folder, self._facts, self._history = folder, facts, history
        self._extent, self._told = extent, told

    def on_train_batch_end(self, batch: int, logs: Epoch | None = None) -> None:
        """Tell that a step is done; the epoch's last step is told once its figures are complete."""
        if batch + 1 < self._extent[1]:
            self._told(len(self._history) + 1, batch + 1, self._extent, _floats(logs))

    def on_epoch_end(self, epoch: int, logs: Epoch | None = None) -> None:
        """Record, save (first the weights, then the note that they are whole), and tell the figures."""
        self._history.append(_floats(logs))
        self._folder.mkdir(parents=True, exist_ok=True)
        weights = self._folder / f"epoch-{epoch + 1:04d}.keras"
        self.model.save(weights)
        state = {"facts": self._facts, "weights": weights.name, "history": self._history}
        fresh = self._folder / (_STATE + ".new")
        fresh.write_text(json.dumps(state), "utf-8")
        fresh.replace(self._folder / _STATE)
        for old in self._folder.glob("epoch-*.keras"):
            if old != weights:
                old.unlink()
        self._told(epoch + 1, self._extent[1], self._extent, self._history[-1])


def _floats(logs: Epoch | None) -> Epoch:
    return {name: float(value) for name, value in (logs or {}).items()}


def _go_on(model: Any, folder: Path, facts: dict[str, Any]) -> list[Epoch]:
    """Bring the model to the last whole checkpoint; returns its history, empty where there is none."""
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
    # Copied, not taken over: a loaded optimizer has forgotten which weights must not decay.
    model.optimizer.build(model.trainable_variables)
    for own, other in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
        own.assign(other)
    history: list[Epoch] = state["history"]
    return history
