from .defects import DefectiveImage as DefectiveImage
from .defects import add_defects as add_defects
from .defects import sample_defective_image as sample_defective_image
from .focus_photos import BlurredPhoto as BlurredPhoto
from .focus_photos import make_blurred_photos as make_blurred_photos
from .focus_photos import make_mosaic as make_mosaic
from .hard_negatives import LIGHTING_NEGATIVES as LIGHTING_NEGATIVES
from .local_blur import simulate_blur as simulate_blur
from .view_pairs import ViewPair as ViewPair
from .view_pairs import sample_view_pair as sample_view_pair

__all__ = [
    "LIGHTING_NEGATIVES",
    "BlurredPhoto",
    "DefectiveImage",
    "ViewPair",
    "add_defects",
    "make_blurred_photos",
    "make_mosaic",
    "sample_defective_image",
    "sample_view_pair",
    "simulate_blur",
]
