from .category import CATEGORY_PREPROCESSING as CATEGORY_PREPROCESSING
from .category import CategoryDetector as CategoryDetector
from .category import face_features as face_features
from .category import prepare_category_picture as prepare_category_picture
from .defects import DEFECT_PREPROCESSING as DEFECT_PREPROCESSING
from .defects import DefectDetector as DefectDetector
from .defects import count_features as count_features
from .defects import count_light as count_light
from .defects import extract_inputs as extract_inputs
from .defects import prepare_defect_inputs as prepare_defect_inputs
from .embedding import DESCRIPTOR_SIZE as DESCRIPTOR_SIZE
from .embedding import EMBEDDING_PREPROCESSING as EMBEDDING_PREPROCESSING
from .embedding import VECTOR_SIZE as VECTOR_SIZE
from .embedding import EmbeddingDetector as EmbeddingDetector
from .embedding import hash_of as hash_of
from .embedding import patches_of as patches_of
from .embedding import prepare_embedding_picture as prepare_embedding_picture
from .embedding import vector_of as vector_of
from .ensemble import Ensemble as Ensemble
from .evidence import Embedding as Embedding
from .evidence import Evidence as Evidence
from .evidence import Exposure as Exposure
from .evidence import Eye as Eye
from .evidence import EyePoints as EyePoints
from .evidence import Face as Face
from .evidence import Focus as Focus
from .evidence import Page as Page
from .eyes import EYE_PREPROCESSING as EYE_PREPROCESSING
from .eyes import EyeCrop as EyeCrop
from .eyes import EyeDetector as EyeDetector
from .eyes import build_eye_views as build_eye_views
from .eyes import crop_eyes as crop_eyes
from .eyes import open_logit as open_logit
from .eyes import prepare_eye as prepare_eye
from .faces import FaceDetector as FaceDetector
from .focus import AIM as AIM
from .focus import FOCUS_PREPROCESSING as FOCUS_PREPROCESSING
from .focus import FocusDetector as FocusDetector
from .focus import FocusView as FocusView
from .focus import join_frame as join_frame
from .focus import prepare_focus_tiles as prepare_focus_tiles
from .focus import score_view as score_view
from .models import CHECKSUMS as CHECKSUMS
from .models import WEIGHTS as WEIGHTS
from .models import Detector as Detector
from .models import Model as Model
from .models import Network as Network
from .models import models_root as models_root
from .models import packaged_weights as packaged_weights
from .models import versions as versions
from .network_io import log_odds as log_odds
from .occlusion_maps import category_occlusion_maps as category_occlusion_maps
from .occlusion_maps import defect_occlusion_maps as defect_occlusion_maps
from .oriented_crops import OrientedCrop as OrientedCrop
from .oriented_crops import crop_native as crop_native
from .oriented_crops import crop_working as crop_working
from .saliency import interpolate_map as interpolate_map
from .tiles import crop_tile as crop_tile
from .tiles import make_grid as make_grid
from .tiles import make_views as make_views
from .tiles import measure_texture as measure_texture
from .tiles import tile_around as tile_around
from .tiles import to_grey as to_grey
from .view import DETAIL_LONG_SIDE as DETAIL_LONG_SIDE
from .view import DETAIL_SIDE as DETAIL_SIDE
from .view import TINT_SIDE as TINT_SIDE
from .view import TONE_SIDE as TONE_SIDE
from .view import detail_of as detail_of
from .view import tints_of as tints_of
from .view import tones_of as tones_of

__all__ = [
    "AIM",
    "CATEGORY_PREPROCESSING",
    "CHECKSUMS",
    "DEFECT_PREPROCESSING",
    "DESCRIPTOR_SIZE",
    "DETAIL_LONG_SIDE",
    "DETAIL_SIDE",
    "EMBEDDING_PREPROCESSING",
    "EYE_PREPROCESSING",
    "FOCUS_PREPROCESSING",
    "TINT_SIDE",
    "TONE_SIDE",
    "VECTOR_SIZE",
    "WEIGHTS",
    "CategoryDetector",
    "DefectDetector",
    "Detector",
    "Embedding",
    "EmbeddingDetector",
    "Ensemble",
    "Evidence",
    "Exposure",
    "Eye",
    "EyeCrop",
    "EyeDetector",
    "EyePoints",
    "Face",
    "FaceDetector",
    "Focus",
    "FocusDetector",
    "FocusView",
    "Model",
    "Network",
    "OrientedCrop",
    "Page",
    "build_eye_views",
    "category_occlusion_maps",
    "count_features",
    "count_light",
    "crop_eyes",
    "crop_native",
    "crop_tile",
    "crop_working",
    "defect_occlusion_maps",
    "detail_of",
    "extract_inputs",
    "face_features",
    "hash_of",
    "interpolate_map",
    "join_frame",
    "log_odds",
    "make_grid",
    "make_views",
    "measure_texture",
    "models_root",
    "open_logit",
    "packaged_weights",
    "patches_of",
    "prepare_category_picture",
    "prepare_defect_inputs",
    "prepare_embedding_picture",
    "prepare_eye",
    "prepare_focus_tiles",
    "score_view",
    "tile_around",
    "tints_of",
    "to_grey",
    "tones_of",
    "vector_of",
    "versions",
]
