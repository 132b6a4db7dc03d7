from .decisions import DecisionSet as DecisionSet
from .decisions import check_enough as check_enough
from .decisions import read_decisions as read_decisions
from .head_fitting import fit_heads as fit_heads
from .json_result import learned_to_json as learned_to_json
from .json_result import nothing_learned_to_json as nothing_learned_to_json
from .mirroring import make_mirror as make_mirror
from .report import write_page as write_page
from .sources.files import read_folders as read_folders
from .sources.files import read_sidecars as read_sidecars
from .sources.lightroom_catalog import read_catalog as read_catalog
from .training import LearnRequest as LearnRequest
from .training import LearnResult as LearnResult
from .training import learn_taste as learn_taste

__all__ = [
    "DecisionSet",
    "LearnRequest",
    "LearnResult",
    "check_enough",
    "fit_heads",
    "learn_taste",
    "learned_to_json",
    "make_mirror",
    "nothing_learned_to_json",
    "read_catalog",
    "read_decisions",
    "read_folders",
    "read_sidecars",
    "write_page",
]
