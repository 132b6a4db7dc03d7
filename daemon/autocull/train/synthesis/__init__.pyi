from .defects import DefectiveImage as DefectiveImage
from .defects import sample_defective_image as sample_defective_image
from .local_blur import simulate_blur as simulate_blur
from .view_pairs import ViewPair as ViewPair
from .view_pairs import sample_view_pair as sample_view_pair

__all__ = [
    "DefectiveImage",
    "ViewPair",
    "sample_defective_image",
    "sample_view_pair",
    "simulate_blur",
]
