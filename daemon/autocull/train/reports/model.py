"""The report of a training as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

from autocull.train.recipes import TrainingPlan


class SplitMetrics(Protocol):
    """Metrics on one split of the data."""

    @property
    def n(self) -> int:
        """The number of samples."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in the report."""
        ...


SplitMetricsT = TypeVar("SplitMetricsT", bound=SplitMetrics, covariant=True)


@dataclass(frozen=True, kw_only=True)
class TrainingReport(Generic[SplitMetricsT]):
    """What was trained, how, and the metrics of every split.

    `history` has the metrics of each epoch, `temperature` is None for networks whose outputs are not
    probabilities, `difference` is the largest one between the LiteRT network and Keras, `minutes` the time.
    """

    detector: str
    version: str
    architecture: str
    parameters: int
    command: str
    seed: int
    plan: TrainingPlan
    history: Sequence[Mapping[str, float]]
    parts: Mapping[str, SplitMetricsT]
    temperature: float | None = None
    difference: float
    minutes: float

    def to_json(self) -> dict[str, Any]:
        """Return the report as it is stored in `report.json`."""
        report = {
            "member": self.detector,
            "version": self.version,
            "architecture": self.architecture,
            "parameters": self.parameters,
            "command": self.command,
            "seed": self.seed,
            "plan": asdict(self.plan),
            "history": self.history,
            "temperature": self.temperature,
            "parts": {name: metrics.to_json() for name, metrics in self.parts.items()},
            "difference": self.difference,
            "minutes": self.minutes,
        }
        if self.temperature is None:
            del report["temperature"]
        return report
