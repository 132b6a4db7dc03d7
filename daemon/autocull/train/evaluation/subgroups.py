"""Figures by groups of photos: does a member fail some of them more often than others?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

from autocull.errors import ManifestError
from autocull.stats.intervals import difference_interval, share_interval
from autocull.train.data.manifest import Row
from autocull.train.evaluation.predictions import Answer

MEASURED = {"lightness": "L*", "face_size": "px"}
"""What can be measured in a photo and made three groups of, with its unit."""

GRAVE = 0.05
"""A gap beyond this is a defect of the member, unless its interval says that it may be chance."""

_FEW = 5  # photos: groups of fewer prove nothing

_RANK = {"small": 0, "maybe chance": 1, "defect": 2}
_COLUMNS = ("source", "label", "group")
_THIRDS, _UNMEASURED = ("low", "middle", "high"), "not measured"

Test = Callable[[Answer], bool]
Share = tuple[Test, Test]
"""Which answers count for a share, and among which; more is better."""


def _answered(answer: Answer) -> bool:
    return bool(answer.said & {"open", "closed"})


SHARES: Mapping[str, Mapping[str, Share]] = {
    "blink": {
        "face found": (lambda answer: "no_faces" not in answer.said, lambda _: True),
        "answered": (_answered, lambda answer: "no_faces" not in answer.said),
        "right where answered": (lambda answer: answer.right, _answered),
        "closed found": (lambda answer: answer.right, lambda answer: "closed" in answer.truth),
        "open not called closed": (
            lambda answer: "closed" not in answer.said,
            lambda answer: "open" in answer.truth,
        ),
    }
}
_RIGHT: Mapping[str, Share] = {"right": (lambda answer: answer.right, lambda _: True)}


def by_groups(member: str, answers: Sequence[Answer], by: str) -> dict[str, Any]:
    """Count the answers of each group.

    `by` is a column of the manifest, or one of `MEASURED`: then the photos are ordered by it and parted into
    thirds. Returns `by`, `groups` (by name: `n` and `shares`, each with `n`, `of`, `share`, `interval`) and
    `gaps`, by share: the `best` and the `worst` of two groups, their `gap` (0-1), its 95 % `interval`, and
    what it is `called`: "defect" beyond `GRAVE`, "maybe chance" where the interval holds 0, else "small".
    `check_groups` says beforehand whether there is such a thing.
    """
    parts = _thirds(answers, by) if by in MEASURED else _by_column(answers, by)
    shares = SHARES.get(member, _RIGHT)
    counted = {
        name: {title: _count(part, *share) for title, share in shares.items()} for name, part in parts.items()
    }
    return {
        "by": by,
        "groups": {name: {"n": len(parts[name]), "shares": counted[name]} for name in parts},
        "gaps": {title: _gap({name: own[title] for name, own in counted.items()}) for title in shares},
    }


def check_groups(member: str, rows: Sequence[Row], by: str) -> None:
    """Refuse what the rows cannot be grouped by: raises ManifestError, which names what there is."""
    columns = {*_COLUMNS, *(name for row in rows for name in row.extra)}
    known = sorted(columns) + (list(MEASURED) if member == "blink" else [])
    if by not in known:
        raise ManifestError(f"{member} cannot be grouped by {by!r}; there are {', '.join(known)}.")


def _thirds(answers: Sequence[Answer], by: str) -> dict[str, list[Answer]]:
    """Part the answers at two of their values; equal ones stay together, those not measured stand apart."""
    known = sorted(
        (answer for answer in answers if by in answer.measured), key=lambda each: each.measured[by]
    )
    cuts = [known[len(known) * k // 3].measured[by] for k in (1, 2)] if known else [0.0, 0.0]
    parts: list[list[Answer]] = [[], [], []]
    for answer in known:
        parts[sum(answer.measured[by] >= cut for cut in cuts)].append(answer)
    named = {_span(name, part, by): part for name, part in zip(_THIRDS, parts, strict=True) if part}
    rest = [answer for answer in answers if by not in answer.measured]
    return named | ({_UNMEASURED: rest} if rest else {})


def _span(name: str, part: Sequence[Answer], by: str) -> str:
    values = [answer.measured[by] for answer in part]
    return f"{name} ({min(values):.0f}-{max(values):.0f} {MEASURED[by]})"


def _by_column(answers: Sequence[Answer], by: str) -> dict[str, list[Answer]]:
    parts: dict[str, list[Answer]] = {}
    for answer in answers:
        cell = getattr(answer.row, by) if by in _COLUMNS else answer.row.extra[by]
        parts.setdefault(cell or "(not stated)", []).append(answer)
    return dict(sorted(parts.items()))


def _count(answers: Sequence[Answer], counts: Test, among: Test) -> dict[str, Any]:
    asked = [answer for answer in answers if among(answer)]
    good = sum(counts(answer) for answer in asked)
    share = good / len(asked) if asked else None
    return {"n": good, "of": len(asked), "share": share, "interval": share_interval(good, len(asked))}


def _gap(counted: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Compare the two groups that differ most surely, or most; None where fewer than two have the share.

    What could not be measured is left out: no face has no size, and so no such photo has a face.
    """
    known = {name: own for name, own in counted.items() if own["of"] and name != _UNMEASURED}
    pairs = [_compare(known, best, worst) for best, worst in permutations(known, 2)]
    return max(pairs, key=_weight, default=None)


def _weight(pair: Mapping[str, Any]) -> tuple[int, float]:
    """Order pairs: defects by what their gap is at least, others by their gap."""
    defect = pair["called"] == "defect"
    return _RANK[pair["called"]], pair["interval"][0] if defect else pair["gap"]


def _compare(counted: Mapping[str, Mapping[str, Any]], best: str, worst: str) -> dict[str, Any]:
    one, other = counted[best], counted[worst]
    gap = one["share"] - other["share"]
    interval = difference_interval((one["n"], one["of"]), (other["n"], other["of"]))
    sure = interval is not None and interval[0] > 0 and min(one["of"], other["of"]) >= _FEW
    called = "small" if gap <= GRAVE else "defect" if sure else "maybe chance"
    return {"best": best, "worst": worst, "gap": gap, "interval": interval, "called": called}
