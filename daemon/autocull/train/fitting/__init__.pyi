from .fit import StepCallback as StepCallback
from .fit import collect_targets as collect_targets
from .fit import fit_network as fit_network
from .fit import predict_logits as predict_logits
from .model_scaling import scale_model as scale_model
from .trainer import TrainOptions as TrainOptions
from .trainer import check_rows as check_rows
from .trainer import finalise_model as finalise_model
from .trainer import make_report as make_report
from .trainer import run_training as run_training
from .trainer import sample_evenly as sample_evenly
from .trainer import write_report as write_report

__all__ = [
    "StepCallback",
    "TrainOptions",
    "check_rows",
    "collect_targets",
    "finalise_model",
    "fit_network",
    "make_report",
    "predict_logits",
    "run_training",
    "sample_evenly",
    "scale_model",
    "write_report",
]
