"""Tests of sorting plans: targets, companion files, and what is refused before anything is touched."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from autocull.errors import MarksError
from autocull.judge import REASON_TEXTS
from autocull.judge.verdict import Reason
from autocull.output.result import Judged, Result
from autocull.output.sorting import plan as plan_module
from autocull.output.sorting.plan import DEFECT_FOLDERS, SortMode, SortPlan, folder_of
from support.evidence_builders import face, focus
from support.result_factories import judged, plan_sort, unreadable


def make_files(root: Path, *names: str) -> None:
    """Make files that stand for photos and sidecars."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def plan(root: Path, *results: Result, how: SortMode = "copy") -> SortPlan:
    """Plan to sort by verdict into `root/out`."""
    return plan_sort(results, root / "out", how)


def relative_targets(sort_plan: SortPlan) -> dict[str, str]:
    """Return a plan as source and target, relative to the target's parent folder."""
    root = sort_plan.into.parent
    return {
        step.source.relative_to(root).as_posix(): step.target.relative_to(root).as_posix()
        for step in sort_plan.steps
    }


def with_reasons(*reasons: Reason) -> Judged:
    """Make a frame with these reasons, whatever its evidence."""
    good = judged(Path("a.jpg"))
    return replace(good, verdict=replace(good.verdict, reasons=reasons))


def test_each_verdict_has_its_folder(tmp_path: Path) -> None:
    """Kept, rejected and doubtful photos have their folders; unreadable ones stay."""
    make_files(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    sort_plan = plan(
        tmp_path,
        judged(tmp_path / "a.jpg"),
        judged(tmp_path / "b.jpg", faces=(face(0.02),)),
        judged(tmp_path / "c.jpg", defects={"too_dark": 0.7}),
        unreadable(tmp_path / "d.jpg", tmp_path / "d.png"),
    )
    assert relative_targets(sort_plan) == {
        "a.jpg": "out/keep/a.jpg",
        "b.jpg": "out/reject/b.jpg",
        "c.jpg": "out/cannot_tell/c.jpg",
    }
    assert not (tmp_path / "out").exists()


def test_empty_shoot_is_an_empty_plan(tmp_path: Path) -> None:
    """Without readable photos there is nothing to do."""
    assert plan(tmp_path).steps == ()
    assert plan(tmp_path, unreadable(tmp_path / "d.jpg"), how="link").steps == ()


def test_all_files_of_a_frame_have_one_folder(tmp_path: Path) -> None:
    """The pair, Lightroom's, darktable's, DxO's and RawTherapee's sidecars, in any case."""
    companions = ["I.NEF", "I.JPG", "I.xmp", "I.NEF.xmp", "i.nef.PP3", "I.JPG.dop", "I.THM", "I.wav"]
    companions += ["I.MOV", "I.acr", "I.NEF.3f2a.rrdata", "I_01.NEF.xmp", "I.JPG.supplemental-metadata.json"]
    make_files(tmp_path, *companions, "I2.NEF.xmp", "J.xmp", "I_01.CR3.xmp", "II.MOV", "I")
    sort_plan = plan(tmp_path, judged(tmp_path / "I.NEF", tmp_path / "I.JPG"), how="move")
    assert relative_targets(sort_plan) == {name: f"out/keep/{name}" for name in companions}


def test_settings_in_folders_of_other_programs_stay_in_such_folders(tmp_path: Path) -> None:
    """NX Studio and Capture One keep them in sub-folders, and read them there only."""
    names = ["NKSC_PARAM/I.NEF.nksc", "CaptureOne/Settings153/I.NEF.cos"]
    make_files(tmp_path, "I.NEF", *names, "NKSC_PARAM/J.NEF.nksc", "other/I.NEF.nksc")
    sort_plan = plan(tmp_path, judged(tmp_path / "I.NEF"), how="move")
    assert relative_targets(sort_plan) == {name: f"out/keep/{name}" for name in ("I.NEF", *names)}


def test_companion_is_that_of_the_longest_name(tmp_path: Path) -> None:
    """Of photos whose names begin alike, and of frames with one stem; another photo is no companion."""
    names = ["a.NEF", "a.xmp", "a.b.NEF", "a.b.xmp", "a.b.NEF.dop", "a_01.NEF", "a_01.NEF.xmp", "a.tif"]
    make_files(tmp_path, *names)
    sort_plan = plan(tmp_path, judged(tmp_path / "a.NEF"), how="move")
    assert [*relative_targets(sort_plan)] == ["a.xmp", "a.NEF"]
    sort_plan = plan(tmp_path, judged(tmp_path / "a.b.NEF"), how="move")
    assert [*relative_targets(sort_plan)] == ["a.b.NEF.dop", "a.b.xmp", "a.b.NEF"]


def test_sub_folders_of_the_shoot_are_kept(tmp_path: Path) -> None:
    """Two cameras with the same file names do not collide: their folders are kept."""
    names = ["cards/one/I.jpg", "cards/two/I.jpg", "cards/two/deep/I.jpg"]
    make_files(tmp_path, *names)
    sort_plan = plan(tmp_path, *(judged(tmp_path / name) for name in names))
    assert relative_targets(sort_plan) == {name: name.replace("cards", "out/keep") for name in names}


def test_relative_paths_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path relative to the working folder has the target of its absolute path."""
    make_files(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    sort_plan = plan_sort([judged(Path("x/../a.jpg"))], Path("out"), "copy")
    assert relative_targets(sort_plan) == {"a.jpg": "out/keep/a.jpg"}


def test_photo_at_its_target_stays(tmp_path: Path) -> None:
    """A file that is already in its folder is no step."""
    make_files(tmp_path, "keep/a.jpg")
    sort_plan = plan_sort([judged(tmp_path / "keep/a.jpg")], tmp_path, "move")
    assert sort_plan.steps == ()


def test_eyes_and_category_name_folders() -> None:
    """The folder is the state of the eyes, or the likeliest category."""
    blink, scene = judged(Path("a.jpg"), faces=(face(0.02),)), judged(Path("b.jpg"))
    assert (folder_of(blink, "eyes"), folder_of(scene, "eyes")) == ("closed", "no_faces")
    assert (folder_of(blink, "category"), folder_of(scene, "category")) == ("people", "landscape")


def test_strongest_defect_names_the_folder() -> None:
    """Rejecting ones come before doubtful ones, then the one furthest past its limit; eyes are no defect."""
    dark, noisy = Reason("too_dark", 0.9, 0.85), Reason("noise", 0.999, 0.97)
    doubt, blink = Reason("bright_doubtful", 1.0, 0.6), Reason("eyes_closed", 0.0, 0.12)
    soft = Reason("out_of_focus", 0.1, 0.2)
    assert folder_of(with_reasons(), "defect") == "good"
    assert folder_of(with_reasons(blink), "defect") == "good"
    assert folder_of(with_reasons(blink, doubt), "defect") == "too_bright"
    assert folder_of(with_reasons(doubt, dark), "defect") == "too_dark"
    assert folder_of(with_reasons(dark, noisy), "defect") == "noise"
    assert folder_of(with_reasons(dark, soft), "defect") == "defocus"
    assert folder_of(with_reasons(replace(dark, limit=1.0)), "defect") == "too_dark"


@pytest.mark.parametrize(("motion", "folder"), [(0.5, "motion_blur"), (0.1, "defocus")])
def test_doubtful_focus_is_sorted_by_its_kind(motion: float, folder: str) -> None:
    """Where focus is only doubtful, the likelier kind of blur names the folder."""
    doubtful = judged(Path("a.jpg"), focus=focus(0.3, motion=motion))
    reasons = (Reason("focus_doubtful", 0.3, 0.4),)
    assert (
        folder_of(replace(doubtful, verdict=replace(doubtful.verdict, reasons=reasons)), "defect") == folder
    )


def test_every_reason_has_a_folder_or_is_no_defect() -> None:
    """A new reason code needs a folder here."""
    series = {"better_in_series", "better_doubtful", "blink_in_series", "copy", "copy_doubtful", "kept_whole"}
    taste = {"select_likely", "select_spares", "select_unlikely"}
    eyes = {"eyes_closed", "eyes_doubtful", "eyes_on_purpose"}
    no_folder = {"focus_doubtful", "low_resolution", "sharp_subject", "document", "screenshot", "recoverable"}
    assert {*DEFECT_FOLDERS} | no_folder | eyes | series | taste == set(REASON_TEXTS)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """An existing target is refused with both names, also when it is a dangling link."""
    make_files(tmp_path, "a.jpg", "out/keep/a.jpg")
    with pytest.raises(MarksError, match=r"a\.jpg would overwrite .*keep.a\.jpg"):
        plan(tmp_path, judged(tmp_path / "a.jpg"))
    (tmp_path / "out/keep/a.jpg").unlink()
    (tmp_path / "out/keep/a.jpg").symlink_to(tmp_path / "nowhere")
    with pytest.raises(MarksError, match="would overwrite"):
        plan(tmp_path, judged(tmp_path / "a.jpg"))


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    """Names that differ in case or Unicode form would overwrite each other on another drive."""
    for one, other in (("a.jpg", "A.jpg"), ("\u00e9.jpg", "e\u0301.jpg")):
        make_files(tmp_path, one, other)
        if (tmp_path / one).samefile(tmp_path / other):
            pytest.skip("this drive cannot hold both names")
        with pytest.raises(MarksError, match="would both become"):
            plan(tmp_path, judged(tmp_path / one), judged(tmp_path / other))


def test_shared_sidecar_is_copied_twice_but_not_moved(tmp_path: Path) -> None:
    """A.xmp of A.NEF and A.TIF is copied with both; it could be moved with one only."""
    make_files(tmp_path, "A.NEF", "A.TIF", "A.xmp")
    shoot = (judged(tmp_path / "A.NEF"), judged(tmp_path / "A.TIF", faces=(face(0.02),)))
    targets = {step.target.relative_to(tmp_path).as_posix() for step in plan(tmp_path, *shoot).steps}
    assert {"out/keep/A.xmp", "out/reject/A.xmp"} <= targets
    with pytest.raises(MarksError, match=r"A\.xmp belongs both to"):
        plan(tmp_path, *shoot, how="move")


@pytest.mark.parametrize("how", ["copy", "link", "move"])
def test_missing_photo_is_refused(tmp_path: Path, how: SortMode) -> None:
    """A stored result whose photo is gone stops the plan before anything is touched."""
    with pytest.raises(MarksError, match="no longer there"):
        plan(tmp_path, judged(tmp_path / "a.jpg"), how=how)


def test_link_is_not_moved(tmp_path: Path) -> None:
    """A link could break when it is moved; copying copies its target."""
    make_files(tmp_path, "real.jpg")
    (tmp_path / "a.jpg").symlink_to("real.jpg")
    with pytest.raises(MarksError, match="is a link"):
        plan(tmp_path, judged(tmp_path / "a.jpg"), how="move")
    assert len(plan(tmp_path, judged(tmp_path / "a.jpg"), how="copy").steps) == 1


def test_file_with_the_name_of_a_folder_is_named(tmp_path: Path) -> None:
    """Where a file has a folder's name, the error names it and it stays."""
    make_files(tmp_path, "a.jpg", "out/keep")
    with pytest.raises(MarksError, match="in the way"):
        plan(tmp_path, judged(tmp_path / "a.jpg"))


def test_links_across_drives_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard link cannot leave its drive: the error names the option to use."""
    make_files(tmp_path, "a.jpg")
    assert len(plan(tmp_path, judged(tmp_path / "a.jpg"), how="link").steps) == 1
    monkeypatch.setattr(plan_module, "_nearest_existing", lambda path: SimpleNamespace(
        is_dir=lambda: True, stat=lambda: SimpleNamespace(st_dev=-1)
    ))  # fmt: skip
    with pytest.raises(MarksError, match="--copy"):
        plan(tmp_path, judged(tmp_path / "a.jpg"), how="link")


def test_shoot_on_two_drives_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows drives have no common folder: the error names both folders."""

    def fail(_: object) -> str:
        raise ValueError("Paths don't have the same drive")

    make_files(tmp_path, "a.jpg")
    monkeypatch.setattr(os.path, "commonpath", fail)
    with pytest.raises(MarksError, match="different drives"):
        plan(tmp_path, judged(tmp_path / "a.jpg"))


def test_unreadable_folder_is_an_error(tmp_path: Path) -> None:
    """Without its listing the sidecars of a photo are unknown."""
    with pytest.raises(MarksError, match="cannot be read"):
        plan(tmp_path, judged(tmp_path / "gone" / "a.jpg"))
