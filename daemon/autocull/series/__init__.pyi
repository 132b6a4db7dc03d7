from .grouping import digest_grouping as digest_grouping
from .grouping import group as group
from .model import SETS as SETS
from .model import GroupingSettings as GroupingSettings
from .model import Kind as Kind
from .model import Series as Series
from .model import SeriesPosition as SeriesPosition
from .model import series_id as series_id
from .model import single_position as single_position
from .shot import Shot as Shot
from .shot import digest_shot as digest_shot
from .shot import shot_of as shot_of
from .timeline import natural_key as natural_key

__all__ = [
    "SETS",
    "GroupingSettings",
    "Kind",
    "Series",
    "SeriesPosition",
    "Shot",
    "digest_grouping",
    "digest_shot",
    "group",
    "natural_key",
    "series_id",
    "shot_of",
    "single_position",
]
