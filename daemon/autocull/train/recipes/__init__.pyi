from .base import Dataset as Dataset
from .base import Recipe as Recipe
from .base import Sample as Sample
from .base import TrainingPlan as TrainingPlan
from .defects import DefectsRecipe as DefectsRecipe
from .defects import recapture as recapture
from .embedding import GRID as GRID
from .embedding import EmbeddingDataset as EmbeddingDataset

__all__ = [
    "GRID",
    "Dataset",
    "DefectsRecipe",
    "EmbeddingDataset",
    "Recipe",
    "Sample",
    "TrainingPlan",
    "recapture",
]
