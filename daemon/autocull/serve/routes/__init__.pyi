from .health import PRODUCT as PRODUCT
from .health import create_health_blueprint as create_health_blueprint
from .jobs import create_jobs_blueprint as create_jobs_blueprint
from .journals import create_journals_blueprint as create_journals_blueprint
from .learnings import create_learnings_blueprint as create_learnings_blueprint
from .settings import create_settings_blueprint as create_settings_blueprint

__all__ = [
    "PRODUCT",
    "create_health_blueprint",
    "create_jobs_blueprint",
    "create_journals_blueprint",
    "create_learnings_blueprint",
    "create_settings_blueprint",
]
