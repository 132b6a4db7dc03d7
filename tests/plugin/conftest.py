"""Fixtures of the plug-in's tests: a fake daemon, and Lightroom with the plug-in loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.german import check_german
from plugin.host import Host
from plugin.literal_files import PLUGIN


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    """A daemon that answers at once: every photo is kept."""
    with FakeDaemon(tmp_path) as running:
        yield running


@pytest.fixture
def host(tmp_path: Path, daemon: FakeDaemon) -> Iterator[Host]:
    """Lightroom with the plug-in loaded; a violation of the SDK's rules fails the test at its end."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    yield host
    host.check()


@pytest.fixture
def german_host(tmp_path: Path, daemon: FakeDaemon) -> Iterator[Host]:
    """A German Lightroom with the plug-in loaded."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    yield host
    check_german(host)
    host.check()
