"""Which panel of which figure of the paper draws which of its training runs.

Source: the authors' published scores.
"""

from __future__ import annotations

from brainscore_wiring.catalogue.paper_runs import FULL, SUBSETS, TENTHS

PLOTTED = "0.2 0.5 0.8 1 3 5 6 10 20 *"
PLOTTED_WHOLE = "1 2 3 5 6 10 20 *"
ALTERNATIVES = (
    "cornet_s_kernel_normal_ct cornet_s_kernel_normal_decoder cornet_s_mixture_gaussian_ct "
    "cornet_s_mixture_gaussian_decoder_it_conv3 cornet_s_no_gabor_prior_ct "
    "cornet_s_no_gabor_prior_decoder cornet_s_wc_ct cornet_s_wc_decoder"
)
FEWER_SYNAPSES = (
    "cornet_s cornet_s_ct cornet_s_ct_v4 cornet_s_ct_v2 cornet_s_dt_v4 cornet_s_dt_it "
    "cornet_s_dt_decoder cornet_s_conv1 cornet_s_conv1_v4 cornet_s_conv1_v2 cornet_s_batchnorm "
    "cornet_s_batchnorm_v4 cornet_s_batchnorm_v2 cornet_s_wc_decoder cornet_s_wc_ct_v2"
)
_HYPER_PARAMETERS = (
    "cornet_s_learning_rate_1 cornet_s_learning_rate_0p01 cornet_s_weight_decay_1e_3 "
    "cornet_s_weight_decay_1e_5 cornet_s_schedule_alternative"
)

#: (panel, models, image counts, epochs with "*" for convergence, seeds): what the figures draw.
PANELS: tuple[tuple[str, str, tuple[int, ...], str, tuple[int, ...]], ...] = (
    ("1A", "cornet_s", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("1B", "cornet_s", (FULL,), PLOTTED, (0, 42)),
    ("1C", "cornet_s", (*SUBSETS, FULL), "*", (0, 42)),
    ("2C", "cornet_s", (FULL,), "*", (0, 42)),
    ("2C", "cornet_s_wc_full", (FULL,), "*", (0,)),
    ("3C", FEWER_SYNAPSES, (FULL,), "*", (0, 42)),
    ("3D", FEWER_SYNAPSES, (FULL,), "*", (0, 42)),
    ("3C", "cornet_s_wc_ct_v4", (FULL,), "*", (0, 94)),
    ("3D", "cornet_s_wc_ct_v4", (FULL,), "*", (0, 94)),
    ("4A", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("4A", "resnet50 mobilenet", (FULL,), PLOTTED, (0,)),
    ("4B", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), "1 3 6 10 20 *", (0,)),
    ("5A", "resnet50 resnet50_wc_ct mobilenet mobilenet_wc_ct", (FULL,), "*", (0,)),
    ("5B", "cornet_s_ct cornet_s_dt_decoder", (FULL,), "*", (0, 42)),
    ("5B", "cornet_s_wc_ct cornet_s_wc_decoder", (FULL,), "*", (42,)),
    ("6", "cornet_s", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("6", _HYPER_PARAMETERS, (*SUBSETS, FULL), PLOTTED, (0,)),
    ("7", ALTERNATIVES, (FULL,), "6", (0, 42)),
    ("8A", "cornet_s cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED, (0, 42)),
    ("8A", "cornet_s_ct", (*SUBSETS[1:], FULL), PLOTTED, (0, 42)),
    ("8A", "cornet_s_ct", (100,), "1 3 5 6 10 20", (0,)),
    ("8A", "resnet50 mobilenet", (FULL,), PLOTTED, (0,)),
    ("8B", "cornet_s_wc_ct", (*SUBSETS, FULL), PLOTTED_WHOLE, (0, 42)),
    ("8C", "cornet_s", (*SUBSETS, FULL), PLOTTED_WHOLE, (0, 42)),
    ("9A", "cornet_s", (FULL,), "*", (0, 42)),
    ("9A", "cornet_s_wc_ct", (FULL,), f"{TENTHS} 1 2 3 5 10 20 *", (0, 42)),
    ("9B", "cornet_s_wc_ct", (*SUBSETS, FULL), "*", (0, 42)),
)


def _panels_of_models() -> dict[
    str, list[tuple[str, tuple[int, ...], frozenset[str], tuple[int, ...]]]
]:
    drawn: dict[str, list] = {}
    for panel, models, images, epochs, seeds in PANELS:
        for model in models.split():
            drawn.setdefault(model, []).append((panel, images, frozenset(epochs.split()), seeds))
    return drawn


_DRAWN = _panels_of_models()


def panels(model: str, images: int, seed: int, epochs: str, converged: bool) -> str:
    """The panels that draw a run at some epochs, such as "1A;4A;4B".

    "none" where the paper does not draw it.
    """
    drawn = {
        panel
        for panel, counts, plotted, seeds in _DRAWN.get(model, ())
        if images in counts
        and seed in seeds
        and (epochs in plotted or (converged and "*" in plotted))
    }
    return ";".join(sorted(drawn)) or "none"
