from .curve_drawing import draw_curves as draw_curves
from .curves import compute_curves as compute_curves
from .evaluation import VerdictEvaluation as VerdictEvaluation
from .judging import MeasuredPhoto as MeasuredPhoto
from .judging import judge_photos as judge_photos
from .labels import FAULT_KINDS as FAULT_KINDS
from .labels import GOOD_KINDS as GOOD_KINDS
from .labels import VerdictSample as VerdictSample
from .labels import read_verdict_samples as read_verdict_samples
from .labels import sample_photos as sample_photos
from .report import CRITERIA_OF_KINDS as CRITERIA_OF_KINDS
from .report import VerdictReport as VerdictReport
from .report import format_curve_table as format_curve_table
from .report import format_share as format_share
from .report import format_verdict_tables as format_verdict_tables
from .sizes import CAMERA_SIZE as CAMERA_SIZE
from .sizes import parse_sizes as parse_sizes

__all__ = [
    "CAMERA_SIZE",
    "CRITERIA_OF_KINDS",
    "FAULT_KINDS",
    "GOOD_KINDS",
    "MeasuredPhoto",
    "VerdictEvaluation",
    "VerdictReport",
    "VerdictSample",
    "compute_curves",
    "draw_curves",
    "format_curve_table",
    "format_share",
    "format_verdict_tables",
    "judge_photos",
    "parse_sizes",
    "read_verdict_samples",
    "sample_photos",
]
