from .job_settings import JobSettings as JobSettings
from .job_settings import open_profile_store as open_profile_store
from .model import Job as Job
from .model import JobCounts as JobCounts
from .model import JobRequest as JobRequest
from .model import RequestedPhoto as RequestedPhoto
from .previews import PREVIEWS_FOLDER as PREVIEWS_FOLDER
from .previews import PreviewStore as PreviewStore
from .queue import JobQueue as JobQueue
from .runner import Runner as Runner
from .store import JobStore as JobStore
from .tables import SCHEMA as SCHEMA

__all__ = [
    "PREVIEWS_FOLDER",
    "SCHEMA",
    "Job",
    "JobCounts",
    "JobQueue",
    "JobRequest",
    "JobSettings",
    "JobStore",
    "PreviewStore",
    "RequestedPhoto",
    "Runner",
    "open_profile_store",
]
