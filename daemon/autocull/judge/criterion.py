"""Model of a criterion: what is measured, its settings, and its reasons. `criteria` has the table of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from autocull.judge.settings import Settings, Trust
from autocull.measure import Evidence
from autocull.series import Kind

Source = Literal["eyes", "focus", "defects", "remarks", "size"]
BadSide = Literal["below", "above"]
Unit = Literal["percent", "pixels", "remark"]


class Wording(NamedTuple):
    """The code of a reason and its English texts, as in `ReasonText`. Codes never change, texts may.

    `bad_side` is given where the measured number lies on another side of its limit than the criterion's.
    """

    code: str
    name: str
    text: str
    advice: str
    cause: str = ""
    bad_side: BadSide | None = None


class ReasonText(NamedTuple):
    """The texts of one reason, and what the reason does.

    `name` heads a table's column; `text` is the sentence, with `measured` and `limit` to fill in, and with
    `frame` and `ahead` where it refers to another frame; `advice` is what the photographer can do.
    `bad_side` is the side of its limit on which the measured number lies. The reason `rejects`, or
    leaves the photo kept where it `keeps`, or raises a doubt. `unit` is "percent" for shares, "pixels", or
    "remark" for a fact whose text has no numbers. `cause` is what rejects come from, in the plug-in's counts;
    every rejecting reason has one.
    """

    name: str
    text: str
    advice: str
    bad_side: BadSide
    rejects: bool
    unit: Unit = "percent"
    keeps: bool = False
    cause: str = ""


class Limits(NamedTuple):
    """The settings of one criterion: the strongest answer that it may give, and the limits for both."""

    trust: Trust
    reject: float
    doubt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion: what is measured, the settings it is compared with, and the reasons that follow.

    `name` is the prefix of its settings (`flare_trust`, `flare_reject`, `flare_doubt`); `limits_name` that of
    its limits where several criteria share them. `source` is the part of the evidence that is measured, and
    `bad_side` the side of a limit on which bad numbers lie. `rejecting` and `doubtful` are the reasons, and
    `title` heads what was measured in tables; `remark` is said of photos that are kept.

    `label` is the label of the defects network, if any, and `label_limit` the setting from which on it is
    given where that is not the limit for doubt. The label lowers the `score_part` of the score. It rejects
    only where the measured light agrees (`confirmed_by`); `unconfirmed` is the text where it does not. Where
    it is `spared_by` other facts, only its remark is made.

    In a set of the kind `expected_in` the criterion does not count. Sorting by defect puts the photos into
    `folder`, those of a criterion without one elsewhere.
    """

    name: str
    source: Source
    title: str
    rejecting: Wording | None
    doubtful: Wording
    remark: Wording | None = None
    bad_side: BadSide = "above"
    unit: Unit = "percent"
    limits_name: str = ""
    label: str = ""
    label_limit: str = ""
    score_part: Literal["exposure", "defects", ""] = ""
    confirmed_by: Callable[[Evidence, Settings], bool] | None = None
    unconfirmed: str = ""
    spared_by: Callable[[Evidence, Settings], bool] | None = None
    expected_in: Kind | None = None
    folder: str = ""

    @property
    def reject_code(self) -> str:
        """The code of the reason that rejects; "" where none does."""
        return "" if self.rejecting is None else self.rejecting.code

    @property
    def doubt_code(self) -> str:
        """The code of the reason that raises a doubt."""
        return self.doubtful.code

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all its reasons, the rejecting one first, the remark last."""
        wordings = (self.rejecting, self.doubtful, self.remark)
        return tuple(wording.code for wording in wordings if wording is not None)

    @property
    def remark_code(self) -> str:
        """The code of its remark; "" where it has none."""
        return "" if self.remark is None else self.remark.code

    @property
    def label_setting(self) -> str:
        """The name of the setting from which on its label is given."""
        return self.label_limit or f"{self.limits_name or self.name}_doubt"

    def setting_names(self) -> tuple[str, ...]:
        """Return the names of its settings that exist: trust, limit for rejecting, limit for doubt."""
        prefix = self.limits_name or self.name
        names = (f"{self.name}_trust", f"{prefix}_reject", f"{prefix}_doubt")
        return tuple(name for name in names if name in Settings.model_fields)

    def limits(self, settings: Settings) -> Limits:
        """Return its settings; raises AttributeError where it lacks one of the three."""
        prefix = self.limits_name or self.name
        return Limits(
            getattr(settings, f"{self.name}_trust"),
            getattr(settings, f"{prefix}_reject"),
            getattr(settings, f"{prefix}_doubt"),
        )

    def limit_of_label(self, settings: Settings) -> float:
        """Return the probability (0-1) from which on its label is given."""
        return float(getattr(settings, self.label_setting))

    def is_confirmed(self, evidence: Evidence, settings: Settings) -> bool:
        """Whether the measured light agrees, where it has to."""
        return self.confirmed_by is None or self.confirmed_by(evidence, settings)

    def is_spared(self, evidence: Evidence, settings: Settings) -> bool:
        """Whether facts show that it is no fault here."""
        return self.spared_by is not None and self.spared_by(evidence, settings)

    def make_text(self, wording: Wording, *, rejects: bool = False, keeps: bool = False) -> ReasonText:
        """Make the text of one of its reasons."""
        _, name, text, advice, cause, bad_side = wording
        return ReasonText(name, text, advice, bad_side or self.bad_side, rejects, self.unit, keeps, cause)
