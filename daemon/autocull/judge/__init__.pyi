from .criteria import BY_LABEL as BY_LABEL
from .criteria import CRITERIA as CRITERIA
from .criteria import DEFOCUS as DEFOCUS
from .criteria import EYES as EYES
from .criteria import MOTION as MOTION
from .criteria import sharpness_limits as sharpness_limits
from .criterion import Criterion as Criterion
from .ranking import RankInput as RankInput
from .ranking import RankResult as RankResult
from .ranking import make_rank_input as make_rank_input
from .ranking import rank as rank
from .rules import judge as judge
from .rules import marks_for as marks_for
from .rules import sort_key as sort_key
from .series_context import adjust_for_series as adjust_for_series
from .settings import DEFAULT_MARKS as DEFAULT_MARKS
from .settings import MarkRow as MarkRow
from .settings import Settings as Settings
from .settings_file import list_user_changes as list_user_changes
from .settings_file import load_settings as load_settings
from .shoot_profiles import PROFILE_DESCRIPTIONS as PROFILE_DESCRIPTIONS
from .shoot_profiles import PROFILES as PROFILES
from .texts.explanation import describe_detectors as describe_detectors
from .texts.explanation import explain_verdict as explain_verdict
from .texts.explanation import summarise_verdict as summarise_verdict
from .texts.labels import LABEL_ANSWER_TEXTS as LABEL_ANSWER_TEXTS
from .texts.labels import Label as Label
from .texts.labels import category_labels as category_labels
from .texts.labels import labels_to_show as labels_to_show
from .texts.labels import top_labels as top_labels
from .texts.reasons import KIND_NAMES as KIND_NAMES
from .texts.reasons import REASON_TEXTS as REASON_TEXTS
from .texts.reasons import describe as describe
from .texts.reasons import describe_position as describe_position
from .texts.reasons import format_number as format_number
from .texts.score_table import OUTCOME_WORDS as OUTCOME_WORDS
from .texts.score_table import Outcome as Outcome
from .texts.score_table import Score as Score
from .texts.score_table import list_scores as list_scores
from .texts.settings import SettingDescription as SettingDescription
from .texts.settings import describe_settings as describe_settings
from .texts.settings import format_value as format_value
from .texts.settings import list_profile_changes as list_profile_changes
from .verdict import Answer as Answer
from .verdict import BetterFrame as BetterFrame
from .verdict import BlurExtent as BlurExtent
from .verdict import ColourLabel as ColourLabel
from .verdict import EyeState as EyeState
from .verdict import Marks as Marks
from .verdict import Reason as Reason
from .verdict import Verdict as Verdict

__all__ = [
    "BY_LABEL",
    "CRITERIA",
    "DEFAULT_MARKS",
    "DEFOCUS",
    "EYES",
    "KIND_NAMES",
    "LABEL_ANSWER_TEXTS",
    "MOTION",
    "OUTCOME_WORDS",
    "PROFILES",
    "PROFILE_DESCRIPTIONS",
    "REASON_TEXTS",
    "Answer",
    "BetterFrame",
    "BlurExtent",
    "ColourLabel",
    "Criterion",
    "EyeState",
    "Label",
    "MarkRow",
    "Marks",
    "Outcome",
    "RankInput",
    "RankResult",
    "Reason",
    "Score",
    "SettingDescription",
    "Settings",
    "Verdict",
    "adjust_for_series",
    "category_labels",
    "describe",
    "describe_detectors",
    "describe_position",
    "describe_settings",
    "explain_verdict",
    "format_number",
    "format_value",
    "judge",
    "labels_to_show",
    "list_profile_changes",
    "list_scores",
    "list_user_changes",
    "load_settings",
    "make_rank_input",
    "marks_for",
    "rank",
    "sharpness_limits",
    "sort_key",
    "summarise_verdict",
    "top_labels",
]
