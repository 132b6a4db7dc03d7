from .grouping import group as group
from .model import SETS as SETS
from .model import GroupingSettings as GroupingSettings
from .model import Kind as Kind
from .model import Series as Series
from .model import SeriesPosition as SeriesPosition
from .model import single_position as single_position
from .shot import Shot as Shot
from .shot import shot_of as shot_of
from .timeline import natural_key as natural_key

__all__ = [
    "SETS",
    "GroupingSettings",
    "Kind",
    "Series",
    "SeriesPosition",
    "Shot",
    "group",
    "natural_key",
    "shot_of",
    "single_position",
]
