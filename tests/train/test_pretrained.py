"""The backbone that others trained: its weights land where they belong and stay as they are."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autocull.errors import ModelError
from autocull.train.backbones import pretrained
from autocull.train.backbones.pretrained import CARRIER, copy_weights, load_efficientnet_lite0


def small() -> Any:
    """Build a convolution, a depthwise one and their normalisations."""
    picture = keras.Input((4, 4, 3))
    x = layers.BatchNormalization()(layers.Conv2D(2, 1, use_bias=False)(picture))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    return keras.Model(picture, layers.Dropout(0.2)(x))


def tensors(**changes: Any) -> dict[str, Any]:
    """Make what PyTorch would have saved of it."""
    normal = {"weight": np.full(2, 3.0), "bias": np.ones(2), "mean": np.zeros(2), "var": np.full(2, 4.0)}
    whole = {
        "a.weight": np.arange(6.0).reshape(2, 3, 1, 1),
        **{f"b.{name}": each for name, each in normal.items()},
        "b.num_batches_tracked": np.array(9),
        "c.weight": np.arange(18.0).reshape(2, 1, 3, 3),
        **{f"d.{name}": each for name, each in normal.items()},
    }
    return whole | changes


def test_kernels_are_turned_and_counters_left_out() -> None:
    """PyTorch orders a kernel out, in, y, x; Keras y, x, in, out, and of depthwise ones y, x, channel, 1."""
    model = small()
    copy_weights(model, tensors())
    kernels = [each.get_weights() for each in model.layers if each.weights]
    assert kernels[0][0][0, 0, 2, 1] == 5
    assert kernels[2][0][0, 2, 1, 0] == 11
    assert [each.tolist() for each in kernels[1]] == [[3, 3], [1, 1], [0, 0], [4, 4]]


@pytest.mark.parametrize(
    "changes", [{"e.weight": np.zeros(2)}, {"a.weight": np.zeros((2, 4, 1, 1))}, {"d.var": np.zeros(3)}]
)
def test_weights_of_another_network_are_refused(changes: dict[str, Any]) -> None:
    """One tensor too many, or one of another shape."""
    with pytest.raises(ValueError, match=r"more tensors|shape"):
        copy_weights(small(), tensors(**changes))


def test_missing_weights_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever trains without the extra is told what to install."""
    monkeypatch.setattr(pretrained, "CARRIER", CARRIER | {"package": "no_such_package"})
    with pytest.raises(ModelError, match='extra "train"'):
        load_efficientnet_lite0(keras.Input((32, 32, 3)))


@pytest.fixture(scope="module")
def backbone() -> Any:
    """The real one, over small pictures."""
    picture = keras.Input((64, 64, 3))
    return keras.Model(picture, load_efficientnet_lite0(picture))


def test_it_is_the_published_network_without_its_answer(backbone: Any) -> None:
    """4,652,008 weights are published; 1,281,000 of them are the answer. All that is here is frozen."""
    statistics = sum(2 * each.gamma.shape[0] for each in backbone.layers if hasattr(each, "gamma"))
    assert backbone.count_params() - statistics == 4_652_008 - 1_281_000
    assert not backbone.trainable_weights


def test_it_sees_the_same_thing_in_another_light(backbone: Any) -> None:
    """Trained features: a cat and its mirrored, darker self lie nearer than a cat and a cup of coffee."""
    from skimage import data

    from autocull.measure.category import prepare

    cat, cup = (prepare(picture, 64) for picture in (data.chelsea(), data.coffee()))
    seen = np.asarray(backbone(np.stack([cat, (cat[:, ::-1] + 1) * 0.8 - 1, cup])))
    assert seen.min() >= 0
    same, other = (np.linalg.norm(seen[0] - seen[index]) for index in (1, 2))
    assert same < 0.6 * other
