"""Tests of the series that are kept between runs: equal to those found anew, for the same photos alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from autocull.judge import Settings
from autocull.measure.evidence import Evidence
from autocull.output.json_lines import result_to_json
from autocull.output.result import Judged
from autocull.pipeline import series_finder
from autocull.pipeline.evidence_store import EvidenceStore
from autocull.pipeline.series_finder import SeriesFinder
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Frame
from autocull.read.photo import Capture
from autocull.series import GroupingSettings, Series, Shot, digest_grouping, digest_shot, grouping, shot_of
from support import evidence_builders as builders

SETTINGS = Settings().grouping_settings()


def make_shoot() -> dict[Path, Evidence]:
    """Make two bursts of three frames, a copy, and a single photo."""
    shoot = {
        Path(f"shoot/IMG_{3 * scene + take:04d}.jpg"): builders.evidence(
            capture=Capture(
                taken=f"2024-05-01T10:{scene:02d}:00.{3 * take + 1}", taken_from="exif", camera="Example One"
            ),
            likeness=builders.make_embedding(scene, take=take, difference=0.1),
            focus=builders.focus((0.7, 0.98, 0.96)[take]),
            faces=(builders.face(0.9),),
        )
        for scene in range(3)
        for take in range(1 if scene == 2 else 3)
    }
    return {**shoot, Path("shoot/IMG_0006 copy.jpg"): shoot[Path("shoot/IMG_0006.jpg")]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvidenceStore]:
    """Return an empty store."""
    with closing(EvidenceStore(tmp_path / "store.sqlite", pytest.fail)) as opened:
        yield opened


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that receives the number of shots at each grouping."""
    counts: list[int] = []

    def count_shots(shots: list[Shot], settings: GroupingSettings) -> list[Series]:
        counts.append(len(shots))
        return grouping.group(shots, settings)

    monkeypatch.setattr(series_finder, "group", count_shots)
    return counts


def find(
    shoot: dict[Path, Evidence], store: EvidenceStore, settings: GroupingSettings = SETTINGS
) -> list[Series]:
    """Find the series of a shoot with a store."""
    finder = SeriesFinder(settings, store)
    for path, evidence in shoot.items():
        finder.add(path, evidence)
    return finder.find()


def find_without_store(shoot: dict[Path, Evidence]) -> list[Series]:
    """Find the series of a shoot without any store."""
    finder = SeriesFinder(SETTINGS)
    for path, evidence in shoot.items():
        finder.add(path, evidence)
    return finder.find()


def test_stored_series_are_those_found_anew(store: EvidenceStore, runs: list[int]) -> None:
    """The second run, with the photos in another order, groups nothing and returns the same series."""
    shoot = make_shoot()
    expected = find_without_store(shoot)
    assert {series.kind for series in expected} >= {"burst", "duplicate"}
    assert [series.copies for series in expected if series.kind == "duplicate"] != [()]
    first, second = find(shoot, store), find(dict(reversed(shoot.items())), store)
    assert first == second == expected


def test_equal_photos_are_grouped_once(store: EvidenceStore, runs: list[int]) -> None:
    """What grouping does not use may differ: faces, defects and categories."""
    shoot = make_shoot()
    find(shoot, store)
    find({path: replace(evidence, faces=(), defects={}) for path, evidence in shoot.items()}, store)
    assert runs == [len(shoot)]


@pytest.mark.parametrize("change", ["path", "time", "likeness", "texture", "size", "added", "removed"])
def test_changed_photos_are_grouped_anew(store: EvidenceStore, runs: list[int], change: str) -> None:
    """Another path, other facts or pixels, one photo more or less: all that grouping uses."""
    shoot = make_shoot()
    find(shoot, store)
    path = Path("shoot/IMG_0001.jpg")
    evidence = shoot.pop(path)
    tiles = ((0.5,) * 5,) * 4
    changed = {
        "path": {Path("shoot/IMG_0901.jpg"): evidence},
        "time": {path: replace(evidence, capture=replace(evidence.capture, taken="2024-05-01T12:00:00"))},
        "likeness": {path: replace(evidence, likeness=builders.make_embedding(7))},
        "texture": {path: replace(evidence, focus=replace(evidence.focus, texture=tiles))},
        "size": {path: replace(evidence, width=evidence.width + 1)},
        "added": {path: evidence, Path("shoot/IMG_0100.jpg"): evidence},
        "removed": {},
    }[change]
    shoot |= changed
    assert find(shoot, store) == grouping.group([shot_of(each, shoot[each]) for each in shoot], SETTINGS)
    assert runs == [8, len(shoot)]


def test_changed_series_setting_groups_anew(store: EvidenceStore, runs: list[int]) -> None:
    """Each of the settings of grouping is part of the key."""
    find(make_shoot(), store)
    find(make_shoot(), store, replace(SETTINGS, gap=0.0, moment=0.0))
    assert runs == [8, 8]


@pytest.mark.parametrize(
    "content", ["", "[", "{}", "[]", "[[1]]", '[["burst",[0,99],[]]]', '[["single",[0],[]]]']
)
def test_damaged_series_are_found_anew(store: EvidenceStore, runs: list[int], content: str) -> None:
    """Content that does not hold each photo once is replaced."""
    shoot = make_shoot()
    key = digest_grouping([digest_shot(path, shoot[path]) for path in sorted(shoot)], SETTINGS)
    expected = find(shoot, store)
    assert store.get_series(key)
    store.put_series(key, content)
    assert find(shoot, store) == find(shoot, store) == expected
    assert runs == [8, 8]


def test_results_are_the_same_with_a_store(store: EvidenceStore, runs: list[int]) -> None:
    """With other settings of focus the JSON is, byte for byte, that of a run without stored series."""
    shoot = make_shoot()

    def json_lines(settings: Settings, series_store: EvidenceStore | None) -> list[str]:
        shoot_judge = ShootJudge(settings, series_store=series_store)
        for path, evidence in shoot.items():
            shoot_judge.add(Frame(path), evidence)
        shoot_judge.finish()
        results = (
            Judged(Frame(path), evidence, *shoot_judge.judge(Frame(path), evidence))
            for path, evidence in shoot.items()
        )
        return [json.dumps(result_to_json(result)) for result in results]

    json_lines(Settings(), store)
    changed = Settings(focus_reject=0.5)
    assert json_lines(changed, store) == json_lines(changed, None)
    assert runs == [8, 8]


def test_empty_shoot_has_no_series(store: EvidenceStore) -> None:
    """Nothing is stored for a shoot without photos."""
    assert find({}, store) == []


def test_store_keeps_the_series_of_100_shoots(store: EvidenceStore) -> None:
    """The shoots that were stored longest ago are removed; one that is stored again counts as new."""
    keys = [bytes([number]) * 16 for number in range(102)]
    for key in [*keys[:100], keys[0], *keys[100:]]:
        store.put_series(key, f"[{key[0]}]")
    kept = [key for key in keys if store.get_series(key) is not None]
    assert kept == [keys[0], *keys[3:]]
    assert store.get_series(keys[0]) == "[0]"


def test_key_depends_on_the_code_of_grouping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed source file of the package is another key: stored series are those of this code."""
    keys = set()
    monkeypatch.setattr(grouping, "files", lambda _: tmp_path)
    for source in ("a = 1", "a = 2"):
        (tmp_path / "grouping.py").write_text(source)
        grouping._digest_code.cache_clear()
        keys.add(digest_grouping([b"shot"], SETTINGS))
    grouping._digest_code.cache_clear()
    assert len(keys) == 2
