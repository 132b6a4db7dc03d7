"""The criteria by which a single photo is judged, one row each.

Findings, the score, reason texts, labels, score tables, histograms, folder names and the plug-in's reason
texts follow from these rows. A new label of the defects network needs its row here, its settings (`*_trust`,
`*_reject`, `*_doubt`) in `Settings`, its place in `autocull.vocabulary`, and a German text in the plug-in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from math import log2
from types import MappingProxyType

from autocull.judge.criterion import Criterion, Limits, ReasonText, Wording
from autocull.judge.settings import Settings, Trust
from autocull.measure import Evidence
from autocull.read import Capture

ASSUMED_APERTURE = 4.0
"""The f-number where none is recorded, as with adapted lenses: a common one at night."""


def light_is_dark(evidence: Evidence, settings: Settings) -> bool:
    """Whether the measured light is dark throughout, and nothing shows that it was meant to be dark."""
    light = evidence.exposure
    return (
        light.median <= settings.dark_median
        and light.high <= settings.dark_high
        and light.lights < settings.dark_lights
        and not is_darkened(evidence.capture, settings)
        and not is_night_capture(evidence.capture, settings)
    )


def is_darkened(capture: Capture, settings: Settings) -> bool:
    """Whether the photographer set an exposure compensation towards dark."""
    bias = capture.exposure_bias
    return bias is not None and bias <= settings.dark_bias


def is_night_capture(capture: Capture, settings: Settings) -> bool:
    """Whether the camera was set for little light: what is dark in spite of it is the night itself.

    A photo that is too dark by mistake was exposed for more light than there was, so its light value is high.
    """
    light_value = compute_light_value(capture)
    return light_value is not None and light_value <= settings.night_light


def compute_light_value(capture: Capture) -> float | None:
    """Return the light value at ISO 100 for which the camera was set, in EV; None without shutter and ISO.

    It is log2(N² / t) - log2(ISO / 100), N the f-number and t the seconds (ISO 2720:1974, APEX). A full moon
    at night is near -3, a lit street near 4, a living room near 6, sunlight near 15.
    """
    shutter, iso = capture.shutter, capture.iso
    if shutter is None or iso is None:
        return None
    aperture = capture.aperture or ASSUMED_APERTURE
    return 2 * log2(aperture) - log2(shutter) - log2(iso / 100)


def has_highlights(evidence: Evidence, settings: Settings) -> bool:
    """Whether the sensor's values were counted, and hardly any is saturated: the RAW file can be darkened."""
    white = evidence.exposure.sensor_white
    return white is not None and white <= settings.bright_recoverable


def light_is_bright(evidence: Evidence, settings: Settings) -> bool:
    """Whether the measured light is bright in the middle and burnt out besides (a pale subject is not)."""
    light = evidence.exposure
    return light.median >= settings.bright_median and light.clipped_bright >= settings.bright_clipped


_EYES_ADVICE = "Check the marked face; a series may hold a frame with open eyes."
_FOCUS_ADVICE = "Check the marked region at 100 %."
_LIGHT_ADVICE = "Check whether this is intended; a RAW file has room to correct."
_FLARE_ADVICE = "Check whether this is intended."
_QUALITY_ADVICE = "Look for the original file."
_NOISE_ADVICE = "Check whether noise reduction is enough."
_FOCUS_DOUBTFUL = Wording(
    "focus_doubtful",
    "Focus doubtful",
    "Subject perhaps soft (sharp {measured}, limit {limit})",
    _FOCUS_ADVICE,
)

EYES = Criterion(
    name="eyes",
    source="eyes",
    title="Eyes open",
    bad_side="below",
    rejecting=Wording(
        "eyes_closed",
        "Eyes closed",
        "Eyes closed on the marked face (open {measured}, limit {limit})",
        _EYES_ADVICE,
        cause="closed eyes",
    ),
    doubtful=Wording(
        "eyes_doubtful",
        "Eyes doubtful",
        "Eyes perhaps closed on the marked face (open {measured}, limit {limit})",
        _EYES_ADVICE,
    ),
    remark=Wording(
        "eyes_on_purpose",
        "Eyes closed, perhaps on purpose",
        "Eyes closed on the marked face, perhaps on purpose (open {measured}, limit {limit})",
        "Check whether the face looks away, laughs or kisses.",
    ),
)
DEFOCUS = Criterion(
    name="defocus",
    source="focus",
    title="Defocus",
    bad_side="below",
    limits_name="focus",
    rejecting=Wording(
        "out_of_focus",
        "Out of focus",
        "Subject out of focus (sharp {measured}, limit {limit})",
        _FOCUS_ADVICE,
        cause="missed focus",
    ),
    doubtful=_FOCUS_DOUBTFUL,
    label="defocus",
    label_limit="focus_second_min",
    expected_in="focus_stack",
    folder="defocus",
)
MOTION = Criterion(
    name="motion",
    source="focus",
    title="Motion blur",
    bad_side="below",
    limits_name="focus",
    rejecting=Wording(
        "motion_blur",
        "Motion blur",
        "Subject blurred by motion (sharp {measured}, limit {limit})",
        _FOCUS_ADVICE,
        cause="motion blur",
    ),
    doubtful=_FOCUS_DOUBTFUL,
    remark=Wording(
        "sharp_subject",
        "Blur beside a sharp subject",
        "The whole frame is blurred (sure to {measured}, limit {limit}), but the subject is sharp",
        _FOCUS_ADVICE,
        bad_side="above",
    ),
    label="motion_blur",
    label_limit="focus_second_min",
    expected_in="focus_stack",
    folder="motion_blur",
)
DAMAGE = Criterion(
    name="damage",
    source="remarks",
    title="Damage",
    unit="remark",
    rejecting=Wording(
        "damaged",
        "Damaged",
        "The file is damaged: its data contradict themselves",
        "Copy the file from the card again.",
        cause="damaged files",
    ),
    doubtful=Wording(
        "damage_doubtful",
        "Perhaps damaged",
        "The file is perhaps damaged: its data contradict themselves",
        "Check the whole picture; copy the file from the card again.",
    ),
    folder="damaged",
)
RESOLUTION = Criterion(
    name="resolution",
    source="size",
    title="Long side",
    bad_side="below",
    unit="pixels",
    rejecting=None,
    doubtful=Wording(
        "low_resolution",
        "Low resolution",
        "The picture is small (long side {measured}, limit {limit})",
        "Look for the original file, or for a RAW file with a larger preview.",
    ),
)

CRITERIA: tuple[Criterion, ...] = (
    EYES,
    DEFOCUS,
    MOTION,
    Criterion(
        name="dark",
        source="defects",
        title="Too dark",
        rejecting=Wording(
            "too_dark",
            "Too dark",
            "Too dark (sure to {measured}, limit {limit})",
            _LIGHT_ADVICE,
            cause="too little light",
        ),
        doubtful=Wording(
            "dark_doubtful",
            "Perhaps too dark",
            "Perhaps too dark (sure to {measured}, limit {limit})",
            _LIGHT_ADVICE,
        ),
        label="too_dark",
        score_part="exposure",
        confirmed_by=light_is_dark,
        unconfirmed="the light is not dark throughout, or the camera was set for a dark picture",
        expected_in="bracket",
        folder="too_dark",
    ),
    Criterion(
        name="bright",
        source="defects",
        title="Too bright",
        rejecting=Wording(
            "too_bright",
            "Too bright",
            "Too bright (sure to {measured}, limit {limit})",
            _LIGHT_ADVICE,
            cause="too much light",
        ),
        doubtful=Wording(
            "bright_doubtful",
            "Perhaps too bright",
            "Perhaps too bright (sure to {measured}, limit {limit})",
            _LIGHT_ADVICE,
        ),
        remark=Wording(
            "recoverable",
            "Highlights recoverable",
            "Too bright as shown (sure to {measured}, limit {limit}), but the RAW file has the highlights",
            "Lower the exposure when you develop it.",
        ),
        label="too_bright",
        score_part="exposure",
        confirmed_by=light_is_bright,
        unconfirmed="the measured light is not bright",
        spared_by=has_highlights,
        expected_in="bracket",
        folder="too_bright",
    ),
    Criterion(
        name="flare",
        source="defects",
        title="Lens flare",
        rejecting=Wording(
            "lens_flare",
            "Lens flare",
            "Lens flare covers the picture (sure to {measured}, limit {limit})",
            _FLARE_ADVICE,
            cause="lens flare",
        ),
        doubtful=Wording(
            "flare_doubtful",
            "Perhaps lens flare",
            "Perhaps lens flare (sure to {measured}, limit {limit})",
            _FLARE_ADVICE,
        ),
        label="lens_flare",
        score_part="defects",
        folder="lens_flare",
    ),
    Criterion(
        name="quality",
        source="defects",
        title="Compression",
        rejecting=Wording(
            "low_quality",
            "Compression loss",
            "The file lost too much to compression (sure to {measured}, limit {limit})",
            _QUALITY_ADVICE,
            cause="compression loss",
        ),
        doubtful=Wording(
            "quality_doubtful",
            "Perhaps compression loss",
            "The file perhaps lost much to compression (sure to {measured}, limit {limit})",
            _QUALITY_ADVICE,
        ),
        label="low_quality",
        score_part="defects",
        folder="low_quality",
    ),
    Criterion(
        name="noise",
        source="defects",
        title="Noise",
        rejecting=Wording(
            "noise",
            "Noise",
            "Too noisy (sure to {measured}, limit {limit})",
            _NOISE_ADVICE,
            cause="noise",
        ),
        doubtful=Wording(
            "noise_doubtful",
            "Perhaps too noisy",
            "Perhaps too noisy (sure to {measured}, limit {limit})",
            _NOISE_ADVICE,
        ),
        label="noise",
        score_part="defects",
        expected_in="bracket",
        folder="noise",
    ),
    DAMAGE,
    RESOLUTION,
)
"""All criteria, in the order of tables and documents."""

BY_LABEL: Mapping[str, Criterion] = MappingProxyType({each.label: each for each in CRITERIA if each.label})
"""The criterion of each label of the defects network."""

DEFECT_CRITERIA = tuple(each for each in CRITERIA if each.source == "defects")
"""The criteria that compare a probability of the defects network with their own limits."""


def sharpness_limits(settings: Settings) -> Limits:
    """Return the limits of sharpness, with the stronger trust of defocus and motion."""
    order: tuple[Trust, ...] = ("reject", "doubt", "ignore")
    return min(
        DEFOCUS.limits(settings), MOTION.limits(settings), key=lambda limits: order.index(limits.trust)
    )


def list_reasons() -> Iterator[tuple[str, ReasonText]]:
    """Yield code and text of every reason: those that reject, the doubt that they share, the remark."""
    for _, group in groupby(CRITERIA, key=lambda criterion: criterion.doubt_code):
        criteria = tuple(group)
        for criterion in criteria:
            if criterion.rejecting is not None:
                yield criterion.reject_code, criterion.make_text(criterion.rejecting, rejects=True)
        yield criteria[-1].doubt_code, criteria[-1].make_text(criteria[-1].doubtful)
        if criteria[-1].remark is not None:
            yield criteria[-1].remark_code, criteria[-1].make_text(criteria[-1].remark, keeps=True)
