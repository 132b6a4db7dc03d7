"""The photos of one run seen together: each is judged alone as it comes, and beside its siblings in the end.

What is held of a photo is small (some kilobytes), so that a run over 100,000 photos fits into memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autocull.judge import Placing, Settings, Standing, judge, mark, rank, settle, standing
from autocull.judge.verdict import Marks, Verdict
from autocull.measure.evidence import Evidence
from autocull.read import Frame
from autocull.series.grouping import group
from autocull.series.model import Kind
from autocull.series.shot import Shot, shot_of
from autocull.taste.profile import Look, Profile, Selection


class Together:
    """Hears a run's photos one by one, then groups them, and judges each beside its series.

    `hear` all photos, `conclude` once, and ask `judge` as often as wanted: two judges of one signature. Where
    a `taste` is given, it says of each photo how likely its photographer selects it.
    """

    def __init__(self, settings: Settings, taste: Profile | None = None) -> None:
        self._settings = settings
        self._taste = taste
        self._looks: dict[Path, Look] = {}
        self._alone: dict[Path, Verdict] = {}
        self._shots: dict[Path, Shot] = {}
        self._standings: dict[Path, Standing] = {}
        self._placings: dict[Path, Placing] = {}
        self.series: Counter[Kind] = Counter()

    def hear(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Judge a photo alone, and remember what counts of it beside others; heard twice, the last counts."""
        path, verdict = frame.path, judge(evidence, self._settings)
        self._alone[path] = verdict
        self._shots[path] = shot_of(path, evidence)
        self._standings[path] = standing(path, evidence, verdict, self._settings)
        if self._taste is not None:
            self._looks[path] = self._taste.look(evidence)
        return verdict, mark(verdict, self._settings)

    def conclude(self) -> None:
        """Group all that was heard, and rank the members of every series; what grouping needed is let go."""
        found = group(self._shots.values(), self._settings.limits())
        self._shots.clear()
        self.series.update(series.kind for series in found)
        for series in found:
            self._placings |= rank(series, self._standings, self._settings)
        self._standings.clear()

    def judge(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Judge a photo that was heard, beside its series; one that was not heard is judged alone."""
        alone = self._alone.get(frame.path) or judge(evidence, self._settings)
        verdict = self._settled(frame.path, alone)
        return verdict, mark(verdict, self._settings)

    def verdicts(self) -> Iterable[Verdict]:
        """Yield the verdict of every photo that was heard, beside its series once there are any."""
        return (self._settled(path, alone) for path, alone in self._alone.items())

    def _settled(self, path: Path, alone: Verdict) -> Verdict:
        placing = self._placings.get(path)
        return settle(alone, placing, self._selection(path, placing), self._settings)

    def _selection(self, path: Path, placing: Placing | None) -> Selection | None:
        """Say how likely she selects a photo that was heard; None without a taste."""
        if self._taste is None or path not in self._looks:
            return None
        place = placing.place if placing is not None else None
        return self._taste.selection_of(self._looks[path], place, self._settings.select_loss)
