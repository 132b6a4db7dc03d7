"""The checks of `autocull doctor`: what culling and Lightroom need, and what to do if it is missing."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from autocull import __version__
from autocull.errors import AutocullError, DaemonError
from autocull.install import plugin
from autocull.install.installer import Installation
from autocull.install.subprocesses import CommandRunner, run
from autocull.measure import CHECKSUMS, Model, models_root
from autocull.paths import default_tastes
from autocull.serve import build_launcher, is_bundled, probe, read_launcher, secure_folder

_AVX2_ON_WINDOWS = 40  # PF_AVX2_INSTRUCTIONS_AVAILABLE
_INSTALL = "Run `autocull install`."
_PROXIES = ("HTTP_PROXY", "ALL_PROXY")

Area = Literal["culling", "lightroom"]
"""What a check is for: culling on the command line, or the plug-in with its daemon."""


def read_cpu_flags(
    platform: str = sys.platform, run_command: CommandRunner = run, cpuinfo: Path = Path("/proc/cpuinfo")
) -> frozenset[str]:
    """Return the processor's flags in lower case; on Windows `avx2` at most; empty if unavailable."""
    if platform == "win32":
        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - the type checker knows it on Windows only
        return frozenset({"avx2"} if kernel.IsProcessorFeaturePresent(_AVX2_ON_WINDOWS) else ())
    if platform == "darwin":
        completed = run_command(["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"])
        return frozenset(completed.output.lower().split()) if completed.code == 0 else frozenset()
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), ()))


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check; `advice` is what to do if it is not ok."""

    name: str
    ok: bool
    result: str
    advice: str = ""


def run_checks(
    installation: Installation, env: Mapping[str, str], areas: Sequence[Area] = get_args(Area)
) -> Iterator[tuple[Area, Check]]:
    """Run the checks of `areas` and yield each with its area; one that raises an AutocullError is not ok."""
    for area in areas:
        for name, check in _list_checks(area, installation, env):
            try:
                yield area, check()
            except AutocullError as error:
                yield area, Check(name, ok=False, result=error.message)


def _list_checks(
    area: Area, installation: Installation, env: Mapping[str, str]
) -> tuple[tuple[str, Callable[[], Check]], ...]:
    """Return the checks of an area with their names."""
    if area == "culling":
        return (
            ("Python", _check_python),
            ("models", lambda: _check_models(models_root())),
            ("processor", _check_processor),
            ("data", lambda: _check_data(installation.paths.store)),
        )
    return (
        ("Autocull", lambda: _check_version(installation)),
        ("memory", _check_memory),
        ("folder", lambda: _check_folder(installation)),
        ("daemon", lambda: _check_daemon(installation)),
        ("log", lambda: _check_log(installation.paths.log)),
        ("plug-in", lambda: _check_plugin(installation)),
        ("login", lambda: _check_login(installation)),
        ("proxies", lambda: _check_proxies(env)),
    )


def _check_python() -> Check:
    result = f"{platform.python_version()} ({sys.executable})"
    is_supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check("Python", is_supported, result, "Install Autocull with Python 3.11, 3.12 or 3.13.")


def _check_version(installation: Installation) -> Check:
    notes: list[str] = []
    stored_launcher = read_launcher(installation.paths.app_folder, notes.append)
    if stored_launcher is None:
        return Check("Autocull", ok=False, result=f"{__version__}, not installed", advice=_INSTALL)
    is_same = stored_launcher == build_launcher(installation.paths.log)
    result = (
        __version__
        if is_same
        else f"{__version__}; the plug-in would start another version, {stored_launcher.version}"
    )
    return Check("Autocull", is_same, result, _INSTALL)


def _check_memory() -> Check:
    """Check that the daemon imports no TensorFlow, which takes hundreds of megabytes."""
    heavy = "" if is_bundled() else find_heavy_imports()  # a bundle contains none
    return Check(
        "memory", not heavy, f"the daemon imports {heavy or 'no TensorFlow'}", "Install Autocull again."
    )


@cache
def find_heavy_imports() -> str:
    """Return the heavy packages that a new daemon process imports, separated by spaces; empty for none."""
    script = (
        "import sys, autocull.serve.process.server; "
        "print('loads', *{'tensorflow', 'keras'} & set(sys.modules))"
    )
    lines = run([sys.executable, "-P", "-c", script]).output.splitlines()  # the output may contain warnings
    return next((line.removeprefix("loads").strip() for line in lines if line.startswith("loads")), "nothing")


def _check_models(root: Path) -> Check:
    names = sorted(path.parent.name for path in root.glob("*/config.json"))
    if not names:
        return Check("models", ok=False, result=f"none in {root}", advice="Install Autocull again.")
    for name in names:
        _check_model(Model.open(root, name))
    return Check("models", ok=True, result=f"{', '.join(names)}: all checksums are correct")


def _check_model(model: Model) -> None:
    """Verify the checksum of every file; raises ModelError with the file and the remedy."""
    model.read_file("config.json")
    for line in (model.folder / CHECKSUMS).read_text("utf-8").splitlines():
        name = line.split()[-1]
        if (model.folder / name).exists():  # files for training only are not in the package
            model.read_file(name)
    for name in model.config.get("carrier", {}).get("files", ()):
        model.packaged_network(name)


def _check_processor() -> Check:
    flags, system = read_cpu_flags(), platform.machine()
    if system.lower() not in ("x86_64", "amd64", "i386", "i686"):
        return Check("processor", ok=True, result=system)
    has_avx2 = "avx2" in flags
    result = f"{system} {'with' if has_avx2 else 'without'} AVX2"
    return Check("processor", ok=True, result=result if has_avx2 else f"{result}: it works, but slower")


def _check_data(store: Path) -> Check:
    """Check that measurements can be stored; names the folders of measurements and tastes."""
    folder = next(path for path in store.parents if path.exists())
    result = f"measurements in {store.parent}, tastes in {default_tastes()}"
    if os.access(folder, os.W_OK):
        return Check("data", ok=True, result=result)
    return Check("data", ok=False, result=f"{folder} cannot be written", advice="Check its permissions.")


def _check_folder(installation: Installation) -> Check:
    notes: list[str] = []
    secure_folder(installation.paths.app_folder, notes.append)
    result = " ".join(notes) or f"{installation.paths.app_folder}, accessible to you only"
    return Check("folder", ok=True, result=result)


def _check_daemon(installation: Installation) -> Check:
    notes: list[str] = []
    daemon = probe(installation.paths, notes.append)
    if daemon.state == "running" and daemon.info is not None:
        address = f"port {daemon.info.port}, process {daemon.pid}"
        result = " ".join([f"version {daemon.version} answers on {address}", *notes])
        return Check("daemon", daemon.version == __version__, result, "Run `autocull restart`.")
    advice = "Run `autocull restart`." if daemon.alive else "Run `autocull start`."
    return Check("daemon", ok=False, result=" ".join([daemon.state, *notes]), advice=advice)


def _check_log(file: Path) -> Check:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab"):
            pass
    except OSError as error:
        raise DaemonError(f"{file} cannot be written ({error.strerror}). Check its permissions.") from error
    return Check("log", ok=True, result=str(file))


def _check_plugin(installation: Installation) -> Check:
    target = installation.plugin_folder
    if not plugin.is_autocull_plugin(target):
        return Check("plug-in", ok=False, result=f"not in {target.parent}", advice=_INSTALL)
    current = plugin.is_current(installation.source, target)
    result = str(target) if current else f"{target} is of another version"
    return Check("plug-in", current, result, f"{_INSTALL} Then restart Lightroom.")


def _check_login(installation: Installation) -> Check:
    entry, registered = installation.system.entry_name(), installation.system.is_registered()
    result = f"starts with {entry}" if registered else f"does not start: there is no {entry}"
    return Check("login", registered, result, _INSTALL)


def _check_proxies(env: Mapping[str, str]) -> Check:
    """Check that Lightroom would not send requests for the daemon to a proxy, which cannot reach it."""
    variables = {name.upper(): value for name, value in env.items()}
    proxies = [name for name in _PROXIES if variables.get(name)]
    exempt = {part.strip() for part in variables.get("NO_PROXY", "").split(",")}
    blocked = bool(proxies) and not exempt & {"127.0.0.1", "*"}
    result = f"{' and '.join(proxies)} without 127.0.0.1 in NO_PROXY" if blocked else "none that intercepts"
    return Check(
        "proxies", not blocked, result, "Add 127.0.0.1 to NO_PROXY, or exclude it in the system's settings."
    )
