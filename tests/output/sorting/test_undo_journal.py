"""Sorting with a journal: whatever fails and whenever, no photo is lost, and undo finds the way back."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import MarksError
from autocull.output.sorting import file_operations
from autocull.output.sorting.plan import FileOperation, SortMode, SortPlan
from autocull.output.sorting.undo_journal import execute, undo
from support.evidence_builders import face
from support.result_factories import judged, plan_sort, unreadable

HOWS: tuple[SortMode, ...] = ("copy", "link", "move")
CALLS = ((os, "fsync"), (os, "rename"), (os, "link"), (os, "unlink"), (os, "mkdir"), (os, "rmdir"),
         (shutil, "copyfileobj"), (shutil, "copystat"))  # fmt: skip
"""Every call by which sorting and undoing change the disk."""

TWO = slice(1, 3)
"""Two frames of one file each, from two folders: enough where every step is tried."""

Tree = dict[str, bytes]


class PulledPlug(BaseException):
    """The machine stops: nothing after it reaches the disk."""


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: a plug is pulled here only between calls, where all is written."""
    monkeypatch.setattr(os, "fsync", lambda number: None)


def lay(root: Path) -> SortPlan:
    """Make a shoot of three frames (a pair with a sidecar, and two more) and return where it lies."""
    shoot = root / "shoot"
    for name in ("I.NEF", "I.JPG", "I.xmp", "day2/I.NEF", "b.jpg", "broken.jpg"):
        path = shoot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
        os.utime(path, ns=(10**18, 10**18 + 100))
    return planned(root, "move")


def planned(root: Path, how: SortMode, frames: slice = slice(None)) -> SortPlan:
    """Plan to sort the shoot, or some of its frames."""
    shoot = root / "shoot"
    results = [
        judged(shoot / "I.NEF", shoot / "I.JPG"),
        judged(shoot / "day2" / "I.NEF"),
        judged(shoot / "b.jpg", faces=(face(0.02),)),
        unreadable(shoot / "broken.jpg"),
    ]
    return plan_sort(results[frames], root / "out", how)


def tree(root: Path) -> Tree:
    """Return every file below a folder with its content, journals aside."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".jsonl")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def everything(root: Path) -> list[str]:
    """Return every file and folder below a folder, journals aside."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix != ".jsonl")


@contextmanager
def failing(number: int, error: BaseException, *, after: bool) -> Iterator[list[int]]:
    """Make the n-th change of the disk fail, before or after it had its effect.

    Once the plug is pulled, every further call fails too, so that no clean-up can help.
    """
    count = [0]
    with pytest.MonkeyPatch.context() as patch:
        for module, name in CALLS:
            patch.setattr(module, name, _counted(getattr(module, name), number, count, error, after))
        yield count


def _counted(
    real: Callable[..., Any], number: int, count: list[int], error: BaseException, after: bool
) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        count[0] += 1
        pulled = isinstance(error, PulledPlug) and count[0] > number
        if pulled or (count[0] == number and not after):
            raise error
        try:
            return real(*args, **options)
        finally:
            if count[0] == number:
                raise error

    return call


@contextmanager
def other_drive() -> Iterator[None]:
    """Let renames between folders fail as they do between two drives."""
    real = os.rename

    def rename(source: Any, target: Any) -> None:
        if Path(source).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", rename)
        yield


@contextmanager
def same_drive() -> Iterator[None]:
    """Leave everything as it is."""
    yield


@pytest.mark.parametrize("drive", [same_drive, other_drive])
@pytest.mark.parametrize("how", HOWS)
def test_sorting_and_undoing_is_a_round_trip(tmp_path: Path, how: SortMode, drive: Any) -> None:
    """All files arrive whole and with their times; undo leaves exactly what was there, folders included."""
    lay(tmp_path)
    before, plan, journal = everything(tmp_path), planned(tmp_path, how), tmp_path / "j.jsonl"
    content = tree(tmp_path)
    told: list[FileOperation] = []
    with drive():
        assert execute(plan, journal, on_step=told.append) == 5
        assert told == list(plan.steps)
        for step in plan.steps:
            assert (
                step.target.read_bytes()
                == content[f"shoot/{step.source.relative_to(tmp_path / 'shoot').as_posix()}"]
            )
            assert step.target.stat().st_mtime_ns == 10**18 + 100
            assert step.source.exists() == (how != "move")
            assert how != "link" or step.source.samefile(step.target)
        assert not list(tmp_path.rglob("*.tmp"))
        undone = undo(journal)
    assert (undone.restored, undone.errors) == (5, ())
    assert everything(tmp_path) == before
    assert tree(tmp_path) == content


@pytest.mark.parametrize("how", HOWS)
def test_a_second_undo_does_nothing(tmp_path: Path, how: SortMode) -> None:
    """Also after the shoot was sorted anew: a journal puts back only what it tells of."""
    lay(tmp_path)
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    execute(planned(tmp_path, how), first)
    undo(first)
    execute(planned(tmp_path, how), second)
    sorted_tree = tree(tmp_path)
    assert undo(first).restored == 0
    assert tree(tmp_path) == sorted_tree


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "error", [PulledPlug(), OSError(28, "No space left on device")], ids=["plug", "full"]
)
@pytest.mark.parametrize(("how", "drive"), [*((how, same_drive) for how in HOWS), ("move", other_drive)])
def test_whenever_it_stops_no_photo_is_lost(
    tmp_path: Path, how: SortMode, drive: Any, error: BaseException, after: bool
) -> None:
    """For every n, the n-th change of the disk fails: each photo is whole somewhere, undo puts it back."""
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        lay(root)
        content, plan, journal = tree(root), planned(root, how, TWO), root / "j.jsonl"
        with drive(), failing(number, error, after=after) as count:
            stopped = _stops(lambda plan=plan, journal=journal: execute(plan, journal))  # type: ignore[misc]
        assert set(content.values()) <= set(tree(root).values())
        if count[0] < number:
            break
        assert stopped
        if journal.stat().st_size:
            with drive():
                assert undo(journal).errors == ()
        assert tree(root) == content
        assert everything(root) == sorted({*content, "shoot", "shoot/day2"})
    assert number > 12
    assert not stopped


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("how", "drive"), [*((how, same_drive) for how in HOWS), ("move", other_drive)])
def test_an_undo_that_stops_is_taken_up_again(tmp_path: Path, how: SortMode, drive: Any, after: bool) -> None:
    """For every n, undoing stops at the n-th change of the disk: nothing is lost, a second undo ends it."""
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        lay(root)
        content, journal = tree(root), root / "j.jsonl"
        with drive():
            execute(planned(root, how, TWO), journal)
            with failing(number, PulledPlug(), after=after) as count:
                stopped = _stops(lambda journal=journal: undo(journal))  # type: ignore[misc]
            assert set(content.values()) <= set(tree(root).values())
            assert undo(journal).errors == ()
        assert tree(root) == content
        assert everything(root) == sorted({*content, "shoot", "shoot/day2"})
        if count[0] < number:
            break
    assert number > 10
    assert not stopped


def _stops(action: Callable[[], object]) -> bool:
    try:
        action()
    except (MarksError, PulledPlug):
        return True
    return False


def test_a_failure_names_the_file_and_the_way_back(tmp_path: Path) -> None:
    """The photographer reads which file failed, why, and the command that undoes the rest."""
    lay(tmp_path)
    journal = tmp_path / "j.jsonl"
    with (
        failing(1, OSError(28, "No space left on device"), after=False),
        pytest.raises(MarksError, match="No space"),
    ):
        execute(planned(tmp_path, "copy"), journal)
    (tmp_path / "j.jsonl").unlink()
    with failing(9, OSError(1, "Operation not permitted"), after=False), pytest.raises(MarksError) as caught:
        execute(planned(tmp_path, "link"), journal)
    assert "autocull undo" in caught.value.message
    assert "--copy" in caught.value.message
    assert caught.value.path.name == "I.NEF"


def test_a_journal_is_never_overwritten(tmp_path: Path) -> None:
    """Another run's journal is its only way back: it is refused, and nothing is touched."""
    plan = lay(tmp_path)
    journal = tmp_path / "j.jsonl"
    journal.write_text("precious")
    before = tree(tmp_path)
    with pytest.raises(MarksError, match="cannot be written"):
        execute(plan, journal)
    assert journal.read_text() == "precious"
    assert tree(tmp_path) == before


def test_a_place_taken_since_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    """What appears between planning and doing stops the run, in every way of sorting."""
    lay(tmp_path)
    for how in HOWS:
        plan = planned(tmp_path, how)
        plan.steps[0].target.parent.mkdir(parents=True)
        plan.steps[0].target.write_bytes(b"hers")
        with pytest.raises(MarksError, match="could not be"):
            execute(plan, tmp_path / f"{how}.jsonl")
        assert plan.steps[0].target.read_bytes() == b"hers"
        undone = undo(tmp_path / f"{how}.jsonl")
        assert plan.steps[0].target.read_bytes() == b"hers"
        assert len(undone.errors) == 1
        shutil.rmtree(tmp_path / "out")


def edit(path: Path) -> None:
    """Change a file as an editor does: a new file takes its place."""
    new = path.with_suffix(".new")
    new.write_bytes(b"edited")
    new.replace(path)


@pytest.mark.parametrize("how", HOWS)
def test_a_changed_file_is_refused_by_itself(tmp_path: Path, how: SortMode) -> None:
    """A copy, link or moved file that was edited since stays where it is; the others go back."""
    lay(tmp_path)
    plan, journal = planned(tmp_path, how), tmp_path / "j.jsonl"
    execute(plan, journal)
    changed = plan.steps[1].target
    edit(changed)
    undone = undo(journal)
    assert undone.restored == 4
    assert [error.path for error in undone.errors] == [changed]
    assert changed.read_bytes() == b"edited"
    assert all(step.source.exists() for step in plan.steps if step.target != changed)
    assert everything(tmp_path / "out") == ["keep", f"keep/{changed.name}"]
    assert [error.path for error in undo(journal).errors] == [changed]


@pytest.mark.parametrize("how", ["copy", "link"])
def test_the_last_copy_of_a_photo_is_never_removed(tmp_path: Path, how: SortMode) -> None:
    """Where the original is gone or was changed, undo keeps the copy."""
    lay(tmp_path)
    plan, journal = planned(tmp_path, how), tmp_path / "j.jsonl"
    execute(plan, journal)
    plan.steps[0].source.unlink()
    edit(plan.steps[1].source)
    undone = undo(journal)
    assert undone.restored == 3
    assert {error.path for error in undone.errors} == {step.target for step in plan.steps[:2]}
    assert all(step.target.exists() for step in plan.steps[:2])


def test_a_link_edited_in_place_is_still_the_same_file(tmp_path: Path) -> None:
    """Writing through a link changes the photo itself, so its second name can go."""
    lay(tmp_path)
    plan, journal = planned(tmp_path, "link"), tmp_path / "j.jsonl"
    execute(plan, journal)
    plan.steps[0].target.write_bytes(b"through")
    assert undo(journal).errors == ()
    assert plan.steps[0].source.read_bytes() == b"through"


def test_a_moved_file_does_not_push_another_away(tmp_path: Path) -> None:
    """Where its old place is taken, its old folder gone or the file itself, the moved file is refused."""
    plan = lay(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(plan, journal)
    taken, homeless = plan.steps[0], next(step for step in plan.steps if "day2" in step.source.parts)
    taken.source.write_bytes(b"new")
    homeless.source.parent.rmdir()
    plan.steps[1].target.unlink()
    undone = undo(journal)
    words = " ".join(error.message for error in undone.errors)
    assert len(undone.errors) == 3
    assert "old place" in words
    assert "is gone" in words
    assert "neither there nor" in words
    assert taken.source.read_bytes() == b"new"
    assert taken.target.exists()
    assert homeless.target.exists()


def test_folders_with_something_else_in_them_stay(tmp_path: Path) -> None:
    """Undo removes only empty folders, and only those it made."""
    (tmp_path / "out").mkdir()
    lay(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(planned(tmp_path, "copy"), journal)
    (tmp_path / "out/keep/notes.txt").write_text("hers")
    assert undo(journal).errors == ()
    assert everything(tmp_path / "out") == ["keep", "keep/notes.txt"]


def test_a_folder_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    """An empty folder of ours that the system will not let go is reported."""
    lay(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(planned(tmp_path, "copy"), journal)
    with pytest.MonkeyPatch.context() as patch:

        def busy(_: Path) -> None:
            raise OSError(16, "Device or resource busy")

        patch.setattr(Path, "rmdir", busy)
        assert {"busy" in error.message for error in undo(journal).errors} == {True}


def test_the_journal_is_ahead_of_the_disk(tmp_path: Path) -> None:
    """Each step is in the journal, on the disk, before it is done, and told as done after it."""
    plan, journal = lay(tmp_path), tmp_path / "j.jsonl"
    seen: list[dict[str, Any]] = []

    def look(step: FileOperation) -> None:
        lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
        assert lines[-2]["source"] == str(step.source)
        assert lines[-1]["done"] == lines[-2]["step"]
        seen.append(lines[-1])

    execute(plan, journal, on_step=look)
    assert len(seen) == 5
    assert json.loads(journal.read_text("utf-8").splitlines()[0])["version"] == 1


def test_odd_names_come_back(tmp_path: Path) -> None:
    """A name that is no valid Unicode goes there and back."""
    name = os.fsdecode(b"I_\xff.jpg")
    try:
        (tmp_path / name).write_bytes(b"odd")
    except OSError:
        pytest.skip("this drive allows no such name")
    plan = plan_sort([judged(tmp_path / name)], tmp_path / "out", "move")
    execute(plan, tmp_path / "j.jsonl")
    assert not (tmp_path / name).exists()
    assert undo(tmp_path / "j.jsonl").restored == 1
    assert (tmp_path / name).read_bytes() == b"odd"


@pytest.mark.parametrize("content", ["", "{}", "[1]\n", "no json", '{"journal": "other", "version": 1}\n'])
def test_what_is_no_journal_is_refused(tmp_path: Path, content: str) -> None:
    """Undo acts on its own journals only, and leaves others as they are."""
    path = tmp_path / "j.jsonl"
    path.write_text(content)
    with pytest.raises(MarksError, match="no journal"):
        undo(path)
    assert path.read_text() == content
    with pytest.raises(MarksError, match="cannot be read"):
        undo(tmp_path / "gone.jsonl")


@pytest.mark.parametrize("line", ['{"done": 99}', "{}", "3", '{"step": 1, "do": "copy"}'])
def test_a_journal_that_makes_no_sense_is_damaged(tmp_path: Path, line: str) -> None:
    """A line that refers to nothing is not guessed at; nothing is touched."""
    lay(tmp_path)
    path = tmp_path / "j.jsonl"
    execute(planned(tmp_path, "copy"), path)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    before = tree(tmp_path)
    with pytest.raises(MarksError, match="damaged"):
        undo(path)
    assert tree(tmp_path) == before


def test_a_copy_that_went_wrong_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is short, or differs on the other drive, never costs the original."""
    source, target, temporary = tmp_path / "a", tmp_path / "out" / "a", tmp_path / "out" / "t"
    source.write_bytes(b"photo")
    target.parent.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", lambda original, made, size: made.write(b"pho"))
        with pytest.raises(OSError, match="changed while"):
            file_operations.copy(source, target, temporary)
    assert not target.exists()
    file_operations.discard(temporary)
    with other_drive(), monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", lambda original, made, size: made.write(b"phxto"))
        with pytest.raises(OSError, match="differs"):
            file_operations.move(source, target, temporary)
    assert source.read_bytes() == b"photo"


def test_a_read_only_photo_is_copied(tmp_path: Path) -> None:
    """Photos that were locked in the camera are read-only, and stay so."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"photo")
    source.chmod(0o444)
    file_operations.copy(source, target, tmp_path / "t")
    assert target.stat().st_mode == source.stat().st_mode
