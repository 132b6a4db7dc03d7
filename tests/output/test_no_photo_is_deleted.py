"""Test that no photo is deleted: every call that removes a file is listed with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import autocull

PACKAGE = Path(autocull.__file__).parent
REMOVING = {"unlink", "rmdir", "rmtree", "removedirs", "send2trash", "truncate"}
REMOVING_OF = {("os", "remove"), ("shutil", "move"), ("Path", "replace")}
ALLOWED = {
    ("atomic_write.py", "discard"),  # a temporary file
    ("atomic_write.py", "remove_stale_temporaries"),  # those of killed processes
    ("private_files.py", "make_private_subfolder"),  # a link in the place of a private folder
    ("serve/process/lifecycle.py", "_launch"),  # a link in the place of the log of the daemon's start
    ("output/sorting/file_operations.py", "move"),  # the source, once its copy on another drive is verified
    (
        "output/sorting/file_operations.py",
        "remove",
    ),  # a copy or link by Autocull, while the original is there
    ("output/sorting/file_operations.py", "discard"),  # an unfinished copy
    ("output/sorting/exclusive_rename.py", "_link_and_unlink"),  # the old name of a file, which has a new one
    ("output/sorting/undo_journal.py", "_remove_if_empty"),  # an empty folder that Autocull made
    ("output/sidecars/sidecar_file.py", "remove_created"),  # a sidecar that holds exactly what Autocull wrote
    ("serve/jobs/previews.py", "delete"),  # a preview that the daemon wrote
    ("serve/process/runtime_files.py", "remove_daemon_info"),  # the daemon.json of this daemon
    ("install/startup_entry.py", "remove_file"),  # a file that the installation made
    ("install/plugin.py", "remove"),  # the installed plug-in, by its identifier
    ("install/installer.py", "_remove_runtime_dir"),  # the folder where plug-in and daemon met
    ("install/user_data.py", "remove_empty_folders"),  # a folder of Autocull, where it is empty
    ("taste/profile_store.py", "delete"),  # a taste and the page about it, each known by its mark
    ("train/fitting/fit.py", "on_epoch_end"),  # the checkpoint before the one just written
    ("train/fitting/export.py", "_save_keras"),  # trained weights that are too large to ship
    ("train/fitting/trainer.py", "finalise_model"),  # the checkpoints of a training that is complete
    (
        "train/experiments/backbone_comparison.py",
        "compare",
    ),  # the checkpoints of a network whose figures are kept
    ("train/experiments/hyperband.py", "on_trial_end"),  # the checkpoints of a trial whose figures are kept
}


def find_removals(path: Path) -> Iterator[str]:
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


def test_removing_calls_are_listed() -> None:
    """A new call that removes anything must be reviewed, and be listed here with its reason."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for function in find_removals(path):
            assert (name, function) in ALLOWED, f"{name}: {function} removes something"


def test_search_finds_the_listed_calls() -> None:
    """The listed calls of one package are calls, so a new one would be too."""
    calls = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in (PACKAGE / "output").rglob("*.py")
        for name in find_removals(path)
    }
    assert calls == {each for each in ALLOWED if each[0].startswith("output/")}
