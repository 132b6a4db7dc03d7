"""What a member must say of itself to be trained: its recipe. Everything else is the same for all members.

To train a new member, write a class that fulfils `Recipe` and enter it in `autocull.train.recipes`. The rest
(splits, loop, checkpoints, calibration, report, export, card) comes from this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from autocull.arrays import Floats
from autocull.train.data.manifest import Row


class Sample(NamedTuple):
    """One example as the network is fed: `inputs` one float32 array per network input, without a batch axis;
    `target` `(classes,)` float32 in 0-1 (soft targets are welcome); `weight` its share in the loss.
    """

    inputs: tuple[Floats, ...]
    target: Floats
    weight: float = 1.0


class Dataset(Protocol):
    """One part of the examples (training, validation or dev), its pictures held in memory as uint8.

    Its length is the recipe's choice: a photo may give several examples. `sources` names, per example, the
    manifest's source, for figures per source.
    """

    @property
    def sources(self) -> Sequence[str]:
        """Where each example comes from; "" where the manifest does not say."""
        ...

    def __len__(self) -> int: ...

    def augmented(self, index: int, rng: np.random.Generator) -> Sample:
        """Give the example as training shall see it: augmented by `rng` and by nothing else."""
        ...

    def plain(self, index: int) -> Sample:
        """Give the example as the product would see it, the same at every call (weight is ignored).

        Where examples are made (a good photo made bad), the making is seeded by the index.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How long and how a member is trained.

    AdamW with a rate that rises over the first `warmup` share of the steps and falls to zero on a cosine;
    `smoothing` of the targets against label noise (0-1); `averaging` is the decay per step of the running
    average of the weights, which is what is kept.
    """

    epochs: int
    batch: int = 64
    rate: float = 2e-3
    warmup: float = 0.05
    decay: float = 1e-2
    smoothing: float = 0.0
    averaging: float = 0.99


class Recipe(Protocol):
    """A member's recipe: classes, examples and network.

    `answer` is "one_of" (softmax: the classes exclude each other) or "any_of" (sigmoid: each class for
    itself). `labels` are what the manifest may hold, None where it needs none. `architecture` is one line for
    the configuration and the card.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]
    answer: ClassVar[Literal["one_of", "any_of"]]
    labels: ClassVar[tuple[str, ...] | None]
    architecture: ClassVar[str]
    plan: ClassVar[TrainingPlan]

    def preprocessing(self) -> dict[str, Any]:
        """Describe what is done to pixels before the network; `config.json` holds it, the member obeys it."""
        ...

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> Dataset:
        """Read the rows' pictures and prepare them for drawing; calls `on_progress` after each row.

        Raises ManifestError where a picture cannot be read, naming it.
        """
        ...

    def build_network(self) -> Any:
        """Build the untrained Keras model.

        Inputs in the order of `Sample.inputs`, which is that of their names; one output `(batch, classes)`
        of *logits*: the export adds temperature and softmax or sigmoid, so that the served network answers
        with probabilities.
        """
        ...


def balance_weights(labels: Sequence[int], classes: int, *, power: float = 1.0) -> Floats:
    """Weigh examples so that every class weighs the same (`power` 1) or less unequally (0.5); mean is 1."""
    counts = np.bincount(np.asarray(labels, dtype=np.int64), minlength=classes).astype(np.float64)
    per_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1.0), 0.0) ** power
    weights = per_class[np.asarray(labels, dtype=np.int64)]
    return np.asarray(weights / weights.mean(), dtype=np.float32)
