"""Simulated photographers: stated tastes that select photos by their features.

No real culling history is available here. Each photographer weighs some features, prefers a random direction
in the space of embeddings, and is moved by noise that no feature shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.learn.dataset import TasteExamples
from autocull.taste.features import GROUPS, NAMES
from autocull.taste.harm_bound import compute_harm_bound

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Photographer:
    """A stated taste. `appeal` returns how much photos appeal (any unit), given a lookup of features by name.

    `embedding_weight` is the weight of the direction in the space of embeddings, `noise` that of chance; both
    in standard deviations of `appeal`. The `share` (0-1) of a shoot that appeals most is selected.
    """

    description: str
    appeal: Callable[[Callable[[str], Numbers]], Numbers]
    share: float
    embedding_weight: float = 0.5
    noise: float = 0.7


PHOTOGRAPHERS: Mapping[str, Photographer] = MappingProxyType(
    {
        "portraitist": Photographer(
            "open eyes in a sharp face",
            lambda of: of("eyes_seen") * (2 * of("eyes_worst") + 2 * of("sharp_faces")) + of("faces"),
            share=0.2,
        ),
        "event shooter": Photographer(
            "people and appearance; accepts blur",
            lambda of: of("faces") + of("of_people") - 0.5 * of("sharp"),
            share=0.3,
            embedding_weight=1.5,
        ),
        "low-key artist": Photographer(
            "dark pictures with a little light",
            lambda of: -3 * of("median") + of("high") - of("low"),
            share=0.1,
        ),
        "picky keeper": Photographer(
            "one in fifty: sharp, well lit, of a preferred appearance",
            lambda of: of("sharp") + of("sharp_share") - of("has_too_dark") - of("has_noise"),
            share=0.02,
            embedding_weight=1.0,
        ),
        "by chance": Photographer(
            "selects at random: nothing can be learned",
            lambda of: 0 * of("sharp"),
            share=0.2,
            embedding_weight=0.0,
        ),
    }
)


def select_photos(
    features: Floats, shoot: NDArray[np.int64], photographer: Photographer, seed: int
) -> NDArray[np.bool_]:
    """Return which photos are selected `(n,)`, given their `features` `(n, d)` and shoots `(n,)`.

    The share of selects varies from shoot to shoot.
    """
    rng = np.random.default_rng(seed)
    columns = {name: features[:, number].astype(np.float64) for number, name in enumerate(NAMES)}
    direction = rng.standard_normal(len(GROUPS["looks"]))
    embedding_appeal = features[:, [NAMES.index(name) for name in GROUPS["looks"]]] @ direction
    appeal = standardise(
        photographer.appeal(columns.__getitem__)
    ) + photographer.embedding_weight * standardise(embedding_appeal)
    appeal += photographer.noise * rng.standard_normal(len(features))
    selected = np.zeros(len(features), dtype=bool)
    for number in np.unique(shoot):
        rows = np.flatnonzero(shoot == number)
        count = rng.binomial(len(rows), min(0.9, photographer.share * rng.gamma(8, 1 / 8)))
        selected[rows[np.argsort(-appeal[rows])[:count]]] = True
    return selected


def standardise(values: Numbers) -> Numbers:
    """Scale values to mean 0 and standard deviation 1; constant ones to 0."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))


def deal_into_shoots(group: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    """Return a shoot number per photo `(n,)`: random shoots of `size` photos on average within each group.

    `group` `(n,)` numbers the sources of the photos.
    """
    rng = np.random.default_rng(seed)
    shoot = np.zeros(len(group), dtype=np.int64)
    first = 0
    for number in np.unique(group):
        rows = np.flatnonzero(group == number)
        ends = np.cumsum(np.maximum(5, rng.gamma(4, size / 4, len(rows)).astype(np.int64)))
        shoot_number = np.searchsorted(ends, np.arange(len(rows)), side="right")
        shoot[rng.permutation(rows)] = first + shoot_number
        first += int(shoot_number.max()) + 1
    return shoot


def simulate_history(
    features: Floats,
    plain: Numbers,
    group: NDArray[np.int64],
    photographer: Photographer,
    *,
    size: int,
    seed: int,
) -> TasteExamples:
    """Return simulated decisions about photos with these features, plain scores and sources."""
    shoot = deal_into_shoots(group, size, seed)
    selected = select_photos(features, shoot, photographer, seed)
    return TasteExamples(features, selected, shoot, plain, features[:0], np.zeros(0, np.int64))


def take_shoots(examples: TasteExamples, shoots: Sequence[int]) -> TasteExamples:
    """Return the examples of some shoots."""
    rows = np.isin(examples.shoot, shoots)
    return TasteExamples(
        examples.features[rows], examples.selected[rows], examples.shoot[rows], examples.plain_score[rows],
        examples.features[:0], np.zeros(0, np.int64),
    )  # fmt: skip


class BoundOutcome(NamedTuple):
    """How harm bounds turned out, as shares (0-1).

    `held`: photographers for whom the bound held; `bounded`: those who got one; `lost`: mean loss of selects.
    """

    held: float
    bounded: float
    lost: float


def simulate_bounds(
    count: int, shoots: int, size: int, between_share: float, share: float, *, heavy_tails: bool = False
) -> BoundOutcome:
    """Compute harm bounds for `count` simulated photographers, and compare them with the true loss.

    Each has shoots of varying size. `between_share` (0-1) is the share of the variance of the selects' logits
    that lies between shoots; `heavy_tails` makes rare shoots very different (Student's t, 3 degrees of
    freedom). The true loss is that in thousands of further shoots.
    """
    rng = np.random.default_rng(7)
    between, within = np.sqrt(between_share), np.sqrt(1 - between_share)

    def sample_shoot_means(count: int) -> Numbers:
        return between * (rng.standard_t(3, (count, 1)) if heavy_tails else rng.standard_normal((count, 1)))

    new_logits = sample_shoot_means(8000) + within * rng.standard_normal((8000, 8))
    sorted_probabilities = np.sort(to_probabilities(new_logits).ravel())
    held, bounded, lost = 0, 0, 0.0
    for _ in range(count):
        sizes = np.maximum(1, rng.poisson(size * rng.gamma(2, 0.5, shoots)))
        means = sample_shoot_means(shoots)[:, 0]
        logits = [
            middle + within * rng.standard_normal(many) for middle, many in zip(means, sizes, strict=True)
        ]
        limit = compute_harm_bound([to_probabilities(each).tolist() for each in logits], share).limit
        true_loss = np.searchsorted(sorted_probabilities, limit, side="right") / len(sorted_probabilities)
        held, bounded, lost = held + (true_loss <= share), bounded + (limit > 0), lost + true_loss
    return BoundOutcome(held / count, bounded / count, lost / count)


def to_probabilities(logits: Numbers) -> Numbers:
    """Return the probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-logits)))
