from .features import GROUPS as GROUPS
from .features import NAMES as NAMES
from .features import extract_features as extract_features
from .features import mirror_features as mirror_features
from .heads import Heads as Heads
from .heads import compute_mean_and_scale as compute_mean_and_scale
from .heads import standardise as standardise
from .profile import Calibration as Calibration
from .profile import FeatureRow as FeatureRow
from .profile import Origin as Origin
from .profile import Profile as Profile
from .profile import Selection as Selection
from .profile_store import PAGE_MARK as PAGE_MARK
from .profile_store import ProfileStore as ProfileStore
from .profile_store import read_profile as read_profile
from .profile_store import validate_name as validate_name
from .profile_store import write_profile as write_profile
from .summary import describe_harm_bound as describe_harm_bound
from .summary import describe_origin as describe_origin
from .summary import summarise as summarise

__all__ = [
    "GROUPS",
    "NAMES",
    "PAGE_MARK",
    "Calibration",
    "FeatureRow",
    "Heads",
    "Origin",
    "Profile",
    "ProfileStore",
    "Selection",
    "compute_mean_and_scale",
    "describe_harm_bound",
    "describe_origin",
    "extract_features",
    "mirror_features",
    "read_profile",
    "standardise",
    "summarise",
    "validate_name",
    "write_profile",
]
