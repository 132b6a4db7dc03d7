"""Tests of the analysis of one photo: the verdict of culling, its companion, its maps."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from autocull.errors import PhotoError
from autocull.judge import Settings, judge
from autocull.measure.models import models_root
from autocull.pipeline.cull_run import CullRun, open_cull_run
from autocull.pipeline.evidence_store import EvidenceStore
from autocull.pipeline.explain import PhotoAnalysis, analyse, build_explanation, shoot_paths
from autocull.pipeline.worker_main import make_measure
from autocull.read import Frame, ScanResult, find_frames
from support.cull_run_fakes import FakeWorkers, frames_in, measure_by_name
from support.cull_run_fakes import judge as judge_by_sharpness


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a portrait whose lower right corner is burnt out."""
    path = tmp_path_factory.mktemp("explaining") / "portrait.png"
    picture = data.astronaut()
    picture[380:, 380:] = 255
    Image.fromarray(picture).save(path)
    return path


def analyse_alone(path: Path, settings: Settings | None = None) -> PhotoAnalysis:
    """Analyse a photo within its folder, with the shipped networks and a store of its own."""
    with open_cull_run(shoot_paths(path), None, workers=1, time_limit=120, on_warning=print) as run:
        return analyse(path, run, settings or Settings(), models=models_root())


@pytest.fixture(scope="module")
def analysis(portrait: Path) -> PhotoAnalysis:
    """Analyse the portrait."""
    return analyse_alone(portrait)


def test_verdict_of_one_photo_is_that_of_its_evidence(portrait: Path, analysis: PhotoAnalysis) -> None:
    """Evidence and verdict are the same as in a worker."""
    measured = make_measure(models_root())(Frame(portrait)).outcome
    assert measured == analysis.result.evidence
    assert judge(analysis.result.evidence, Settings()) == replace(analysis.result.verdict, series=None)


def test_settings_are_applied(portrait: Path) -> None:
    """A limit that no photo reaches changes the verdict."""
    strict = analyse_alone(portrait, Settings(focus_doubt=1.0))
    assert "focus_doubtful" in {reason.code for reason in strict.result.verdict.reasons}


def test_eyes_and_main_labels_have_pictures(analysis: PhotoAnalysis) -> None:
    """Two eyes, one category, two defects; each map has 8 x 8 cells with probabilities."""
    explanation = build_explanation(analysis)
    assert len(explanation.eyes) == 2
    assert [label.kind for label, _ in explanation.occlusion_maps] == ["category", "defect", "defect"]
    for _, occlusion_map in explanation.occlusion_maps:
        assert occlusion_map.shape == (8, 8)
        assert occlusion_map.min() >= 0
        assert occlusion_map.max() <= 1 + 1e-6
    assert explanation.working.shape[:2] == (512, 512)


def test_map_of_people_is_highest_at_the_face(analysis: PhotoAnalysis) -> None:
    """The map of the category is high on the portrait's face and not in the burnt corner."""
    (label, occlusion_map) = build_explanation(analysis).occlusion_maps[0]
    assert label.code == "people"
    box = analysis.result.evidence.faces[0].box
    row, column = int((box.y0 + box.y1) * 4), int((box.x0 + box.x1) * 4)
    assert occlusion_map[row, column] > occlusion_map[6:, 6:].mean() + 0.2


def test_configurations_are_those_of_the_detectors(analysis: PhotoAnalysis) -> None:
    """Each detector in the evidence has its configuration."""
    assert set(analysis.configs) == set(analysis.result.evidence.models)
    assert analysis.configs["eyes"]["classes"]


def frame_of(path: Path, *shoot: Path) -> Frame:
    """Return the frame of a path within a run; nothing is measured."""
    scan = find_frames(shoot_paths(path, shoot))
    with closing(EvidenceStore(None, print)) as store:
        return CullRun(
            scan, store=store, versions={}, start_workers=lambda: FakeWorkers(measure_by_name)
        ).frame_of(path)


def test_raw_file_and_its_jpeg_are_one_photo(tmp_path: Path) -> None:
    """Whichever of a pair is named, both are its files; another name and a sidecar are not."""
    for name in ("IMG_1.NEF", "IMG_1.JPG", "IMG_10.JPG", "IMG_1.xmp"):
        (tmp_path / name).write_bytes(b"x")
    for shoot in ((), (tmp_path / "IMG_1.JPG",)):
        for name in ("IMG_1.NEF", "IMG_1.JPG"):
            frame = frame_of(tmp_path / name, *shoot)
            assert frame.path.name == "IMG_1.NEF"
            assert [path.name for path in frame.companions] == ["IMG_1.JPG"]
    assert frame_of(tmp_path / "IMG_10.JPG").files == (tmp_path / "IMG_10.JPG",)


def test_photo_may_be_named_in_another_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a relative path, while the shoot is an absolute one; a link to a photo is that photo."""
    [frame] = frames_in(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert frame_of(Path("a.jpg"), tmp_path).path.samefile(frame.path)
    (tmp_path / "b.jpg").hardlink_to(frame.path)
    assert frame_of(tmp_path / "b.jpg") == frame


def test_nearest_photos_are_measured(tmp_path: Path) -> None:
    """The others are left out; photos with stored evidence stay."""
    frames = frames_in(tmp_path, *(f"{number}.jpg" for number in range(8)))
    workers = FakeWorkers(measure_by_name)
    with closing(EvidenceStore(None, print)) as store:
        for chosen in (frames[:1], frames):
            run = CullRun(ScanResult(tuple(chosen)), store=store, versions={}, start_workers=lambda: workers)
            left_out = run.limit_unmeasured(frames[0].path if chosen != frames else frames[5].path, 3)
            done = [result.frame for result in run.run(judge_by_sharpness)]
    assert left_out == 3
    assert {each.path.name for each in done} == {"0.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"}


def test_unreadable_photo_is_named(tmp_path: Path) -> None:
    """Missing, empty or something else: the error has the path and its code."""
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.jpg").write_text("to do")
    for name, code in (("none.jpg", "missing"), ("empty.jpg", "empty"), ("notes.jpg", "not_a_photo")):
        with pytest.raises(PhotoError) as caught:
            analyse_alone(tmp_path / name)
        assert caught.value.code == code
        assert caught.value.path == tmp_path / name
