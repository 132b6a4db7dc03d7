from .explanation.drawing import PhotoExplanation as PhotoExplanation
from .explanation.drawing import refuse_existing as refuse_existing
from .explanation.drawing import save_explanation as save_explanation
from .explanation.layout import MUTED_TEXT as MUTED_TEXT
from .explanation.layout import render_text as render_text
from .explanation.layout import stack_horizontally as stack_horizontally
from .explanation.layout import stack_vertically as stack_vertically
from .html import create_page_environment as create_page_environment
from .json_lines import JsonLinesWriter as JsonLinesWriter
from .json_lines import result_to_json as result_to_json
from .report.cards import make_printable as make_printable
from .report.report import ReportWriter as ReportWriter
from .result import Judged as Judged
from .result import Result as Result
from .result import Unreadable as Unreadable
from .sidecars.merge import LABEL_NAMES as LABEL_NAMES
from .sidecars.merge import Policy as Policy
from .sidecars.merge import marks_in as marks_in
from .sidecars.photo_kind import RAW_KIND as RAW_KIND
from .sidecars.photo_kind import kind_of as kind_of
from .sidecars.sidecar import SidecarOutcome as SidecarOutcome
from .sidecars.sidecar import SidecarWriter as SidecarWriter
from .sidecars.sidecar import find_other_packets as find_other_packets
from .sidecars.sidecar import read_packet as read_packet
from .sidecars.sidecar_journal import SidecarJournal as SidecarJournal
from .sidecars.xmp_packet import Packet as Packet
from .sorting.folder_lock import lock_target as lock_target
from .sorting.plan import FileOperation as FileOperation
from .sorting.plan import SortPlan as SortPlan
from .sorting.plan import SortPlanner as SortPlanner
from .sorting.plan import check_plan as check_plan
from .sorting.undo_journal import StoppedRun as StoppedRun
from .sorting.undo_journal import execute as execute
from .sorting.undo_journal import find_stopped_runs as find_stopped_runs
from .undo import undo as undo
from .user_marks import UNSET as UNSET
from .user_marks import Choice as Choice
from .user_marks import DecidingMark as DecidingMark
from .user_marks import MarkDecision as MarkDecision
from .user_marks import PhotoMarks as PhotoMarks
from .user_marks import decision_from_marks as decision_from_marks
from .user_marks import user_choice as user_choice
from .user_marks import user_set_marks as user_set_marks

__all__ = [
    "LABEL_NAMES",
    "MUTED_TEXT",
    "RAW_KIND",
    "UNSET",
    "Choice",
    "DecidingMark",
    "FileOperation",
    "JsonLinesWriter",
    "Judged",
    "MarkDecision",
    "Packet",
    "PhotoExplanation",
    "PhotoMarks",
    "Policy",
    "ReportWriter",
    "Result",
    "SidecarJournal",
    "SidecarOutcome",
    "SidecarWriter",
    "SortPlan",
    "SortPlanner",
    "StoppedRun",
    "Unreadable",
    "check_plan",
    "create_page_environment",
    "decision_from_marks",
    "execute",
    "find_other_packets",
    "find_stopped_runs",
    "kind_of",
    "lock_target",
    "make_printable",
    "marks_in",
    "read_packet",
    "refuse_existing",
    "render_text",
    "result_to_json",
    "save_explanation",
    "stack_horizontally",
    "stack_vertically",
    "undo",
    "user_choice",
    "user_set_marks",
]
