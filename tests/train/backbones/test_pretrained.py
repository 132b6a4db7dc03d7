"""Tests of the pretrained backbone: its weights are copied to the right layers and frozen."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autocull.errors import ModelError
from autocull.train.backbones import pretrained
from autocull.train.backbones.pretrained import CARRIER, copy_weights, load_efficientnet_lite0


def make_small_model() -> Any:
    """Build a model of a convolution, a depthwise one and their normalisations."""
    picture = keras.Input((4, 4, 3))
    x = layers.BatchNormalization()(layers.Conv2D(2, 1, use_bias=False)(picture))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    return keras.Model(picture, layers.Dropout(0.2)(x))


def make_tensors(**changes: Any) -> dict[str, Any]:
    """Make the tensors that PyTorch would have saved of it."""
    normalisation = {
        "weight": np.full(2, 3.0),
        "bias": np.ones(2),
        "mean": np.zeros(2),
        "var": np.full(2, 4.0),
    }
    expected = {
        "a.weight": np.arange(6.0).reshape(2, 3, 1, 1),
        **{f"b.{name}": each for name, each in normalisation.items()},
        "b.num_batches_tracked": np.array(9),
        "c.weight": np.arange(18.0).reshape(2, 1, 3, 3),
        **{f"d.{name}": each for name, each in normalisation.items()},
    }
    return expected | changes


def test_kernels_are_transposed_and_counters_skipped() -> None:
    """PyTorch orders a kernel out, in, y, x; Keras y, x, in, out, and of depthwise ones y, x, channel, 1."""
    model = make_small_model()
    copy_weights(model, make_tensors())
    kernels = [each.get_weights() for each in model.layers if each.weights]
    assert kernels[0][0][0, 0, 2, 1] == 5
    assert kernels[2][0][0, 2, 1, 0] == 11
    assert [each.tolist() for each in kernels[1]] == [[3, 3], [1, 1], [0, 0], [4, 4]]


@pytest.mark.parametrize(
    "changes", [{"e.weight": np.zeros(2)}, {"a.weight": np.zeros((2, 4, 1, 1))}, {"d.var": np.zeros(3)}]
)
def test_weights_of_another_network_are_refused(changes: dict[str, Any]) -> None:
    """One tensor too many, or one of another shape, raises ValueError."""
    with pytest.raises(ValueError, match=r"more tensors|shape"):
        copy_weights(make_small_model(), make_tensors(**changes))


def test_missing_weights_are_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra to install."""
    monkeypatch.setattr(pretrained, "CARRIER", CARRIER | {"package": "no_such_package"})
    with pytest.raises(ModelError, match='extra "train"'):
        load_efficientnet_lite0(keras.Input((32, 32, 3)))


@pytest.fixture(scope="module")
def backbone() -> Any:
    """Provide the pretrained backbone, for small pictures."""
    picture = keras.Input((64, 64, 3))
    return keras.Model(picture, load_efficientnet_lite0(picture))


def test_backbone_is_the_published_network_without_classifier(backbone: Any) -> None:
    """Of 4,652,008 published weights 1,281,000 are the classifier's; the others are present and frozen."""
    statistics = sum(2 * each.gamma.shape[0] for each in backbone.layers if hasattr(each, "gamma"))
    assert backbone.count_params() - statistics == 4_652_008 - 1_281_000
    assert not backbone.trainable_weights


def test_features_are_robust_to_light_and_mirroring(backbone: Any) -> None:
    """A cat and its mirrored, darker copy have closer features than a cat and a cup of coffee."""
    from skimage import data

    from autocull.measure.category import prepare_category_picture

    cat, coffee = (prepare_category_picture(picture, 64) for picture in (data.chelsea(), data.coffee()))
    features = np.asarray(backbone(np.stack([cat, (cat[:, ::-1] + 1) * 0.8 - 1, coffee])))
    assert features.min() >= 0
    same_distance, other_distance = (np.linalg.norm(features[0] - features[index]) for index in (1, 2))
    assert same_distance < 0.6 * other_distance
