from .cull_run import CullRun as CullRun
from .cull_run import Judge as Judge
from .cull_run import Measurer as Measurer
from .cull_run import RunCounts as RunCounts
from .cull_run import open_cull_run as open_cull_run
from .cull_run import result_of as result_of
from .evidence_cache import EvidenceCache as EvidenceCache
from .evidence_cache import Fingerprint as Fingerprint
from .evidence_cache import Identify as Identify
from .evidence_store import EvidenceStore as EvidenceStore
from .evidence_store import identify as identify
from .explain import PhotoAnalysis as PhotoAnalysis
from .explain import analyse as analyse
from .explain import build_explanation as build_explanation
from .explain import shoot_paths as shoot_paths
from .two_pass import ShootJudge as ShootJudge
from .two_pass import judge_shoot as judge_shoot
from .worker_main import make_measure as make_measure
from .worker_pool import Workers as Workers

__all__ = [
    "CullRun",
    "EvidenceCache",
    "EvidenceStore",
    "Fingerprint",
    "Identify",
    "Judge",
    "Measurer",
    "PhotoAnalysis",
    "RunCounts",
    "ShootJudge",
    "Workers",
    "analyse",
    "build_explanation",
    "identify",
    "judge_shoot",
    "make_measure",
    "open_cull_run",
    "result_of",
    "shoot_paths",
]
