"""The structure of the package: order of imports, libraries, and the size of folders and functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "daemon" / "autocull"
ORDER = (
    *("errors", "vocabulary", "plurals", "arrays", "atomic_write", "paths", "private_files", "sqlite"),
    *("stats", "read", "measure"),
    *("series", "taste", "judge", "output", "pipeline", "fixtures", "serve", "learn", "train", "install"),
    "cli",
)
"""Packages and top-level modules; each imports only those before it, `__init__` and `__main__` aside."""

EVERYWHERE = {"numpy", "PIL", "pydantic", "pydantic_core", "lazy_loader"}
"""Libraries that every package may import."""

LIBRARIES = {
    "ai_edge_litert": {"measure"},
    "click": {"cli"},
    "defusedxml": {"output"},
    "exifread": {"read"},
    "filelock": {"serve", "output"},
    "flask": {"serve"},
    "jinja2": {"output"},
    "keras": {"train"},
    "keras_tuner": {"train"},
    "matplotlib": {"train"},
    "pillow_heif": {"read"},
    "platformdirs": {"paths"},
    "rawpy": {"read"},
    "rich": {"cli"},
    "scipy": {"train"},
    "simplejpeg": {"read"},
    "skimage": {"cli"},
    "sqlite3": {"sqlite", "pipeline", "serve", "learn"},
    "tensorflow": {"train"},
    "tifffile": {"read"},
    "waitress": {"serve"},
    "werkzeug": {"serve"},
}
"""The packages that may import a library; others use these packages instead."""

MAX_MODULES = 15
LARGE_FOLDERS = {"measure", "cli"}
"""Folders that may hold more modules: one subject, and one module per command."""

MAX_FUNCTION_LINES = 40


def find_modules() -> list[Path]:
    """List the source files, without the `__init__` and `__main__` of the package itself."""
    return sorted(path for path in PACKAGE.rglob("*.py") if not part_of(path).startswith("__"))


def part_of(path: Path) -> str:
    """Return the package or top-level module that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    """Return a file's path within the package."""
    return path.relative_to(PACKAGE).as_posix()


def find_imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every imported module of a file with its line, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield str(node.module), node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


@pytest.mark.parametrize("path", find_modules(), ids=name_of)
def test_package_imports_only_those_before_it(path: Path) -> None:
    """Along path, photo, evidence, series, verdict, output."""
    allowed = ORDER[: ORDER.index(part_of(path)) + 1]
    for module, line in find_imports(path):
        parts = module.split(".")
        if parts[0] == "autocull" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] in allowed, f"{path}:{line} imports {module}, which comes later"


@pytest.mark.parametrize("path", find_modules(), ids=name_of)
def test_library_is_imported_only_where_it_is_assigned(path: Path) -> None:
    """Decoders in `read`, networks in `measure`, TensorFlow in `train`; a new library needs an assignment."""
    for module, line in find_imports(path):
        library = module.split(".")[0]
        if library in LIBRARIES:
            assert part_of(path) in LIBRARIES[library], f"{path}:{line} imports {module}"
        else:
            is_allowed = library in sys.stdlib_module_names | EVERYWHERE | {"autocull"}
            assert is_allowed, f"{path}:{line}: {library} is not in LIBRARIES"


def test_assigned_libraries_are_imported() -> None:
    """The list of libraries has no outdated entry."""
    used: dict[str, set[str]] = defaultdict(set)
    for path in find_modules():
        for module, _ in find_imports(path):
            used[module.split(".")[0]].add(part_of(path))
    assert {library: used[library] for library in LIBRARIES} == LIBRARIES


def test_every_package_has_a_position_in_the_order() -> None:
    """A new package needs one."""
    assert {part_of(path) for path in find_modules()} == set(ORDER)


def test_only_commands_for_developers_import_training() -> None:
    """So that TensorFlow is not needed to cull, to learn or to run the daemon."""
    importing = {
        name_of(path)
        for path in find_modules()
        if part_of(path) != "train"
        and any(name.startswith("autocull.train") for name, _ in find_imports(path))
    }
    photographers = {
        "cull",
        "daemon.py",
        "demo.py",
        "doctor.py",
        "explain.py",
        "install.py",
        "learn.py",
        "serve.py",
    }
    assert {name.split("/")[0] for name in importing} == {"cli"}
    assert not photographers & {name.split("/")[1] for name in importing}


def test_no_folder_holds_too_many_modules() -> None:
    """A larger folder is split by subject."""
    counts = Counter(path.parent for path in find_modules() if path.name != "__init__.py")
    large = {name_of(folder): count for folder, count in counts.items() if count > MAX_MODULES}
    assert set(large) <= LARGE_FOLDERS, large


def test_names_of_public_classes_are_unique() -> None:
    """A class is found by its name."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in find_modules():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                files[node.name].append(name_of(path))
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("path", find_modules(), ids=name_of)
def test_functions_are_short(path: Path) -> None:
    """A longer function is split."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{path}:{node.lineno}: {node.name} has {lines} lines"


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
            ("numpy", "PIL", "pydantic", "rich", "tensorflow", "autocull.judge"),
            id="the daemon until its first job",
        ),
    ],
)
def test_start_imports_no_heavy_modules(modules: str, heavy: tuple[str, ...]) -> None:
    """Culling needs no TensorFlow, and the workers are started before NumPy is imported."""
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def find_packages() -> list[Path]:
    """List the folders below the package that are packages themselves."""
    return sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)


@pytest.mark.parametrize("folder", find_packages(), ids=lambda folder: folder.relative_to(PACKAGE).as_posix())
def test_package_exports_what_it_lists(folder: Path) -> None:
    """`__all__` is sorted, and every name in it exists."""
    name = ".".join(("autocull", *folder.relative_to(PACKAGE).parts))
    package = import_module(name)
    assert sorted(package.__all__) == sorted(set(package.__all__))
    assert not [exported for exported in package.__all__ if not hasattr(package, exported)]


def is_package(module: str) -> bool:
    """Return whether a dotted name is one of the packages."""
    return (PACKAGE.parent / module.replace(".", "/") / "__init__.py").is_file()


def is_module(module: str) -> bool:
    """Return whether a dotted name is a module or package of the project."""
    return is_package(module) or (PACKAGE.parent / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("path", find_modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_other_packages_are_imported_by_their_exports(path: Path) -> None:
    """Code outside of a package imports names from the package, not from its modules."""
    inside = path.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("autocull."):
            continue
        parts = str(node.module).split(".")
        common = next((i for i, pair in enumerate(zip(parts, inside, strict=False)) if pair[0] != pair[1]), 0)
        common = common or min(len(parts), len(inside))
        outermost = ".".join(parts[: common + 1])
        imported_names = [f"{node.module}.{alias.name}" for alias in node.names]
        if is_package(outermost) and not all(map(is_module, imported_names)):
            assert node.module == outermost, f"{path}:{node.lineno} imports from {node.module}"
