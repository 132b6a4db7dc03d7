"""The protocol of the ensemble's members, and the order in which they speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, ClassVar, Protocol

from autocull.measure.models import Model, Network
from autocull.read.photo import Photo


class Detector(Protocol):
    """One voice of the ensemble: it measures one thing, and says which others it wants to hear first.

    A member loads its networks at its first photo, not when it is made.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    @property
    def version(self) -> str:
        """The version of the networks behind the answer."""
        ...

    def measure(self, photo: Photo, results: Mapping[str, Any]) -> Any:
        """Measure `photo`; `results` holds the answers of the members in `needs`, by name."""
        ...


class ModelBacked:
    """What every member has whose model folder bears its name: opened at its first photo, and only then."""

    name: ClassVar[str]

    def __init__(self, models_root: Path) -> None:
        self._root = models_root

    @cached_property
    def _model(self) -> Model:
        return Model.open(self._root, self.name)

    @cached_property
    def _network(self) -> Network:
        return self._model.network()

    @property
    def version(self) -> str:
        """The version of the member's model; raises ModelError where that is not usable."""
        return self._model.version


def sort_by_needs(detectors: Sequence[Detector]) -> list[Detector]:
    """Sort members so that each comes after those it needs; raises CycleError where that cannot be."""
    by_name = {detector.name: detector for detector in detectors}
    order = TopologicalSorter({detector.name: detector.needs for detector in detectors}).static_order()
    return [by_name[name] for name in order]
