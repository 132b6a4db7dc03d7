from .explanation import describe_detectors as describe_detectors
from .explanation import explain_verdict as explain_verdict
from .explanation import summarise_verdict as summarise_verdict
from .labels import top_labels as top_labels
from .reasons import REASON_TEXTS as REASON_TEXTS
from .reasons import describe as describe
from .score_table import list_scores as list_scores

__all__ = [
    "REASON_TEXTS",
    "describe",
    "describe_detectors",
    "explain_verdict",
    "list_scores",
    "summarise_verdict",
    "top_labels",
]
