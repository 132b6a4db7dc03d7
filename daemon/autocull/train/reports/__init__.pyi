from .card import SPLIT_NOTE as SPLIT_NOTE
from .card import format_card as format_card
from .card import format_facts as format_facts
from .card import format_report as format_report
from .card import format_title as format_title
from .card import handwritten_part as handwritten_part
from .model import SplitMetrics as SplitMetrics
from .model import TrainingReport as TrainingReport
from .plots import draw_learning as draw_learning
from .plots import draw_plots as draw_plots
from .tables import format_interval as format_interval
from .tables import format_number as format_number
from .tables import format_table as format_table

__all__ = [
    "SPLIT_NOTE",
    "SplitMetrics",
    "TrainingReport",
    "draw_learning",
    "draw_plots",
    "format_card",
    "format_facts",
    "format_interval",
    "format_number",
    "format_report",
    "format_table",
    "format_title",
    "handwritten_part",
]
