from .defects import FLARE_RAMP as FLARE_RAMP
from .defects import DefectiveImage as DefectiveImage
from .defects import add_defects as add_defects
from .defects import sample_defective_image as sample_defective_image
from .flare import render_disc as render_disc
from .flare import render_flare as render_flare
from .flare import sample_scene as sample_scene
from .focus_photos import BlurredPhoto as BlurredPhoto
from .focus_photos import make_blurred_photos as make_blurred_photos
from .focus_photos import make_mosaic as make_mosaic
from .hard_negatives import LIGHTING_NEGATIVES as LIGHTING_NEGATIVES
from .local_blur import simulate_blur as simulate_blur
from .view_pairs import ViewPair as ViewPair
from .view_pairs import sample_view_pair as sample_view_pair

__all__ = [
    "FLARE_RAMP",
    "LIGHTING_NEGATIVES",
    "BlurredPhoto",
    "DefectiveImage",
    "ViewPair",
    "add_defects",
    "make_blurred_photos",
    "make_mosaic",
    "render_disc",
    "render_flare",
    "sample_defective_image",
    "sample_scene",
    "sample_view_pair",
    "simulate_blur",
]
