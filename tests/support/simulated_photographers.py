"""Photographers who are simulated: stated tastes, which choose among photos by what was measured in them.

No real culling history can be had here. Each of these looks at some measurements, likes some looks more than
others (a direction of her own in the space of what photos look like), and is moved by what nothing measures.
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
    """A taste: `likes` gives how much the measurements appeal (any unit), from a look-up of them by name.

    `looks` is how much her own eye for looks counts beside it, `chance` how much what nothing measures; both
    in standard deviations of `likes`. She selects the `share` (0-1) of a shoot that appeals most.
    """

    about: str
    likes: Callable[[Callable[[str], Numbers]], Numbers]
    share: float
    looks: float = 0.5
    chance: float = 0.7


PHOTOGRAPHERS: Mapping[str, Photographer] = MappingProxyType(
    {
        "portraitist": Photographer(
            "sharp eyes: open ones in a sharp face, or nothing",
            lambda of: of("eyes_seen") * (2 * of("eyes_worst") + 2 * of("sharp_faces")) + of("faces"),
            share=0.2,
        ),
        "event shooter": Photographer(
            "moment first: people and looks, and blur is forgiven",
            lambda of: of("faces") + of("of_people") - 0.5 * of("sharp"),
            share=0.3,
            looks=1.5,
        ),
        "low-key artist": Photographer(
            "dark pictures with a little light in them",
            lambda of: -3 * of("median") + of("high") - of("low"),
            share=0.1,
        ),
        "picky keeper": Photographer(
            "one in fifty: sharp, well lit, and to her liking",
            lambda of: of("sharp") + of("sharp_share") - of("has_too_dark") - of("has_noise"),
            share=0.02,
            looks=1.0,
        ),
        "by chance": Photographer(
            "chooses at random: nothing can be learned", lambda of: 0 * of("sharp"), share=0.2, looks=0.0
        ),
    }
)


def choices(
    seen: Floats, shoot: NDArray[np.int64], photographer: Photographer, seed: int
) -> NDArray[np.bool_]:
    """Let her choose among photos with the features `seen` `(n, d)`, shoot by shoot; `(n,)` what she selects.

    Her share varies from shoot to shoot, for some go better than others.
    """
    rng = np.random.default_rng(seed)
    columns = {name: seen[:, number].astype(np.float64) for number, name in enumerate(NAMES)}
    direction = rng.standard_normal(len(GROUPS["looks"]))
    looks = seen[:, [NAMES.index(name) for name in GROUPS["looks"]]] @ direction
    appeal = standard(photographer.likes(columns.__getitem__)) + photographer.looks * standard(looks)
    appeal += photographer.chance * rng.standard_normal(len(seen))
    selected = np.zeros(len(seen), dtype=bool)
    for number in np.unique(shoot):
        here = np.flatnonzero(shoot == number)
        wanted = rng.binomial(len(here), min(0.9, photographer.share * rng.gamma(8, 1 / 8)))
        selected[here[np.argsort(-appeal[here])[:wanted]]] = True
    return selected


def standard(values: Numbers) -> Numbers:
    """Bring values to mean 0 and deviation 1; constant ones to 0."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))


def shoots_among(group: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    """Deal photos out to shoots of `size` on average, each photo to one, none with photos of two groups.

    `group` `(n,)` numbers what photos come from one source; returns the shoot of each, `(n,)`.
    """
    rng = np.random.default_rng(seed)
    shoot = np.zeros(len(group), dtype=np.int64)
    first = 0
    for number in np.unique(group):
        here = np.flatnonzero(group == number)
        ends = np.cumsum(np.maximum(5, rng.gamma(4, size / 4, len(here)).astype(np.int64)))
        dealt = np.searchsorted(ends, np.arange(len(here)), side="right")
        shoot[rng.permutation(here)] = first + dealt
        first += int(dealt.max()) + 1
    return shoot


def history(
    seen: Floats,
    plain: Numbers,
    group: NDArray[np.int64],
    photographer: Photographer,
    *,
    size: int,
    seed: int,
) -> TasteExamples:
    """Make her decisions over a pool of photos: features, the plain ensemble's order, and the source."""
    shoot = shoots_among(group, size, seed)
    selected = choices(seen, shoot, photographer, seed)
    return TasteExamples(seen, selected, shoot, plain, seen[:0], np.zeros(0, np.int64))


def only(examples: TasteExamples, shoots: Sequence[int]) -> TasteExamples:
    """Take the photos of some shoots."""
    here = np.isin(examples.shoot, shoots)
    return TasteExamples(
        examples.features[here], examples.selected[here], examples.shoot[here], examples.plain_score[here],
        examples.features[:0], np.zeros(0, np.int64),
    )  # fmt: skip


class Kept(NamedTuple):
    """How promises went: the shares of photographers for whom they held, and who were promised anything, and
    the share of selects lost on average.
    """

    held: float
    promised: float
    lost: float


def promised_to(
    count: int, shoots: int, size: int, alike: float, share: float, *, heavy: bool = False
) -> Kept:
    """Promise to `count` resampled photographers.

    Each has shoots of varying size; `alike` (0-1) of the spread of her selects' logits lies between shoots,
    where `heavy` lets rare shoots be wholly unlike the others (Student's t, 3 degrees of freedom). What she
    truly loses is that of endlessly many further shoots.
    """
    rng = np.random.default_rng(7)
    between, within = np.sqrt(alike), np.sqrt(1 - alike)

    def unlike(many: int) -> Numbers:
        return between * (rng.standard_t(3, (many, 1)) if heavy else rng.standard_normal((many, 1)))

    further = unlike(8000) + within * rng.standard_normal((8000, 8))
    ordered = np.sort(chances(further).ravel())
    held, some, lost = 0, 0, 0.0
    for _ in range(count):
        sizes = np.maximum(1, rng.poisson(size * rng.gamma(2, 0.5, shoots)))
        middles = unlike(shoots)[:, 0]
        logits = [
            middle + within * rng.standard_normal(many) for middle, many in zip(middles, sizes, strict=True)
        ]
        limit = compute_harm_bound([chances(each).tolist() for each in logits], share).limit
        truly = np.searchsorted(ordered, limit, side="right") / len(ordered)
        held, some, lost = held + (truly <= share), some + (limit > 0), lost + truly
    return Kept(held / count, some / count, lost / count)


def chances(logits: Numbers) -> Numbers:
    """Give the probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-logits)))
