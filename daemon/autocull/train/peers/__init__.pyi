from .base import Peer as Peer
from .base import PeerOpinion as PeerOpinion
from .registry import PEERS as PEERS
from .registry import load_peers as load_peers
from .scoreboard import Scoreboard as Scoreboard
from .scoreboard import compare_with_peers as compare_with_peers
from .scoreboard import format_scoreboard as format_scoreboard

__all__ = [
    "PEERS",
    "Peer",
    "PeerOpinion",
    "Scoreboard",
    "compare_with_peers",
    "format_scoreboard",
    "load_peers",
]
