"""The house keeps its shape: packages import only those before them, and heavy guests stay at the edges."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "daemon" / "autocull"
LINE = (
    *("errors", "vocabulary", "arrays", "atomic_write", "paths", "sqlite", "stats", "read", "measure"),
    *("series", "taste", "judge", "output", "pipeline", "fixtures", "serve", "train", "learn", "install"),
    "cli",
)
"""The straight line, first to last; `__main__` and the package itself stand outside it."""

OUTSIDERS = {
    "tensorflow": {"train"},
    "keras": {"train"},
    "keras_tuner": {"train"},
    "matplotlib": {"train", "learn"},
    "sqlite3": {"sqlite", "pipeline", "serve", "learn"},
    "pebble": {"pipeline"},
    "rawpy": {"read"},
    "simplejpeg": {"read"},
    "exifread": {"read"},
    "pillow_heif": {"read"},
    "ai_edge_litert": {"measure", "train"},
    "click": {"cli"},
    "rich": {"cli", "train", "learn"},
    "flask": {"serve"},
    "werkzeug": {"serve"},
    "waitress": {"serve"},
    "jinja2": {"output", "learn"},
    "defusedxml": {"output"},
    "skimage": {"cli"},
}
"""Which packages may import a library, so that each is met in one place only."""


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every absolutely imported module of a file, with its line, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield str(node.module), node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def modules() -> list[Path]:
    """List the source files of the line: all but the package's own `__init__` and `__main__`."""
    return sorted(path for path in PACKAGE.rglob("*.py") if not place(path).startswith("__"))


def place(path: Path) -> str:
    """Return the name of the package or top-level module that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_package_imports_only_those_before_it(path: Path) -> None:
    """Along path → Photo → Evidence → Verdict → marks, nothing looks ahead."""
    here = place(path)
    before = LINE[: LINE.index(here) + 1]
    for module, line in imports(path):
        parts = module.split(".")
        if parts[0] == "autocull" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] in before, f"{path}:{line} imports {module}, which comes later"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_library_is_met_only_where_it_belongs(path: Path) -> None:
    """Decoders stay in read, networks in measure, SQLite and processes in run, TensorFlow in train."""
    for module, line in imports(path):
        allowed = OUTSIDERS.get(module.split(".")[0])
        assert allowed is None or place(path) in allowed, f"{path}:{line} imports {module}"


def test_every_part_has_its_place_in_the_line() -> None:
    """A new package must be given its place, or this test tells."""
    found = {place(path) for path in modules()}
    assert found == set(LINE)


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        pytest.param(
            "autocull.cli, autocull.pipeline.cull_run, autocull.measure.ensemble",
            ("tensorflow", "keras", "matplotlib", "skimage"),
            id="culling",
        ),
        pytest.param(
            "autocull.cli.cull.command, autocull.pipeline.cull_run",
            ("numpy", "PIL", "pydantic", "rich"),
            id="until the workers are started",
        ),
        pytest.param(
            "autocull.serve.app, autocull.serve.jobs.store, autocull.serve.jobs.runner",
            ("numpy", "PIL", "pydantic", "rich", "pebble", "tensorflow", "autocull.judge"),
            id="the daemon until its first job",
        ),
    ],
)
def test_starting_imports_nothing_heavy(modules: str, heavy: tuple[str, ...]) -> None:
    """Culling lives without TensorFlow, and the workers are on their way before NumPy is imported."""
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
