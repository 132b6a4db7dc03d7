"""Tests of sorting with a journal: whatever fails, no photo is lost, and undo restores the shoot."""

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

from autocull.atomic_write import temporary_path
from autocull.errors import MarksError
from autocull.output.sorting import exclusive_rename, file_operations, folder_lock
from autocull.output.sorting.folder_lock import lock_target
from autocull.output.sorting.plan import FileOperation, SortMode, SortPlan
from autocull.output.sorting.undo_journal import execute, find_stopped_runs, undo
from support.evidence_builders import face
from support.result_factories import judged, plan_sort, unreadable

HOWS: tuple[SortMode, ...] = ("copy", "link", "move")
CALLS = ((os, "fsync"), (exclusive_rename, "rename_exclusively"), (os, "link"), (os, "unlink"),
         (os, "mkdir"), (os, "rmdir"), (shutil, "copyfileobj"), (shutil, "copystat"))  # fmt: skip
"""Every call by which sorting and undoing change the disk."""

TWO = slice(1, 3)
"""Two frames of one file each, from two folders: enough where every step is tried."""

Tree = dict[str, bytes]


class PowerFailure(BaseException):
    """The machine stops: nothing after it reaches the disk."""


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make fsync do nothing: a power failure happens here only between calls, when all is written.

    Locks are in a folder of the tests, which exists.
    """
    monkeypatch.setattr(os, "fsync", lambda number: None)
    locks = tmp_path_factory.mktemp("locks")
    monkeypatch.setattr(folder_lock, "lock_folder", lambda: locks)


def make_shoot(root: Path) -> SortPlan:
    """Make a shoot of three frames (a pair with a sidecar, and two more) and return its plan."""
    shoot = root / "shoot"
    for name in ("I.NEF", "I.JPG", "I.xmp", "day2/I.NEF", "b.jpg", "broken.jpg"):
        path = shoot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
        os.utime(path, ns=(10**18, 10**18 + 100))
    return make_plan(root, "move")


def make_plan(root: Path, how: SortMode, frames: slice = slice(None)) -> SortPlan:
    """Plan to sort the shoot, or some of its frames."""
    shoot = root / "shoot"
    results = [
        judged(shoot / "I.NEF", shoot / "I.JPG"),
        judged(shoot / "day2" / "I.NEF"),
        judged(shoot / "b.jpg", faces=(face(0.02),)),
        unreadable(shoot / "broken.jpg"),
    ]
    return plan_sort(results[frames], root / "out", how)


def list_contents(root: Path) -> Tree:
    """Return every file below a folder with its content, without journals."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".jsonl")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def list_paths(root: Path) -> list[str]:
    """Return every file and folder below a folder, without journals."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix != ".jsonl")


@contextmanager
def failing(number: int, error: BaseException, *, after: bool) -> Iterator[list[int]]:
    """Make the n-th change of the disk fail, before or after its effect; after a power failure all fail."""
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
        is_powered_off = isinstance(error, PowerFailure) and count[0] > number
        if is_powered_off or (count[0] == number and not after):
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
    real = exclusive_rename.rename_exclusively

    def rename(source: Any, target: Any) -> None:
        if Path(source).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exclusive_rename, "rename_exclusively", rename)
        yield


@contextmanager
def same_drive() -> Iterator[None]:
    """Change nothing."""
    yield


@pytest.mark.parametrize("drive", [same_drive, other_drive])
@pytest.mark.parametrize("how", HOWS)
def test_sorting_and_undoing_is_a_round_trip(tmp_path: Path, how: SortMode, drive: Any) -> None:
    """All files arrive complete and with their times; undo restores everything, folders included."""
    make_shoot(tmp_path)
    before, plan, journal = list_paths(tmp_path), make_plan(tmp_path, how), tmp_path / "j.jsonl"
    content = list_contents(tmp_path)
    executed: list[FileOperation] = []
    with drive():
        assert execute(plan, journal, on_step=executed.append) == 5
        assert executed == list(plan.steps)
        for step in plan.steps:
            assert (
                step.target.read_bytes()
                == content[f"shoot/{step.source.relative_to(tmp_path / 'shoot').as_posix()}"]
            )
            assert step.target.stat().st_mtime_ns == 10**18 + 100
            assert step.source.exists() == (how != "move")
            assert how != "link" or step.source.samefile(step.target)
        assert not list(tmp_path.rglob("*.tmp"))
        result = undo(journal)
    assert (result.restored, result.errors) == (5, ())
    assert list_paths(tmp_path) == before
    assert list_contents(tmp_path) == content


@pytest.mark.parametrize("how", HOWS)
def test_second_undo_does_nothing(tmp_path: Path, how: SortMode) -> None:
    """That holds also after the shoot was sorted again: a journal restores only its own steps."""
    make_shoot(tmp_path)
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    execute(make_plan(tmp_path, how), first)
    undo(first)
    execute(make_plan(tmp_path, how), second)
    sorted_tree = list_contents(tmp_path)
    assert undo(first).restored == 0
    assert list_contents(tmp_path) == sorted_tree


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "error", [PowerFailure(), OSError(28, "No space left on device")], ids=["plug", "full"]
)
@pytest.mark.parametrize(("how", "drive"), [*((how, same_drive) for how in HOWS), ("move", other_drive)])
def test_no_photo_is_lost_at_any_failure(
    tmp_path: Path, how: SortMode, drive: Any, error: BaseException, after: bool
) -> None:
    """For every n, the n-th change of the disk fails: each photo is complete somewhere, undo restores it."""
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        make_shoot(root)
        content, plan, journal = list_contents(root), make_plan(root, how, TWO), root / "j.jsonl"
        with drive(), failing(number, error, after=after) as count:
            stopped = _stops(lambda plan=plan, journal=journal: execute(plan, journal))  # type: ignore[misc]
        assert set(content.values()) <= set(list_contents(root).values())
        if count[0] < number:
            break
        assert stopped
        if journal.stat().st_size:
            with drive():
                assert undo(journal).errors == ()
        assert list_contents(root) == content
        assert list_paths(root) == sorted({*content, "shoot", "shoot/day2"})
    assert number > 12
    assert not stopped


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("how", "drive"), [*((how, same_drive) for how in HOWS), ("move", other_drive)])
def test_interrupted_undo_is_continued(tmp_path: Path, how: SortMode, drive: Any, after: bool) -> None:
    """For every n, undo stops at the n-th change of the disk: nothing is lost, a second one completes it."""
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        make_shoot(root)
        content, journal = list_contents(root), root / "j.jsonl"
        with drive():
            execute(make_plan(root, how, TWO), journal)
            with failing(number, PowerFailure(), after=after) as count:
                stopped = _stops(lambda journal=journal: undo(journal))  # type: ignore[misc]
            assert set(content.values()) <= set(list_contents(root).values())
            assert undo(journal).errors == ()
        assert list_contents(root) == content
        assert list_paths(root) == sorted({*content, "shoot", "shoot/day2"})
        if count[0] < number:
            break
    assert number > 10
    assert not stopped


def _stops(action: Callable[[], object]) -> bool:
    try:
        action()
    except (MarksError, PowerFailure):
        return True
    return False


def test_failure_names_the_file_and_the_undo_command(tmp_path: Path) -> None:
    """The message has the file, the reason, and the command that undoes the other steps."""
    make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    with (
        failing(1, OSError(28, "No space left on device"), after=False),
        pytest.raises(MarksError, match="No space"),
    ):
        execute(make_plan(tmp_path, "copy"), journal)
    (tmp_path / "j.jsonl").unlink()
    with failing(9, OSError(1, "Operation not permitted"), after=False), pytest.raises(MarksError) as caught:
        execute(make_plan(tmp_path, "link"), journal)
    assert "autocull undo" in caught.value.message
    assert "--copy" in caught.value.message
    assert caught.value.path.name == "I.xmp"


def test_journal_is_never_overwritten(tmp_path: Path) -> None:
    """Another run's journal is needed to undo it: it is refused, and nothing is touched."""
    plan = make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    journal.write_text("precious")
    before = list_contents(tmp_path)
    with pytest.raises(MarksError, match="cannot be written"):
        execute(plan, journal)
    assert journal.read_text() == "precious"
    assert list_contents(tmp_path) == before


def test_target_created_after_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    """A file that appears between planning and executing stops the run, in every mode."""
    make_shoot(tmp_path)
    for how in HOWS:
        plan = make_plan(tmp_path, how)
        plan.steps[0].target.parent.mkdir(parents=True)
        plan.steps[0].target.write_bytes(b"new")
        with pytest.raises(MarksError, match="could not be"):
            execute(plan, tmp_path / f"{how}.jsonl")
        assert plan.steps[0].target.read_bytes() == b"new"
        result = undo(tmp_path / f"{how}.jsonl")
        assert plan.steps[0].target.read_bytes() == b"new"
        assert len(result.errors) == 1
        shutil.rmtree(tmp_path / "out")


def edit(path: Path) -> None:
    """Change a file as an editor does: a new file replaces it."""
    new = path.with_suffix(".new")
    new.write_bytes(b"edited")
    new.replace(path)


@pytest.mark.parametrize("how", HOWS)
def test_only_changed_files_are_refused(tmp_path: Path, how: SortMode) -> None:
    """A copy, link or moved file that was edited since stays where it is; the others are restored."""
    make_shoot(tmp_path)
    plan, journal = make_plan(tmp_path, how), tmp_path / "j.jsonl"
    execute(plan, journal)
    changed = plan.steps[1].target
    edit(changed)
    result = undo(journal)
    assert result.restored == 4
    assert [error.path for error in result.errors] == [changed]
    assert changed.read_bytes() == b"edited"
    assert all(step.source.exists() for step in plan.steps if step.target != changed)
    assert list_paths(tmp_path / "out") == ["keep", f"keep/{changed.name}"]
    assert [error.path for error in undo(journal).errors] == [changed]


@pytest.mark.parametrize("how", ["copy", "link"])
def test_last_copy_of_a_photo_is_never_removed(tmp_path: Path, how: SortMode) -> None:
    """Where the original is missing or was changed, undo keeps the copy."""
    make_shoot(tmp_path)
    plan, journal = make_plan(tmp_path, how), tmp_path / "j.jsonl"
    execute(plan, journal)
    plan.steps[0].source.unlink()
    edit(plan.steps[1].source)
    result = undo(journal)
    assert result.restored == 3
    assert {error.path for error in result.errors} == {step.target for step in plan.steps[:2]}
    assert all(step.target.exists() for step in plan.steps[:2])


def test_link_edited_in_place_is_still_the_same_file(tmp_path: Path) -> None:
    """Writing through a link changes the photo itself, so its second name can be removed."""
    make_shoot(tmp_path)
    plan, journal = make_plan(tmp_path, "link"), tmp_path / "j.jsonl"
    execute(plan, journal)
    plan.steps[0].target.write_bytes(b"through")
    assert undo(journal).errors == ()
    assert plan.steps[0].source.read_bytes() == b"through"


def test_undo_does_not_overwrite(tmp_path: Path) -> None:
    """Where the old path is taken, the old folder missing or the file itself, the moved file is refused."""
    plan = make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(plan, journal)
    taken, without_folder = plan.steps[0], next(step for step in plan.steps if "day2" in step.source.parts)
    taken.source.write_bytes(b"new")
    without_folder.source.parent.rmdir()
    plan.steps[1].target.unlink()
    result = undo(journal)
    messages = " ".join(error.message for error in result.errors)
    assert len(result.errors) == 3
    assert "old path" in messages
    assert "is gone" in messages
    assert "at neither its new nor its old path" in messages
    assert taken.source.read_bytes() == b"new"
    assert taken.target.exists()
    assert without_folder.target.exists()


def test_folders_with_other_files_stay(tmp_path: Path) -> None:
    """Undo removes only empty folders that it created."""
    (tmp_path / "out").mkdir()
    make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(make_plan(tmp_path, "copy"), journal)
    (tmp_path / "out/keep/notes.txt").write_text("notes")
    assert undo(journal).errors == ()
    assert list_paths(tmp_path / "out") == ["keep", "keep/notes.txt"]


def test_folder_that_cannot_be_removed_is_reported(tmp_path: Path) -> None:
    """An empty folder of Autocull that the system does not remove is an error."""
    make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(make_plan(tmp_path, "copy"), journal)
    with pytest.MonkeyPatch.context() as patch:

        def fail(_: Path) -> None:
            raise OSError(16, "Device or resource busy")

        patch.setattr(Path, "rmdir", fail)
        assert {"busy" in error.message for error in undo(journal).errors} == {True}


def test_journal_is_written_before_each_step(tmp_path: Path) -> None:
    """Each step is in the journal, on the disk, before it is executed, and confirmed after it."""
    plan, journal = make_shoot(tmp_path), tmp_path / "j.jsonl"
    last_lines: list[dict[str, Any]] = []

    def check(step: FileOperation) -> None:
        lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
        assert lines[-2]["source"] == str(step.source)
        assert lines[-1]["done"] == lines[-2]["step"]
        last_lines.append(lines[-1])

    execute(plan, journal, on_step=check)
    assert len(last_lines) == 5
    assert json.loads(journal.read_text("utf-8").splitlines()[0])["version"] == 1


def test_invalid_unicode_names_are_restored(tmp_path: Path) -> None:
    """A name that is not valid Unicode is moved and restored."""
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
def test_other_files_are_refused_as_journals(tmp_path: Path, content: str) -> None:
    """Undo acts on its own journals only, and leaves other files as they are."""
    path = tmp_path / "j.jsonl"
    path.write_text(content)
    with pytest.raises(MarksError, match="not a journal"):
        undo(path)
    assert path.read_text() == content
    with pytest.raises(MarksError, match="cannot be read"):
        undo(tmp_path / "gone.jsonl")


@pytest.mark.parametrize("line", ['{"done": 99}', "{}", "3", '{"step": 1, "do": "copy"}'])
def test_inconsistent_journal_is_damaged(tmp_path: Path, line: str) -> None:
    """A line that refers to nothing is not guessed; nothing is touched."""
    make_shoot(tmp_path)
    path = tmp_path / "j.jsonl"
    execute(make_plan(tmp_path, "copy"), path)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    before = list_contents(tmp_path)
    with pytest.raises(MarksError, match="damaged"):
        undo(path)
    assert list_contents(tmp_path) == before


def test_incomplete_copy_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is short, or differs on the other drive, never costs the original."""
    source, target, temporary = tmp_path / "a", tmp_path / "out" / "a", tmp_path / "out" / "t"
    source.write_bytes(b"photo")
    target.parent.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", lambda original, copied, size: copied.write(b"pho"))
        with pytest.raises(OSError, match="changed while"):
            file_operations.copy(source, target, temporary)
    assert not target.exists()
    file_operations.discard(temporary)
    with other_drive(), monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", lambda original, copied, size: copied.write(b"phxto"))
        with pytest.raises(OSError, match="differs"):
            file_operations.move(source, target, temporary)
    assert source.read_bytes() == b"photo"


def test_read_only_photo_is_copied(tmp_path: Path) -> None:
    """Photos that were protected in the camera are read-only, and stay so."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"photo")
    source.chmod(0o444)
    file_operations.copy(source, target, tmp_path / "t")
    assert target.stat().st_mode == source.stat().st_mode


@pytest.mark.parametrize("how", ["copy", "move"])
def test_drive_that_refuses_permissions_gets_its_photos(
    tmp_path: Path, how: SortMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT, exFAT and SMB drives refuse chmod: the permissions stay behind, the photos do not."""
    (tmp_path / "a.jpg").write_bytes(b"photo")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    sort_plan = plan_sort([judged(tmp_path / "a.jpg")], tmp_path / "out", how)
    execute(sort_plan, tmp_path / "out.journal")
    assert (tmp_path / "out/keep/a.jpg").read_bytes() == b"photo"
    assert not [*tmp_path.rglob("*.tmp")]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("call", ["copyfileobj", "copystat"])
def test_failed_copy_leaves_no_temporary_file(
    tmp_path: Path, call: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the copy is stopped; 33 full-size files were left by one undo onto a full disk."""
    (tmp_path / "a").write_bytes(b"photo")

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(shutil, call, fail)
    with pytest.raises(type(error)):
        file_operations.copy(tmp_path / "a", tmp_path / "b", temporary_path(tmp_path / "b"))
    assert list_paths(tmp_path) == ["a"]


def test_undo_removes_nothing_but_its_own_temporary_files(tmp_path: Path) -> None:
    """A journal that calls another file temporary is damaged; nothing is removed."""
    victim, photo = tmp_path / "elsewhere" / ".autocull-0123456789abcdef.tmp", tmp_path / "shoot" / "b.jpg"
    victim.parent.mkdir()
    victim.write_bytes(b"precious")
    make_shoot(tmp_path)
    before = list_contents(tmp_path)
    step = {"step": 0, "do": "copy", "source": str(photo), "target": str(tmp_path / "out" / "b.jpg")}
    undoing = {"undoing": 0}
    for number, path in enumerate((victim, photo, tmp_path / "shoot" / "x" / ".." / "b.jpg")):
        for last in ([{**step, "temporary": str(path)}], [step, {**undoing, "temporary": str(path)}]):
            journal = tmp_path / f"{number}{len(last)}.jsonl"
            lines = [{"journal": "autocull sort", "version": 1}, *last]
            journal.write_text("\n".join(map(json.dumps, lines)) + "\n")
            with pytest.raises(MarksError, match="damaged"):
                undo(journal)
    assert list_contents(tmp_path) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "/other/name.jpg"},
        {"source": "relative.jpg", "target": "relative.jpg"},
        {"source": "/a\0/b.jpg", "target": "/b.jpg"},
        {"do": "delete"},
        {"source": 5},
    ],
)
def test_step_that_sorting_does_not_write_is_damage(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Another name, a path that depends on the folder, an unknown kind: nothing is guessed."""
    step = {"step": 0, "do": "copy", "source": str(tmp_path / "a"), "target": str(tmp_path / "out" / "a")}
    lines = [{"journal": "autocull sort", "version": 1}, step | changes]
    (tmp_path / "j.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    with pytest.raises(MarksError, match="damaged"):
        undo(tmp_path / "j.jsonl")


def test_file_of_another_size_is_no_copy(tmp_path: Path) -> None:
    """A journal cannot make undo remove a file that differs from its original."""
    make_shoot(tmp_path)
    plan, journal = make_plan(tmp_path, "copy"), tmp_path / "j.jsonl"
    execute(plan, journal)
    target = plan.steps[0].target
    target.write_bytes(b"another content")
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    done = next(
        line for line in lines if line.get("done") == lines[lines.index(find_step(lines, target))]["step"]
    )
    done["target"] = [*file_operations.identity_of(target)]
    journal.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert [error.path for error in undo(journal).errors] == [target]
    assert target.read_bytes() == b"another content"


def find_step(lines: list[dict[str, Any]], target: Path) -> dict[str, Any]:
    """Return the line that announces the step to a target."""
    return next(line for line in lines if line.get("target") == str(target))


def test_deep_line_is_passed_over(tmp_path: Path) -> None:
    """A line of 100,000 brackets, as a damaged disk may have, is no traceback."""
    make_shoot(tmp_path)
    journal = tmp_path / "j.jsonl"
    execute(make_plan(tmp_path, "move"), journal)
    with journal.open("a") as file:
        file.write("[" * 10**5 + "\n")
    assert undo(journal).errors == ()
    journal.write_text("[" * 10**5)
    with pytest.raises(MarksError, match="not a journal"):
        undo(journal)


@pytest.mark.parametrize("how", HOWS)
def test_full_disk_of_the_journal_is_named(
    tmp_path: Path, how: SortMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any line, of sorting or undoing, in half: one error, no photo is lost, undo restores all."""
    for number in range(1, 30):
        root = tmp_path / str(number)
        make_shoot(root)
        content, journal = list_contents(root), root / "j.jsonl"
        with monkeypatch.context() as patch:
            count = patch_write(patch, number)
            stopped = _stops(lambda root=root, journal=journal: execute(make_plan(root, how, TWO), journal))  # type: ignore[misc]
        assert stopped == (count[0] >= number)
        if b"\n" in journal.read_bytes():  # else nothing was begun
            with monkeypatch.context() as patch:
                patch_write(patch, number)
                _stops(lambda journal=journal: undo(journal))  # type: ignore[misc]
            assert undo(journal).errors == ()
            assert list_contents(root) == content


def patch_write(patch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Make the disk full from the n-th line on, of which a half is still written."""
    write, count = os.write, [0]

    def fail(descriptor: int, content: bytes) -> int:
        count[0] += 1
        if count[0] == number:
            return write(descriptor, content[: len(content) // 2])
        if count[0] > number:
            raise OSError(28, "No space left on device")
        return write(descriptor, content)

    patch.setattr(os, "write", fail)
    return count


@pytest.mark.parametrize("how", HOWS)
def test_two_plans_for_one_folder_lose_nothing(tmp_path: Path, how: SortMode) -> None:
    """Two cards with the same names, both planned before one is sorted: the second is refused."""
    cards = [tmp_path / "one", tmp_path / "two"]
    plans = []
    for card in cards:
        card.mkdir()
        (card / "I.jpg").write_bytes(str(card).encode())
        plans.append(plan_sort([judged(card / "I.jpg")], tmp_path / "out", how))
    execute(plans[0], tmp_path / "1.jsonl")
    with pytest.raises(MarksError, match="could not be"):
        execute(plans[1], tmp_path / "2.jsonl")
    assert {str(card).encode() for card in cards} <= set(list_contents(tmp_path).values())


def test_runs_that_were_stopped_are_found(tmp_path: Path) -> None:
    """By journals without an end; not once they are undone, nor while one runs."""
    into = tmp_path / "out"
    for number in (3, 7, 12):
        root = tmp_path / str(number)
        make_shoot(root)
        journal = root / "out-2026.journal"
        with failing(number, PowerFailure(), after=True):
            _stops(lambda root=root, journal=journal: execute(make_plan(root, "move"), journal))  # type: ignore[misc]
        [stopped_run] = find_stopped_runs(root / "out")
        assert stopped_run.journal == journal
        with lock_target(root / "out"):
            assert find_stopped_runs(root / "out") == []
        undo(journal)
        assert find_stopped_runs(root / "out") == []
    make_shoot(tmp_path)
    execute(make_plan(tmp_path, "move"), tmp_path / "out-2026.journal")
    (tmp_path / "out-notes.journal").write_text("notes")
    assert find_stopped_runs(into) == []


def test_journal_of_version_01_is_undone_and_found(tmp_path: Path) -> None:
    """It has neither the folder nor an end; a step without its end shows that it was stopped."""
    make_shoot(tmp_path)
    content, journal = list_contents(tmp_path), tmp_path / "out-1.journal"
    execute(make_plan(tmp_path, "move"), journal)
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    del lines[0]["into"], lines[-1]
    journal.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert find_stopped_runs(tmp_path / "out") == []
    journal.write_text("\n".join(map(json.dumps, lines[:-1])) + "\n")
    assert [each.journal for each in find_stopped_runs(tmp_path / "out")] == [journal]
    assert undo(journal).errors == ()
    journal.unlink()
    assert list_contents(tmp_path) == content


def test_sidecar_goes_before_its_photo(tmp_path: Path) -> None:
    """Where a run is killed in between, the photo is still where the next run finds it."""
    plan = make_shoot(tmp_path)
    order = [step.source.name for step in plan.steps]
    assert order.index("I.xmp") < order.index("I.NEF")
