from .image_io import read_picture as read_picture
from .image_io import read_pictures as read_pictures
from .label_vocabulary import DEFECT_LIMITS as DEFECT_LIMITS
from .label_vocabulary import canonical_defects as canonical_defects
from .label_vocabulary import pair_id as pair_id
from .manifest import Row as Row
from .manifest import Splits as Splits
from .manifest import read_manifest as read_manifest
from .manifest import split_labels as split_labels
from .manifest import split_validation as split_validation

__all__ = [
    "DEFECT_LIMITS",
    "Row",
    "Splits",
    "canonical_defects",
    "pair_id",
    "read_manifest",
    "read_picture",
    "read_pictures",
    "split_labels",
    "split_validation",
]
