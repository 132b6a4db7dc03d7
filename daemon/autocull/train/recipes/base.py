"""The protocols of a recipe and its dataset: everything that is specific to one network.

To train a new network, write a class that fulfils `Recipe` and register it in `autocull.train.recipes`. The
rest (splits, loop, checkpoints, calibration, report, export, card) is common code in `autocull.train`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from autocull.arrays import Floats, Rng
from autocull.train.data import Row


class Sample(NamedTuple):
    """One sample as the network takes it.

    `inputs` holds one float32 array per input of the network, without a batch axis; `target` is `(classes,)`
    float32 in 0-1 (soft targets are allowed); `weight` is its weight in the loss.
    """

    inputs: tuple[Floats, ...]
    target: Floats
    weight: float = 1.0


class Dataset(Protocol):
    """The samples of one split (training, validation or dev), whose pictures are kept in memory as uint8.

    The length is up to the recipe: a photo may give several samples.
    """

    @property
    def sources(self) -> Sequence[str]:
        """Return the source of each sample, for metrics per source; "" where the manifest has none."""
        ...

    def __len__(self) -> int: ...

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return a sample for training, augmented at random; `rng` is the only source of chance."""
        ...

    def plain(self, index: int) -> Sample:
        """Return a sample as the detector prepares its inputs, the same at every call; the weight is ignored.

        Where samples are synthetic (a good photo with a simulated defect), the index is the seed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """Length and hyperparameters of a training.

    The optimizer is AdamW with weight decay `decay`. Its learning rate rises to `rate` over the first share
    `warmup` of the steps and falls to zero on a cosine. `batch` is the number of samples per step.
    `smoothing` (0-1) smooths the targets against label noise. `averaging` is the decay per step of the
    running average of the weights, which is the result.
    """

    epochs: int
    batch: int = 64
    rate: float = 2e-3
    warmup: float = 0.05
    decay: float = 1e-2
    smoothing: float = 0.0
    averaging: float = 0.99


class Recipe(Protocol):
    """How one network is trained: classes, dataset, architecture and plan.

    `name` is the public name of the network and of its model folder. `answer` is "one_of" (softmax: the
    classes exclude each other) or "any_of" (sigmoid: independent classes). `labels` are those that the
    manifest may hold, None where it needs none. `architecture` is a line for the configuration and the card.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    answer: ClassVar[Literal["one_of", "any_of"]]
    labels: ClassVar[tuple[str, ...] | None]
    architecture: ClassVar[str]
    plan: ClassVar[TrainingPlan]

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters of the preprocessing, which `config.json` holds and the detector follows."""
        ...

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> Dataset:
        """Read the pictures of the rows into a dataset; calls `on_progress` after each row.

        Raises ManifestError with the path of a picture that cannot be read.
        """
        ...

    def build_network(self) -> Any:
        """Build the untrained Keras model.

        Its inputs have the order of `Sample.inputs`, which is the alphabetical order of their names. Its
        output is `(batch, classes)` *logits*: the export adds temperature and softmax or sigmoid, so that the
        exported network returns probabilities.
        """
        ...


def balance_weights(labels: Sequence[int], classes: int, *, power: float = 1.0) -> Floats:
    """Return weights `(samples,)` of mean 1 that give every class the same total (`power` 1).

    A smaller `power` balances in part, 0 not at all. `labels` holds the class index of each sample.
    """
    counts = np.bincount(np.asarray(labels, dtype=np.int64), minlength=classes).astype(np.float64)
    per_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1.0), 0.0) ** power
    weights = per_class[np.asarray(labels, dtype=np.int64)]
    return np.asarray(weights / weights.mean(), dtype=np.float32)
