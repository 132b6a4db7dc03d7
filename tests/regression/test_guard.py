"""No network gets worse unseen: every measure keeps its floor, and the floors mean something."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autocull.judge import Settings
from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root
from regression import dev
from regression.floors import DEV, MADE, Floor
from regression.made import Made, make_set
from regression.measures import MEMBERS, REJECTING, SETTINGS, Measures, evidence_of, whole
from regression.weights import SPOILT, spoil

Ask = Callable[[str], Measures]
Seen = dict[str, list[Evidence]]


def named(floors: tuple[Floor, ...]) -> list[object]:
    """List the floors as test cases that say what they are of."""
    return [pytest.param(floor, id=f"{floor.of}: {floor.measure} {floor.side}") for floor in floors]


def broken(floors: tuple[Floor, ...], of: str, measures: Measures) -> list[str]:
    """Name the floors of one member that its measures break."""
    return [floor.measure for floor in floors if floor.of == of and not floor.holds(measures[floor.measure])]


@pytest.fixture(scope="module")
def made() -> Made:
    """The set that the tests make themselves."""
    return make_set()


@pytest.fixture(scope="module")
def seen(made: Made) -> Seen:
    """What the ensemble measures in it."""
    return evidence_of(models_root(), made)


@pytest.fixture(scope="module")
def on_made(made: Made, seen: Seen) -> Ask:
    """The measures on the made set, by member; each is made once."""
    return cache(lambda of: whole(seen, SETTINGS) if of == "whole" else MEMBERS[of](models_root(), made))


@pytest.fixture(scope="module")
def on_dev() -> Callable[[str, Path], Measures]:
    """The measures on the photos beside the checkout, by set; each is made once."""
    return cache(lambda of, data: dev.SETS[of](models_root(), data))


@pytest.mark.parametrize("floor", named(MADE))
def test_the_shipped_networks_keep_their_floors(floor: Floor, on_made: Ask) -> None:
    """On the made set, everywhere."""
    value = on_made(floor.of)[floor.measure]
    assert floor.holds(value), f"{floor.of}: {floor.measure} is {value:.3f}, once {floor.measured:.3f}"


@pytest.mark.parametrize("floor", named(DEV))
def test_the_shipped_networks_keep_their_floors_on_photos(
    floor: Floor, on_dev: Callable[[str, Path], Measures], shared_data: Path
) -> None:
    """On photos that they were not trained on, where these are at hand."""
    value = on_dev(floor.of, shared_data)[floor.measure]
    assert floor.holds(value), f"{floor.of}: {floor.measure} is {value:.3f}, once {floor.measured:.3f}"


def test_every_measure_has_its_floor(on_made: Ask) -> None:
    """Nothing is measured for nothing, and no floor is asked for what is not measured."""
    for of in (*MEMBERS, "whole"):
        assert set(on_made(of)) == {floor.measure for floor in MADE if floor.of == of}
    assert {floor.of for floor in DEV} == set(dev.SETS)


@pytest.mark.parametrize("floor", named((*MADE, *DEV)))
def test_a_floor_has_room_and_is_no_formality(floor: Floor) -> None:
    """What was measured keeps it; what is no number, or on the far end, does not."""
    assert floor.holds(floor.measured)
    assert not floor.holds(float("nan"))
    assert not floor.holds(0.0 if floor.side == "at least" else 1.0)


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("member", MEMBERS)
def test_a_spoilt_network_breaks_a_floor(member: str, how: str, made: Made, tmp_path: Path) -> None:
    """Weights in another order, weights of 0, classes swapped: right checksums, wrong answers."""
    models = spoil(models_root(), tmp_path / "models", member, how)
    assert broken(MADE, member, MEMBERS[member](models, made))


def test_what_was_spoilt_is_the_network_alone(made: Made, tmp_path: Path) -> None:
    """The spoiling itself breaks nothing: a member beside the spoilt one measures what it always does."""
    models = spoil(models_root(), tmp_path / "models", "focus", "shuffled")
    assert MEMBERS["eyes"](models, made) == MEMBERS["eyes"](models_root(), made)


def test_who_rejects_nothing_breaks_the_floors(seen: Seen) -> None:
    """A harm of 0 is worth something only because bad pictures are rejected all the same."""
    grounds = ("eyes", "defocus", "motion", "dark", "bright", "quality")
    lenient = Settings(**{f"{ground}_trust": "doubt" for ground in grounds})
    measures = whole(seen, lenient)
    assert measures["harm"] == 0
    assert set(broken(MADE, "whole", measures)) == {f"{fault} rejected" for fault in REJECTING}


def test_who_rejects_everything_breaks_the_floors(seen: Seen) -> None:
    """The other way round: all that is bad is rejected, and the harm tells."""
    strict = Settings(focus_reject=1, focus_second="never", focus_texture_min=0)
    measures = whole(seen, strict)
    assert measures["defocus rejected"] == 1
    assert broken(MADE, "whole", measures) == ["harm", "good kept"]


def test_the_set_is_the_same_every_time(made: Made) -> None:
    """Figures of two days can be compared: what is drawn by chance is drawn alike."""
    again = make_set()
    for field in ("good", "blinks", "open_eyes", "closed_eyes"):
        alike = zip(getattr(made, field), getattr(again, field), strict=True)
        assert all(np.array_equal(one, other) for one, other in alike)
    for fault, pictures in made.bad.items():
        assert all(map(np.array_equal, pictures, again.bad[fault]))
