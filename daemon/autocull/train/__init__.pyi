from .data.label_vocabulary import LABELS as LABELS
from .data.label_vocabulary import with_negatives as with_negatives
from .data.manifest import Row as Row
from .data.manifest import exclude_overlap as exclude_overlap
from .data.manifest import read_manifest as read_manifest
from .evaluation.detector_metrics import CalibratedMetrics as CalibratedMetrics
from .evaluation.detector_metrics import DefectMetrics as DefectMetrics
from .evaluation.evaluator import Evaluation as Evaluation
from .evaluation.evaluator import EvaluationReport as EvaluationReport
from .evaluation.evaluator import UnreadableRow as UnreadableRow
from .evaluation.failure_gallery import check_folder as check_folder
from .evaluation.failure_gallery import save_failures as save_failures
from .evaluation.series import PairMetrics as PairMetrics
from .evaluation.series import SeriesReport as SeriesReport
from .evaluation.series import evaluate_series as evaluate_series
from .evaluation.subgroups import GroupComparison as GroupComparison
from .evaluation.subgroups import check_groups as check_groups
from .experiments.backbone_comparison import Budget as Budget
from .experiments.backbone_comparison import compare as compare
from .experiments.hyperband import SearchOptions as SearchOptions
from .experiments.hyperband import Trial as Trial
from .experiments.hyperband import tune as tune
from .experiments.pages import format_comparison_page as format_comparison_page
from .experiments.pages import format_tuning_page as format_tuning_page
from .experiments.search_space import SPACES as SPACES
from .fitting.trainer import TrainOptions as TrainOptions
from .fitting.trainer import train as train
from .peers.base import Peer as Peer
from .peers.base import PeerOpinion as PeerOpinion
from .peers.registry import PEERS as PEERS
from .peers.registry import load_peers as load_peers
from .peers.scoreboard import Scoreboard as Scoreboard
from .peers.scoreboard import compare_with_peers as compare_with_peers
from .peers.scoreboard import format_scoreboard as format_scoreboard
from .recipes.embedding import EmbeddingRecipe as EmbeddingRecipe
from .recipes.registry import make_recipe as make_recipe
from .reports.card import format_split_metrics as format_split_metrics
from .reports.tables import format_confusion_table as format_confusion_table
from .reports.tables import format_gap_lines as format_gap_lines
from .reports.tables import format_group_table as format_group_table
from .reports.tables import format_interval as format_interval
from .reports.tables import format_interval_table as format_interval_table
from .reports.tables import format_label_table as format_label_table
from .reports.tables import format_metrics_table as format_metrics_table
from .reports.tables import format_number as format_number
from .reports.tables import format_pair_lines as format_pair_lines
from .reports.tables import format_table as format_table
from .verdicts.curve_drawing import draw_curves as draw_curves
from .verdicts.evaluation import VerdictEvaluation as VerdictEvaluation
from .verdicts.judging import MeasuredPhoto as MeasuredPhoto
from .verdicts.labels import FAULT_KINDS as FAULT_KINDS
from .verdicts.labels import GOOD_KINDS as GOOD_KINDS
from .verdicts.labels import VerdictSample as VerdictSample
from .verdicts.labels import read_verdict_samples as read_verdict_samples
from .verdicts.labels import sample_photos as sample_photos
from .verdicts.report import VerdictReport as VerdictReport
from .verdicts.report import format_curve_table as format_curve_table
from .verdicts.report import format_verdict_tables as format_verdict_tables
from .verdicts.sizes import CAMERA_SIZE as CAMERA_SIZE
from .verdicts.sizes import parse_sizes as parse_sizes

__all__ = [
    "CAMERA_SIZE",
    "FAULT_KINDS",
    "GOOD_KINDS",
    "LABELS",
    "PEERS",
    "SPACES",
    "Budget",
    "CalibratedMetrics",
    "DefectMetrics",
    "EmbeddingRecipe",
    "Evaluation",
    "EvaluationReport",
    "GroupComparison",
    "MeasuredPhoto",
    "PairMetrics",
    "Peer",
    "PeerOpinion",
    "Row",
    "Scoreboard",
    "SearchOptions",
    "SeriesReport",
    "TrainOptions",
    "Trial",
    "UnreadableRow",
    "VerdictEvaluation",
    "VerdictReport",
    "VerdictSample",
    "check_folder",
    "check_groups",
    "compare",
    "compare_with_peers",
    "draw_curves",
    "evaluate_series",
    "exclude_overlap",
    "format_comparison_page",
    "format_confusion_table",
    "format_curve_table",
    "format_gap_lines",
    "format_group_table",
    "format_interval",
    "format_interval_table",
    "format_label_table",
    "format_metrics_table",
    "format_number",
    "format_pair_lines",
    "format_scoreboard",
    "format_split_metrics",
    "format_table",
    "format_tuning_page",
    "format_verdict_tables",
    "load_peers",
    "make_recipe",
    "parse_sizes",
    "read_manifest",
    "read_verdict_samples",
    "sample_photos",
    "save_failures",
    "train",
    "tune",
    "with_negatives",
]
