"""Backbones: published image networks at a given width, to compare with the recipes' networks on one budget.

Every builder follows the block structure of its paper at full depth; channels are scaled by `width`. Weights
are random (the one pretrained backbone is in `pretrained`). All networks differ from their papers in the same
points: no stochastic depth, no auxiliary head, and batch normalisation with a short memory
(`layers.MOMENTUM`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Backbone:
    """A published network: `name`, `width` (share of the published channels), `paper` and `builder`.

    `builder` is "module:function" of this package; the function takes the picture `(batch, h, w, 3)` and the
    width, and returns pooled features `(batch, n)`.
    """

    name: str
    width: float
    paper: str
    builder: str

    def build_features(self, picture: Any, width: float | None = None) -> Any:
        """Build the network on a Keras tensor and return its features; `width` overrides the backbone's."""
        module, function = self.builder.split(":")
        build: Callable[[Any, float], Any] = getattr(import_module(f"{__package__}.{module}"), function)
        return build(picture, self.width if width is None else width)


_EFFICIENT = "Tan & Le 2019, EfficientNet, arXiv:1905.11946"

BACKBONES = (
    Backbone(
        "VGG16",
        0.25,
        "Simonyan & Zisserman 2015, arXiv:1409.1556; here with batch normalisation",
        "vgg:vgg16",
    ),
    Backbone("ResNet50", 0.25, "He et al. 2016, Deep Residual Learning, arXiv:1512.03385", "resnet:resnet50"),
    Backbone(
        "InceptionV3",
        0.25,
        "Szegedy et al. 2016, Rethinking the Inception Architecture, arXiv:1512.00567; here padded at rims",
        "inception:inception_v3",
    ),
    Backbone(
        "MobileNetV3-Small",
        1.0,
        "Howard et al. 2019, Searching for MobileNetV3, arXiv:1905.02244",
        "mobile:mobilenet_v3_small",
    ),
    Backbone("EfficientNetB0", 0.5, _EFFICIENT, "mobile:efficientnet_b0"),
    Backbone("EfficientNetB7", 0.25, _EFFICIENT, "mobile:efficientnet_b7"),
)
"""The networks of the comparison, at widths that a CPU trains in minutes."""

MIN_SIZE = 32
"""The smallest side of a picture that every backbone takes, in px; all of them halve it five times."""
