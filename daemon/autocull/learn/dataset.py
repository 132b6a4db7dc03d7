"""From her decisions to examples: the decided photos are measured and judged as a culling run would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autocull.arrays import Floats
from autocull.judge import Settings, sort_key
from autocull.judge.verdict import Verdict
from autocull.learn.decisions import Decision
from autocull.learn.example import Example
from autocull.learn.shoots import shoots_of
from autocull.output.result import Judged
from autocull.pipeline.cull_run import Culling
from autocull.pipeline.two_pass import Together
from autocull.read import Frame
from autocull.taste.features import features


@dataclass(frozen=True, slots=True)
class Seen:
    """A decided photo with what was measured and judged."""

    decision: Decision
    result: Judged


def see(
    culling: Culling, settings: Settings, decisions: Sequence[Decision], step: Callable[[bool], None]
) -> tuple[list[Seen], Counter[str]]:
    """Measure what was decided, and judge it together; counts what was left out, by the reason in words.

    A pair of RAW and JPEG is one photo; where its files were decided both ways it is left out.
    """
    together = Together(settings)
    by_path = {decision.path: decision for decision in decisions}
    found: list[Seen] = []
    left_out: Counter[str] = Counter()
    for result in culling.run(together.hear):
        step(culling.tally.measured > 0)
        decision = _decision(result.frame, by_path)
        if not isinstance(result, Judged):
            left_out["cannot be read"] += 1
        elif decision is None:
            left_out["decided both ways"] += 1
        else:
            found.append(Seen(decision, result))
    together.conclude()
    found.sort(key=lambda each: each.decision.path)
    return [Seen(each.decision, _beside_others(each.result, together)) for each in found], left_out


def _beside_others(result: Judged, together: Together) -> Judged:
    verdict, marks = together.judge(result.frame, result.evidence)
    return replace(result, verdict=verdict, marks=marks)


def _decision(frame: Frame, by_path: Mapping[Path, Decision]) -> Decision | None:
    own = [by_path[path] for path in frame.files if path in by_path]
    return own[0] if len({each.selected for each in own}) == 1 else None


def examples_of(seen: Sequence[Seen], mirror: Callable[[Seen], Floats | None]) -> list[Example]:
    """Make the examples, in the same order; `mirror` gives a select's features as a mirror shows it."""
    shoots = shoots_of(
        [(each.decision.path, each.result.evidence.capture, each.decision.shoot) for each in seen]
    )
    return [
        Example(
            path=each.decision.path,
            selected=each.decision.selected,
            shoot=shoot,
            plain=plain_order(each.result.verdict),
            seen=features(each.result.evidence, each.result.verdict.series),
            mirrored=mirror(each) if each.decision.selected else None,
        )
        for each, shoot in zip(seen, shoots, strict=True)
    ]


def plain_order(verdict: Verdict) -> float:
    """Order photos as the plain ensemble does: the kept, the doubtful, the rejected, each by score."""
    answer, score = sort_key(verdict)
    return -answer - score
