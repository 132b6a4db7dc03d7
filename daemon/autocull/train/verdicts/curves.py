"""Operating curves: harm to good photos against faults found, as one limit moves and the others stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log
from typing import Any, NamedTuple

from pydantic import ValidationError

from autocull.judge import CRITERIA, Criterion, Settings, Verdict
from autocull.stats import Proportion
from autocull.train.verdicts.judging import MeasuredPhoto, judge_quickly

KINDS_OF_CRITERIA: Mapping[str, tuple[str, ...]] = {
    "eyes": ("closed_eyes",),
    "defocus": ("blur",),
    "motion": ("motion",),
    "dark": ("dark",),
    "bright": ("bright",),
    "flare": ("flare",),
    "quality": ("compression",),
    "noise": ("noise",),
}
"""The kinds of faults that each criterion is meant to find, by its name."""

_STEPS = tuple(step / 2 for step in range(-10, 11))
"""How far a limit is moved: in logits for a share, else in natural logarithms."""


class CurvePoint(NamedTuple):
    """One value of a limit, with the harm and the recall that follow."""

    limit: float
    harm: Proportion
    recall: Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCurve:
    """Harm and recall of one limit.

    `setting` is the name of the limit. Harm is the share of good photos that its criterion rejects, recall
    the share of photos with `kinds` of faults that it rejects; where the criterion may only doubt (`doubts`),
    doubts count. `points` are in the order of the limit, `shipped` is the index of the one in
    use, `chosen` the index of the highest recall at a harm of at most `target` (None where there is none).
    """

    setting: str
    doubts: bool
    kinds: tuple[str, ...]
    points: tuple[CurvePoint, ...]
    shipped: int
    target: float

    @property
    def chosen(self) -> int | None:
        """The index of the point with the highest recall within the target; of equal ones, the least harm."""
        allowed = [
            index for index, point in enumerate(self.points) if (point.harm.share or 0.0) <= self.target
        ]
        if not allowed:
            return None
        distances = {index: abs(index - self.shipped) for index in allowed}
        return max(
            allowed,
            key=lambda index: (
                self.points[index].recall.share or 0.0,
                -(self.points[index].harm.share or 0.0),
                -distances[index],
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the curve as `autocull evaluate verdicts --json` writes it."""
        points = [
            {"limit": limit, "harm": harm.to_json(), "recall": recall.to_json()}
            for limit, harm, recall in self.points
        ]
        return {
            "setting": self.setting,
            "doubts": self.doubts,
            "kinds": self.kinds,
            "target": self.target,
            "shipped": self.shipped,
            "chosen": self.chosen,
            "points": points,
        }


def compute_curves(
    photos: Sequence[MeasuredPhoto], settings: Settings, target: float
) -> list[OperatingCurve]:
    """Compute the curve of each criterion's limit, from evidence alone: nothing is measured again.

    The limit is that for rejecting, or for doubting where the criterion may not reject. `target` is the
    greatest harm (0-1). Criteria without a photo of their kinds are left out.
    """
    good = [photo for photo in photos if not photo.photo.is_faulty]
    curves: list[OperatingCurve] = []
    for _, group in groupby(CRITERIA, key=lambda criterion: criterion.limits_name or criterion.name):
        criteria = tuple(each for each in group if each.name in KINDS_OF_CRITERIA)
        kinds = tuple(kind for each in criteria for kind in KINDS_OF_CRITERIA[each.name])
        faulty = [photo for photo in photos if set(kinds) & set(photo.photo.kinds)]
        if good and faulty:
            curves += _compute_curve(criteria, kinds, good, faulty, settings, target)
    return curves


def _compute_curve(
    criteria: Sequence[Criterion],
    kinds: tuple[str, ...],
    good: Sequence[MeasuredPhoto],
    faulty: Sequence[MeasuredPhoto],
    settings: Settings,
    target: float,
) -> Iterator[OperatingCurve]:
    """Yield the curve of criteria that share their limits; nothing where all of them are ignored."""
    trusts = {each.limits(settings).trust for each in criteria}
    if trusts == {"ignore"}:
        return
    doubts = "reject" not in trusts
    prefix = criteria[0].limits_name or criteria[0].name
    setting = f"{prefix}_{'doubt' if doubts else 'reject'}"
    codes = {code for each in criteria for code in _codes(each, doubts)}
    points = []
    for limit, moved in _move_limit(setting, prefix, criteria[0].bad_side == "below", settings):
        shares = []
        for chosen in (good, faulty):
            hits = sum(_hits(verdict, codes, doubts) for verdict in judge_quickly(chosen, moved))
            shares.append(Proportion(hits, len(chosen)))
        points.append(CurvePoint(limit, *shares))
    shipped = [point.limit for point in points].index(getattr(settings, setting))
    yield OperatingCurve(
        setting=setting,
        doubts=doubts,
        kinds=kinds,
        points=tuple(points),
        shipped=shipped,
        target=target,
    )


def _codes(criterion: Criterion, doubts: bool) -> tuple[str, ...]:
    return (criterion.reject_code, criterion.doubt_code) if doubts else (criterion.reject_code,)


def _hits(verdict: Verdict, codes: set[str], doubts: bool) -> bool:
    if verdict.answer == "keep" or (verdict.answer != "reject" and not doubts):
        return False
    return any(reason.code in codes for reason in verdict.reasons)


def _move_limit(
    setting: str, prefix: str, below: bool, settings: Settings
) -> Iterator[tuple[float, Settings]]:
    """Yield values of a limit in rising order, with settings where the limit for doubts is no stricter."""
    shipped = float(getattr(settings, setting))
    doubt_name = f"{prefix}_doubt"
    values = {_move(setting, shipped, step) for step in _STEPS} | {shipped}
    for value in sorted(values):
        doubt = float(getattr(settings, doubt_name))
        changes = {setting: value}
        if setting != doubt_name:
            changes[doubt_name] = max(doubt, value) if below else min(doubt, value)
        try:
            yield value, Settings.model_validate({**dict(settings), **changes})
        except ValidationError:  # past the range of the setting
            continue


def _move(setting: str, value: float, step: float) -> float:
    extra = Settings.model_fields[setting].json_schema_extra
    if step == 0 or value <= 0:
        return value
    if isinstance(extra, dict) and extra.get("unit") == "share":
        if value >= 1:
            return value
        return 1 / (1 + exp(-(log(value / (1 - value)) + step)))
    return value * exp(step)
