from .pretrained import load_efficientnet_lite0 as load_efficientnet_lite0
from .registry import BACKBONES as BACKBONES
from .registry import MIN_SIZE as MIN_SIZE
from .registry import Backbone as Backbone

__all__ = [
    "BACKBONES",
    "MIN_SIZE",
    "Backbone",
    "load_efficientnet_lite0",
]
