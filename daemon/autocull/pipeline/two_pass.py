"""Two-pass judging: each photo is first judged alone, and in the end within its series.

The data held per photo is small (some kilobytes), so that a run over 100,000 photos fits into memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

from autocull.judge import (
    Marks,
    RankInput,
    RankResult,
    Settings,
    Verdict,
    adjust_for_series,
    judge,
    make_rank_input,
    marks_for,
    rank,
)
from autocull.measure import Evidence
from autocull.pipeline.cull_run import Judge
from autocull.pipeline.series_finder import SeriesFinder, SeriesStore
from autocull.read import Frame
from autocull.series import Kind
from autocull.taste import FeatureRow, Profile, Selection


class ShootJudge:
    """Two-pass judge: `add` every photo, `finish` to group and rank, then `judge` each within its series.

    `add` and `judge` are both a `Judge`. With a `taste`, each verdict has the probability that the
    photographer selects the photo. With a `series_store`, a shoot whose photos and `series_` settings are
    those of an earlier run is not grouped again.
    """

    def __init__(
        self, settings: Settings, taste: Profile | None = None, series_store: SeriesStore | None = None
    ) -> None:
        self._settings = settings
        self._taste = taste
        self._feature_rows: dict[Path, FeatureRow] = {}
        self._single_verdicts: dict[Path, Verdict] = {}
        self._series_finder = SeriesFinder(settings.grouping_settings(), series_store)
        self._rank_inputs: dict[Path, RankInput] = {}
        self._rank_results: dict[Path, RankResult] = {}
        self.series_counts: Counter[Kind] = Counter()

    def add(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Judge a photo alone, and keep what its series needs; a photo that is added again is replaced."""
        path, verdict = frame.path, judge(evidence, self._settings)
        self._single_verdicts[path] = verdict
        self._series_finder.add(path, evidence)
        self._rank_inputs[path] = make_rank_input(path, evidence, verdict, self._settings)
        if self._taste is not None:
            self._feature_rows[path] = self._taste.features_of(evidence)
        return verdict, marks_for(verdict, self._settings)

    def finish(self) -> None:
        """Group the added photos and rank each series; frees what only grouping needed."""
        groups = self._series_finder.find()
        self.series_counts.update(series.kind for series in groups)
        for series in groups:
            self._rank_results |= rank(series, self._rank_inputs, self._settings)
        self._rank_inputs.clear()

    def judge(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Judge a photo within its series; one that was not added is judged alone."""
        single_verdict = self._single_verdicts.get(frame.path) or judge(evidence, self._settings)
        verdict = self._adjust(frame.path, single_verdict)
        return verdict, marks_for(verdict, self._settings)

    def verdicts(self) -> Iterable[Verdict]:
        """Yield the verdict of every added photo, within its series after `finish`."""
        return (self._adjust(path, single_verdict) for path, single_verdict in self._single_verdicts.items())

    def _adjust(self, path: Path, single_verdict: Verdict) -> Verdict:
        rank_result = self._rank_results.get(path)
        return adjust_for_series(
            single_verdict, rank_result, self._selection(path, rank_result), self._settings
        )

    def _selection(self, path: Path, rank_result: RankResult | None) -> Selection | None:
        """Return how likely the photographer selects an added photo; None without a taste."""
        if self._taste is None or path not in self._feature_rows:
            return None
        position = rank_result.position if rank_result is not None else None
        return self._taste.predict_row(self._feature_rows[path], position, self._settings.select_loss)


ItemT = TypeVar("ItemT")
_ItemT_co = TypeVar("_ItemT_co", covariant=True)


class ShootSource(Protocol[_ItemT_co]):
    """The photos of a shoot, yielded twice: one by one or in batches, as the source likes."""

    def run(self, judge: Judge) -> Generator[_ItemT_co, None, None]:
        """Yield all photos in any order, each judged by `judge`; measures those without evidence."""
        ...

    def results(self, judge: Judge) -> Iterator[_ItemT_co]:
        """Yield the same photos once more, judged by `judge`; nothing is measured."""
        ...


def judge_shoot(
    source: ShootSource[ItemT],
    shoot_judge: ShootJudge,
    *,
    on_result: Callable[[ItemT], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[ItemT]:
    """Judge a shoot in two passes: the first one runs at once, the returned iterator makes the second.

    In the first pass every photo is judged alone and added to `shoot_judge`; `on_result` receives each item.
    Then the shoot is grouped, and the second pass yields the final items. `should_stop` is called after each
    item of the first pass: where it returns True nothing is grouped, and the iterator is empty.
    """
    with closing(source.run(shoot_judge.add)) as items:
        for item in items:
            on_result(item)
            if should_stop():
                return iter(())
    shoot_judge.finish()
    return source.results(shoot_judge.judge)
