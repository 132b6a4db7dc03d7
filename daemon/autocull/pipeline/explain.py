"""Analysis of one photo for its explanation: result, eye crops and occlusion maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.errors import PhotoError
from autocull.judge import Settings, labels_to_show
from autocull.measure import Ensemble, Model, category_occlusion_maps, crop_eyes, defect_occlusion_maps
from autocull.output import Judged, PhotoExplanation, Result, Unreadable
from autocull.pipeline.cull_run import CullRun
from autocull.pipeline.two_pass import ShootJudge, judge_shoot
from autocull.read import COMPANION_SUFFIXES, RAW_SUFFIXES, read_frame
from autocull.taste import Profile


@dataclass(frozen=True, slots=True)
class PhotoAnalysis:
    """The result of one photo within its shoot, and the settings and models behind it."""

    result: Judged
    settings: Settings
    models: Path
    configs: Mapping[str, Mapping[str, Any]]
    """The configuration of each model, by name."""


def shoot_paths(path: Path, shoot: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return the paths of the run that explains `path`: its shoot, and the photo with its companions.

    The shoot is the photo's folder unless `shoot` names other folders and files.
    """
    return (*(shoot or (path.parent,)), path, *_find_companions(path))


def analyse(
    path: Path,
    cull_run: CullRun,
    settings: Settings,
    taste: Profile | None = None,
    *,
    models: Path,
    on_result: Callable[[Result], None] = lambda _: None,
) -> PhotoAnalysis:
    """Judge the photo `path` as culling does, within the series of all photos of `cull_run`.

    A RAW file and its JPEG are one photo, whichever of them `path` names. Raises PhotoError where the photo
    cannot be read and ModelError where a model below `models` is not usable.
    """
    frame = cull_run.frame_of(path)
    shoot_judge = ShootJudge(settings, taste, cull_run.store)
    results: list[Result] = []

    def note(result: Result) -> None:
        if result.frame.path == frame.path:
            results.append(result)
        on_result(result)

    judge_shoot(cull_run, shoot_judge, on_result=note)
    result = results[0]
    if isinstance(result, Unreadable):
        raise PhotoError(path, result.error.message, code=result.error.code)
    judged = Judged(frame, result.evidence, *shoot_judge.judge(frame, result.evidence))
    configs = {name: Model.open(models, name).config for name in judged.evidence.models}
    return PhotoAnalysis(judged, settings, models, configs)


def _find_companions(path: Path) -> list[Path]:
    """Return the files next to `path` that may be of the same exposure: same stem, RAW or companion."""
    suffixes = RAW_SUFFIXES | COMPANION_SUFFIXES
    try:
        siblings = sorted(path.parent.iterdir())
    except OSError:  # reading the photo itself reports what is wrong with the folder
        return []
    return [
        sibling
        for sibling in siblings
        if sibling.stem.lower() == path.stem.lower()
        and sibling.suffix.lower() in suffixes
        and sibling != path
    ]


def build_explanation(analysis: PhotoAnalysis) -> PhotoExplanation:
    """Read the photo again, and compute its picture: eye crops, and occlusion maps of the main labels.

    Takes as long as 72 predictions of a network for a small part (about a second). Raises PhotoError.
    """
    photo, evidence = read_frame(analysis.result.frame), analysis.result.evidence
    ensemble = Ensemble(analysis.models)
    framing = float(analysis.configs["eyes"]["preprocessing"]["framing"])
    maps = {
        "defect": defect_occlusion_maps(photo, ensemble.defects),
        "category": category_occlusion_maps(photo, evidence.faces, ensemble.category),
    }
    labels = labels_to_show(evidence, analysis.settings)
    return PhotoExplanation(
        result=analysis.result,
        settings=analysis.settings,
        working=photo.working,
        eyes=crop_eyes(photo, evidence, framing),
        occlusion_maps=[(label, maps[label.kind][label.code]) for label in labels],
    )
