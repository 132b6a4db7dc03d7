"""Nothing in the house deletes a photo: every call that removes a file is known, and has its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import autocull

PACKAGE = Path(autocull.__file__).parent
REMOVING = {"unlink", "rmdir", "rmtree", "removedirs", "send2trash", "truncate"}
REMOVING_OF = {("os", "remove"), ("shutil", "move"), ("Path", "replace")}
ALLOWED = {
    ("atomic.py", "whole_file"),  # our own temporary file
    ("marks/placing.py", "move"),  # the source, once its copy on another drive is verified
    ("marks/placing.py", "take_away"),  # our own copy or link, while the original is there
    ("marks/placing.py", "discard"),  # our own half-made copy
    ("marks/journal.py", "_remove_if_empty"),  # an empty folder that we made
    ("serve/home.py", "withdraw"),  # our own daemon.json
    ("install/entries.py", "remove"),  # a file that the installation made
    ("install/plugin.py", "take_away"),  # our plug-in's copy, known by its identifier
    ("install/installing.py", "_remove_own"),  # the folder where plug-in and daemon met
    ("install/installing.py", "_remove_like"),  # our own folder, where it is empty
    ("taste/files.py", "delete"),  # a taste and the page about it, each known by its mark
    ("train/fit.py", "on_epoch_end"),  # the checkpoint before the one just written
    ("train/export.py", "write_model"),  # trained weights that are too large to ship
    ("train/training.py", "finish"),  # the checkpoints of a training that is complete
    ("train/comparison.py", "compare"),  # the checkpoints of a network whose figures are kept
    ("train/tuning.py", "on_trial_end"),  # the checkpoints of a trial whose figures are kept
}


def removals(path: Path) -> Iterator[str]:
    """Yield the function around every call in a file that can remove a file or folder."""
    yield from _within(ast.parse(path.read_text("utf-8")), "")


def _within(node: ast.AST, function: str) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        function = node.name
    if isinstance(node, ast.Attribute) and _removes(node):
        yield function
    for child in ast.iter_child_nodes(node):
        yield from _within(child, function)


def _removes(node: ast.Attribute) -> bool:
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    return node.attr in REMOVING or (owner, node.attr) in REMOVING_OF


def test_files_are_removed_only_where_it_is_verified() -> None:
    """A new call that removes anything must be looked at, and be listed here with its reason."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for function in removals(path):
            assert (name, function) in ALLOWED, f"{name}: {function} removes something"


def test_the_search_finds_what_there_is() -> None:
    """The test sees the calls that it allows: it would see a new one too."""
    found = {
        (f"marks/{path.name}", name) for path in (PACKAGE / "marks").glob("*.py") for name in removals(path)
    }
    assert found == {each for each in ALLOWED if each[0].startswith("marks/")}
