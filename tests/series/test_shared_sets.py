"""Real sets from the shared data: no frame of a complete set is rejected, whatever facts are missing.

Skipped where the data are not there. Only development material; nothing here may be redistributed.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from autocull.judge import Settings
from autocull.measure.ensemble import Ensemble
from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Capture, Frame, read_photo

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "more" / "series"
GROUPS = {
    "bracket": ("JackyCJL_series4", "MercuryYen_cat", "isbecky27_desk", "sice_9", "fy-meng_mug"),
    "focus_stack": ("PetteriAimonen_pcb",),
    "panorama": ("isbecky27_sky",),
    "around_object": ("alicevision_full",),
}
SOFT_ALONE = {"isbecky27_sky_20.jpg"}
"""A frame that no other one overlaps enough to be grouped with, and whose foreground is out of focus."""

FACTS: dict[str, Callable[[Capture], Capture]] = {
    "all facts": lambda capture: capture,
    "manual lens": lambda capture: replace(capture, aperture=None, focal_length=None),
    "no exposure": lambda capture: replace(
        capture, shutter=None, aperture=None, iso=None, exposure_bias=None
    ),
    "no facts": lambda _: Capture(),
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"The shared data are not at {DATA}.")


@lru_cache
def measured(kind: str) -> dict[str, dict[Path, Evidence]]:
    """Measure the photos of some sets of a kind, by set."""
    ensemble = Ensemble(models_root())
    sets: dict[str, dict[Path, Evidence]] = defaultdict(dict)
    with (DATA / kind / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["group"] in GROUPS[kind]:
                path = DATA / kind / row["path"]
                sets[row["group"]][path] = ensemble.measure(read_photo(path))
    return sets


@pytest.mark.parametrize("facts", FACTS)
@pytest.mark.parametrize("kind", GROUPS)
def test_no_frame_of_a_set_is_rejected(kind: str, facts: str) -> None:
    """Frames that are dark, bright or soft for the sake of the set are not rejected, nor is a rival."""
    for evidence_by_path in measured(kind).values():
        judge, frames = ShootJudge(Settings()), []
        for path, evidence in evidence_by_path.items():
            frames.append((Frame(path), replace(evidence, capture=FACTS[facts](evidence.capture))))
            judge.add(*frames[-1])
        judge.finish()
        verdicts = {frame.path.name: judge.judge(frame, evidence)[0] for frame, evidence in frames}
        rejected = {name for name, verdict in verdicts.items() if verdict.answer == "reject"}
        assert rejected <= SOFT_ALONE
        if kind == "around_object":
            kinds = {verdict.series.kind for verdict in verdicts.values() if verdict.series}
            assert not kinds & {"burst", "duplicate"}
