from .calibration import ReliabilityBin as ReliabilityBin
from .calibration import calibration_error as calibration_error
from .calibration import confidences as confidences
from .calibration import fit_platt as fit_platt
from .calibration import fit_temperature as fit_temperature
from .calibration import probabilities as probabilities
from .calibration import reliability as reliability
from .intervals import Interval as Interval
from .intervals import Proportion as Proportion
from .intervals import area_interval as area_interval
from .intervals import compute_intervals as compute_intervals
from .intervals import difference_interval as difference_interval
from .intervals import f1_interval as f1_interval
from .intervals import largest_count_within as largest_count_within
from .intervals import wilson_interval as wilson_interval
from .metrics import OVERALL as OVERALL
from .metrics import BinaryMetrics as BinaryMetrics
from .metrics import LabelMetrics as LabelMetrics
from .metrics import Metrics as Metrics
from .metrics import MulticlassMetrics as MulticlassMetrics
from .metrics import MultilabelMetrics as MultilabelMetrics
from .metrics import TwoClassMetrics as TwoClassMetrics
from .metrics import area_under_curve as area_under_curve
from .metrics import average_precision as average_precision
from .metrics import binary_metrics as binary_metrics
from .metrics import mean as mean
from .metrics import mean_metrics as mean_metrics
from .metrics import multiclass_metrics as multiclass_metrics
from .metrics import multilabel_metrics as multilabel_metrics
from .metrics import ratio as ratio
from .metrics import two_class_metrics as two_class_metrics
from .ranking import Comparison as Comparison
from .ranking import compare as compare
from .ranking import pairwise_accuracy as pairwise_accuracy

__all__ = [
    "OVERALL",
    "BinaryMetrics",
    "Comparison",
    "Interval",
    "LabelMetrics",
    "Metrics",
    "MulticlassMetrics",
    "MultilabelMetrics",
    "Proportion",
    "ReliabilityBin",
    "TwoClassMetrics",
    "area_interval",
    "area_under_curve",
    "average_precision",
    "binary_metrics",
    "calibration_error",
    "compare",
    "compute_intervals",
    "confidences",
    "difference_interval",
    "f1_interval",
    "fit_platt",
    "fit_temperature",
    "largest_count_within",
    "mean",
    "mean_metrics",
    "multiclass_metrics",
    "multilabel_metrics",
    "pairwise_accuracy",
    "probabilities",
    "ratio",
    "reliability",
    "two_class_metrics",
    "wilson_interval",
]
