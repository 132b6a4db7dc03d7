"""The programs that the scoreboard can run, by name, and how to install them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from autocull.errors import PeerError
from autocull.train.peers.base import Peer
from autocull.train.peers.programs import CleanVisionPeer, HashPeer, LaplacianPeer, SelectsPeer


class PeerEntry(NamedTuple):
    """How a program is made, and the command that installs its package ("" where it needs none)."""

    make: Callable[[], Peer]
    install: str


PEERS: Mapping[str, PeerEntry] = MappingProxyType(
    {
        "cleanvision": PeerEntry(CleanVisionPeer, "pip install cleanvision"),
        "phash": PeerEntry(partial(HashPeer, "phash"), "pip install imagehash"),
        "dhash": PeerEntry(partial(HashPeer, "dhash"), "pip install imagehash"),
        "selects": PeerEntry(SelectsPeer, "pip install --no-deps selects opencv-python-headless"),
        "laplacian": PeerEntry(LaplacianPeer, ""),
    }
)
"""The programs by their names on the command line."""


def load_peers(names: Iterable[str]) -> list[Peer]:
    """Make the programs of these names; raises PeerError for one that is unknown or not installed."""
    peers = []
    for name in dict.fromkeys(names):
        if name not in PEERS:
            raise PeerError(f"There is no program {name!r} to compare with. There are: {', '.join(PEERS)}.")
        entry = PEERS[name]
        try:
            peers.append(entry.make())
        except ImportError as error:
            raise PeerError(f"{name} is not installed ({error}). Install it: {entry.install}") from error
    return peers
