"""What `autocull doctor` looks at: everything that plug-in and daemon need, each with what to do."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autocull import __version__
from autocull.errors import AutocullError, DaemonError
from autocull.install import plugin
from autocull.install.installer import Installation
from autocull.install.subprocesses import Run, run
from autocull.measure.models import CHECKSUMS, Model, models_root
from autocull.serve.process.launch_command import launcher_now
from autocull.serve.process.lifecycle import look
from autocull.serve.process.runtime_files import launcher, secure_folder

_AVX2_ON_WINDOWS = 40  # PF_AVX2_INSTRUCTIONS_AVAILABLE


def cpu_flags(
    platform: str = sys.platform, runs: Run = run, cpuinfo: Path = Path("/proc/cpuinfo")
) -> frozenset[str]:
    """Return the flags in lower case; on Windows `avx2` alone or nothing; empty where nobody tells."""
    if platform == "win32":
        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - no such thing for the type checker
        return frozenset({"avx2"} if kernel.IsProcessorFeaturePresent(_AVX2_ON_WINDOWS) else ())
    if platform == "darwin":
        ran = runs(["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"])
        return frozenset(ran.said.lower().split()) if ran.code == 0 else frozenset()
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), ()))


_INSTALL = "Run `autocull install`."
_PROXIES = ("HTTP_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and found; `advice` says what to do where it is not ok."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def checks(installation: Installation, env: Mapping[str, str]) -> Iterator[Check]:
    """Look at everything; a look that fails is one check that is not ok, and the others go on."""
    looks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("Python", _python),
        ("Autocull", lambda: _version(installation)),
        ("memory", _lean),
        ("models", lambda: _models(models_root())),
        ("processor", _processor),
        ("folder", lambda: _folder(installation)),
        ("daemon", lambda: _daemon(installation)),
        ("log", lambda: _log(installation.places.log)),
        ("plug-in", lambda: _plugin(installation)),
        ("login", lambda: _login(installation)),
        ("proxies", lambda: _proxies(env)),
    )
    for name, check in looks:
        try:
            yield check()
        except AutocullError as error:
            yield Check(name, ok=False, found=error.message)


def _python() -> Check:
    found = f"{platform.python_version()} ({sys.executable})"
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check("Python", good, found, "Install Autocull with Python 3.11, 3.12 or 3.13.")


def _version(installation: Installation) -> Check:
    notes: list[str] = []
    written = launcher(installation.places.own, notes.append)
    if written is None:
        return Check("Autocull", ok=False, found=f"{__version__}, not installed", advice=_INSTALL)
    same = written == launcher_now(installation.places.log)
    found = __version__ if same else f"{__version__}; the plug-in would start another one, {written.version}"
    return Check("Autocull", same, found, _INSTALL)


def _lean() -> Check:
    """TensorFlow takes hundreds of megabytes: no daemon may import it."""
    heavy = _heavy_imports()
    return Check(
        "memory", not heavy, f"the daemon imports {heavy or 'no TensorFlow'}", "Install Autocull again."
    )


@cache
def _heavy_imports() -> str:
    """Say which heavy packages a process that is nothing but the daemon imports; empty where none is."""
    look = (
        "import sys, autocull.serve.process.server; "
        "print('loads', *{'tensorflow', 'keras'} & set(sys.modules))"
    )
    said = run([sys.executable, "-P", "-c", look]).said.splitlines()  # a warning may stand beside it
    return next((line.removeprefix("loads").strip() for line in said if line.startswith("loads")), "nothing")


def _models(root: Path) -> Check:
    names = sorted(path.parent.name for path in root.glob("*/config.json"))
    if not names:
        return Check("models", ok=False, found=f"none in {root}", advice="Install Autocull again.")
    for name in names:
        _check_model(Model.open(root, name))
    return Check("models", ok=True, found=f"{', '.join(names)}: every checksum is right")


def _check_model(model: Model) -> None:
    """Read every file by its checksum; raises ModelError with the file and the remedy."""
    model.file("config.json")
    for line in (model.folder / CHECKSUMS).read_text("utf-8").splitlines():
        name = line.split()[-1]
        if (model.folder / name).exists():  # what only training needs does not ship
            model.file(name)
    for name in model.config.get("carrier", {}).get("files", ()):
        model.carried(name)


def _processor() -> Check:
    flags, system = cpu_flags(), platform.machine()
    if system.lower() not in ("x86_64", "amd64", "i386", "i686"):
        return Check("processor", ok=True, found=system)
    fast = "avx2" in flags
    found = f"{system} {'with' if fast else 'without'} AVX2"
    return Check("processor", ok=True, found=found if fast else f"{found}: it works, but takes longer")


def _folder(installation: Installation) -> Check:
    notes: list[str] = []
    secure_folder(installation.places.own, notes.append)
    found = " ".join(notes) or f"{installation.places.own}, for you alone"
    return Check("folder", ok=True, found=found)


def _daemon(installation: Installation) -> Check:
    notes: list[str] = []
    seen = look(installation.places, notes.append)
    if seen.state == "running" and seen.published is not None:
        where = f"port {seen.published.port}, process {seen.pid}"
        found = " ".join([f"version {seen.version} answers on {where}", *notes])
        return Check("daemon", seen.version == __version__, found, "Run `autocull restart`.")
    advice = "Run `autocull restart`." if seen.held else "Run `autocull start`."
    return Check("daemon", ok=False, found=" ".join([seen.state, *notes]), advice=advice)


def _log(file: Path) -> Check:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab"):
            pass
    except OSError as error:
        raise DaemonError(f"{file} cannot be written ({error.strerror}). Check its permissions.") from error
    return Check("log", ok=True, found=str(file))


def _plugin(installation: Installation) -> Check:
    target = installation.plugin
    if not plugin.is_ours(target):
        return Check("plug-in", ok=False, found=f"not in {target.parent}", advice=_INSTALL)
    current = plugin.is_current(installation.source, target)
    found = str(target) if current else f"{target} is of another version"
    return Check("plug-in", current, found, f"{_INSTALL} Then start Lightroom anew.")


def _login(installation: Installation) -> Check:
    entry, there = installation.system.entry(), installation.system.registered()
    found = f"starts with {entry}" if there else f"does not start: there is no {entry}"
    return Check("login", there, found, _INSTALL)


def _proxies(env: Mapping[str, str]) -> Check:
    """Autocull asks no proxy, but Lightroom may; a proxy that it asks for us finds no daemon."""
    known = {name.upper(): value for name, value in env.items()}
    proxies = [name for name in _PROXIES if known.get(name)]
    spared = {part.strip() for part in known.get("NO_PROXY", "").split(",")}
    bad = bool(proxies) and not spared & {"127.0.0.1", "*"}
    found = f"{' and '.join(proxies)} without 127.0.0.1 in NO_PROXY" if bad else "none in the way"
    return Check(
        "proxies", not bad, found, "Add 127.0.0.1 to NO_PROXY, or except it in the system's settings."
    )
