from .access_gate import register_access_gate as register_access_gate
from .error_handlers import register_error_handlers as register_error_handlers
from .request_models import DecisionsBody as DecisionsBody
from .request_models import EntriesBody as EntriesBody
from .request_models import JobBody as JobBody
from .request_models import LearningBody as LearningBody
from .request_models import PhotosBody as PhotosBody
from .request_parsing import check_no_input as check_no_input
from .request_parsing import parse_page as parse_page
from .request_parsing import parse_parameters as parse_parameters
from .request_parsing import validate_body as validate_body
from .responses import job_to_json as job_to_json
from .responses import journal_to_json as journal_to_json
from .responses import learning_to_json as learning_to_json
from .responses import page_to_json as page_to_json
from .waitress_server import ServerLoop as ServerLoop
from .waitress_server import ShutdownSignal as ShutdownSignal
from .waitress_server import listen as listen
from .waitress_server import raise_descriptor_limit as raise_descriptor_limit

__all__ = [
    "DecisionsBody",
    "EntriesBody",
    "JobBody",
    "LearningBody",
    "PhotosBody",
    "ServerLoop",
    "ShutdownSignal",
    "check_no_input",
    "job_to_json",
    "journal_to_json",
    "learning_to_json",
    "listen",
    "page_to_json",
    "parse_page",
    "parse_parameters",
    "raise_descriptor_limit",
    "register_access_gate",
    "register_error_handlers",
    "validate_body",
]
