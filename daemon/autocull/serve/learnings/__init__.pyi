from .manager import Learnings as Learnings
from .model import Learning as Learning
from .model import LearningDecision as LearningDecision

__all__ = [
    "Learning",
    "LearningDecision",
    "Learnings",
]
