from .dataset_metrics import DatasetMetrics as DatasetMetrics
from .dataset_metrics import SourceAccuracy as SourceAccuracy
from .dataset_metrics import compute_dataset_metrics as compute_dataset_metrics
from .detector_metrics import PairCounts as PairCounts
from .retrieval import RetrievalMetrics as RetrievalMetrics
from .retrieval import retrieval_metrics as retrieval_metrics
from .series import PairMetrics as PairMetrics
from .series import pair_metrics as pair_metrics
from .subgroups import GroupComparison as GroupComparison

__all__ = [
    "DatasetMetrics",
    "GroupComparison",
    "PairCounts",
    "PairMetrics",
    "RetrievalMetrics",
    "SourceAccuracy",
    "compute_dataset_metrics",
    "pair_metrics",
    "retrieval_metrics",
]
