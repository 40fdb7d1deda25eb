"""Name of a claim -> what it is recomputed by, from scores or counts.

The functions are in `values.py` and `counts.py`, those that one claim alone needs here.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.claims import counts
from brainscore_wiring.paper.claims.claim import Missing, Value
from brainscore_wiring.paper.claims.values import (
    STAR,
    STAR_UPDATES,
    TRILLION,
    birth_mean,
    birth_means,
    birth_spread,
    counted,
    difference_map,
    difference_of,
    different_births,
    fewest_synaptic_updates,
    final_score,
    find,
    first_epoch_above,
    growth_per_decade,
    images_to_pass,
    improvements,
    largest_difference,
    margin,
    of_scores,
    percent,
    place_of_largest_difference,
    ratio_to,
    region_scores_of,
    score_after,
    score_of,
    scores_at_birth,
    share_of_synapses,
    share_of_updates,
    time_saved,
    with_updates,
)
from brainscore_wiring.paper.comparisons import permutation_p
from brainscore_wiring.scoring.points import TOP1, Point, Scores

_WC, _KN, _WC_CT, _CT, _CT_V4 = (
    "cornet_s_wc",
    "cornet_s_kn",
    "cornet_s_wc_ct",
    "cornet_s_ct",
    "cornet_s_ct_v4",
)
_ONE_MILLION = "cornet_s_500k_images_2_epochs"
_SYNAPTIC = "supervised_synaptic_updates"
#: Weight compression with all batch norms from the genome. Its decoder was trained, which changes
#: no score: it stands for the birth state whose regions section 4 gives, with one of two seeds.
WC_DECODER, WC_DECODER_SEED = "cornet_s_wc_decoder", 42
#: The networks behind figure 5B's bars.
_BARS = {
    "KN": ("cornet_s_dt_decoder", 0),
    "WC": (WC_DECODER, WC_DECODER_SEED),
    "WC+CT": (_WC_CT, WC_DECODER_SEED),
}
_ALTERNATIVES = {
    "learning_rate": ("cornet_s_learning_rate_1", "cornet_s_learning_rate_0p01"),
    "weight_decay": ("cornet_s_weight_decay_1e_3", "cornet_s_weight_decay_1e_5"),
}
_FIGURE_7_MIXTURE = "cornet_s_mixture_gaussian_decoder_it_conv3"


def _standard_score(scores: Scores) -> float:
    if scores.reference is None:
        raise Missing("The standard model was not scored in every region.")
    return scores.reference


def _pixels(scores: Scores) -> Point:
    point = scores.one(model="pixels")
    if point is None or point.average is None:
        raise Missing("Pixels were not scored in every region.")
    return point


@of_scores
def epochs_of(scores: Scores, model: str, seed: int = 0) -> int:
    """Epochs at which a training on all images ended."""
    return int(find(scores, model, seed=seed).epochs)


@of_scores
def _stored_settings(scores: Scores, name: str) -> tuple[float, ...]:
    """The values of a hyper-parameter, apart from the standard one, with which networks were
    scored.
    """
    points = scores.select(model=_ALTERNATIVES[name])
    found = {float(point.row.recipe[name]) for point in points if name in point.row.recipe}
    if not found:
        raise Missing(f"No network with another {name.replace('_', ' ')} is among the scores.")
    return tuple(sorted(found, reverse=True))


def _lead_of_alternatives(scores: Scores) -> tuple[float, ...]:
    """Figure 6's hyper-parameters: percentage points of the best one above standard training, at
    each shared epoch.
    """
    models = tuple(model for models in _ALTERNATIVES.values() for model in models)
    leads = []
    for epochs in (1, 3, 5, 6, 10, 20, None):
        asked = {"converged": True} if epochs is None else {"epochs": epochs}
        points = scores.select(model=models, images=FULL, **asked)
        others = [percent(scores, point) for point in points if point.average is not None]
        if others:
            leads.append(max(others) - percent(scores, find(scores, "cornet_s", epochs=epochs)))
    if not leads:
        raise Missing("No network with other hyper-parameters is among the scores.")
    return tuple(leads)


def _births_of_both_kinds(region: str) -> Callable[[Scores], tuple[float, float]]:
    """A region of weight compression at birth: the ten seeds of the text, and the network whose
    regions section 4 gives.
    """
    ten = birth_mean(_WC, region)
    one = score_of(WC_DECODER, region, seed=WC_DECODER_SEED)
    return lambda scores: (ten(scores), one(scores))


def _without_gabor(with_prior: str, without: str) -> Callable[[Scores], float]:
    return difference_of(score_after(with_prior, 6), score_after(without, 6))


def _mixture_distance(scores: Scores) -> float:
    """Weight compression against the Gaussian mixture: the mean distance of its two pairs of
    bars.
    """
    pairs = ((WC_DECODER, _FIGURE_7_MIXTURE), (_WC_CT, "cornet_s_mixture_gaussian_ct"))
    return statistics.fmean(
        abs(score_after(one, 6)(scores) - score_after(other, 6)(scores)) for one, other in pairs
    )


def _bar_epochs(scores: Scores) -> tuple[int, ...]:
    drawn = {int(point.epochs) for point in scores.points if "7" in point.row.figure.split(";")}
    if not drawn:
        raise Missing("No network that figure 7 draws is among the scores.")
    return tuple(sorted(drawn))


def gray_bar_epochs(scores: Scores) -> int:
    """Epochs for which the network of figure 7's gray WC bar was trained."""
    return int(find(scores, WC_DECODER, epochs=6).epochs)


def gains(before: str, after: str) -> Callable[[Scores], dict[str, float]]:
    """Gain in every region of one bar of figure 5B over another: "KN", "WC" or "WC+CT"."""
    return improvements(_BARS[before][0], _BARS[after][0], (_BARS[before][1], _BARS[after][1]))


def v1_over_training(scores: Scores) -> dict[float, float]:
    """Epochs -> V1 of one WC+CT training on all images, in percent."""
    found = {
        point.row.epochs: percent(scores, point, "V1")
        for point in scores.select(model=_WC_CT, images=FULL, seed=0)
        if "V1" in point.scores
    }
    if len(found) < 2:
        raise Missing("Fewer than two V1 scores of one WC+CT training are stored.")
    return found


def v1_spread(scores: Scores) -> float:
    """How far V1 scores of one WC+CT training lie apart, in percentage points."""
    found = v1_over_training(scores).values()
    return max(found) - min(found)


def _early_margin(scores: Scores) -> float:
    early = region_scores_of(_WC_CT, "V1", "V2")(scores)
    return min(early) - max(region_scores_of(_WC_CT, "V4", "IT", "behaviour")(scores))


def _last_difference(scores: Scores) -> float:
    found = difference_map(scores)
    if (None, FULL) not in found:
        raise Missing(
            "WC+CT or standard training on all images to the end is not among the scores."
        )
    return -found[None, FULL]


def _dt_below_65(scores: Scores) -> float:
    """Share of parameters of the downstream training with the most of those whose mean score is
    below 65 %.
    """
    models = ("cornet_s_dt_v2", "cornet_s_dt_v4", "cornet_s_dt_it", "cornet_s_dt_decoder")
    shares = [
        share_of_synapses(model)(scores) for model in models if final_score(model)(scores) < 65
    ]
    if not shares:
        raise Missing("No downstream training is below 65 %.")
    return max(shares)


def _connecting_layers(scores: Scores) -> tuple[float, ...]:
    """Critical training of the last and of the first layer of each area, seed 0 at the end."""
    return tuple(final_score(model, seeds=(0,))(scores) for model in (_CT, "cornet_s_conv1"))


def _above_batch_norms(scores: Scores) -> float:
    return min(_connecting_layers(scores)) - final_score("cornet_s_batchnorm", seeds=(0,))(scores)


@of_scores
def top1(scores: Scores, model: str, *epochs: float) -> tuple[float, ...]:
    """ImageNet top-1 accuracy in percent after some numbers of epochs of all images."""
    found = [find(scores, model, epochs=moment).scores.get(TOP1) for moment in epochs]
    if None in found:
        raise Missing(f"{model} has no ImageNet top-1 accuracy.")
    return tuple(100 * accuracy for accuracy in found if accuracy is not None)


@of_scores
def _reduction(scores: Scores, model: str, standard: str) -> float:
    return 100 - share_of_synapses(model, standard)(scores)


def _standard_seeds(scores: Scores) -> tuple[int, ...]:
    found = scores.select(model="cornet_s", images=FULL, converged=True)
    if not found:
        raise Missing("No standard training that ended is among the scores.")
    return tuple(sorted({point.seed for point in found}))


_STANDARD_UPDATES = counted("cornet_s", "supervised_updates")
_TEN_WC, _TEN_KN = birth_mean(_WC), birth_mean(_KN)
_MOBILENET_LEFT = ratio_to("mobilenet", "mobilenet_wc_ct")

RECOMPUTED: dict[str, Callable[[Scores], Value]] = {
    "abstract-2-percent": share_of_updates(_ONE_MILLION),
    "abstract-80-at-2-percent": score_of("cornet_s", images=500_000, epochs=2),
    "abstract-54-at-birth": _TEN_WC,
    "abstract-5-percent-synapses": share_of_synapses(_CT),
    "abstract-nearly-80": final_score(_CT),
    "abstract-80-combined": score_of(**STAR),
    "abstract-two-orders": lambda scores: math.log10(
        100 / share_of_updates(STAR_UPDATES, _SYNAPTIC)(scores)
    ),
    "3-three-cuts": counts.cuts_of_learning_rate,
    "3-epochs": epochs_of("cornet_s"),
    "3-score": _standard_score,
    "3-updates": _STANDARD_UPDATES,
    "3-images": counts.imagenet_images,
    "3-50-percent": with_updates(100_000),
    "3-76-percent": with_updates(1_000_000),
    "3-97-percent": with_updates(10_000_000),
    "3-growth": growth_per_decade,
    "3-half-in-first-epoch": first_epoch_above(50, "V1", "V2", "V4"),
    "3-early-areas": region_scores_of("cornet_s", "V1", "V2", "V4", epochs=1),
    "3-it-two-epochs": first_epoch_above(80, "IT"),
    "3-behaviour-7-epochs": first_epoch_above(80, "behaviour"),
    "3-50000-images": region_scores_of("cornet_s", "V1", "V2", "V4", "IT", images=50_000),
    "3-half-of-images": images_to_pass(80, "behaviour"),
    "3-four-months": counts.seconds_of_four_months,
    "3-updates-per-second": counted("cornet_s", "updates_per_second"),
    "3-55-million": counted("cornet_s", "supervised_updates", 1e6),
    "3-one-in-ten-seconds": lambda scores: 1 / counted(_ONE_MILLION, "updates_per_second")(scores),
    "figure-1-20-percent": share_of_updates("cornet_s_500k_images_20_epochs"),
    "figure-1-97": score_of("cornet_s", images=500_000, epochs=20),
    "figure-1-2-percent": share_of_updates(_ONE_MILLION),
    "figure-1-76": score_of("cornet_s", images=500_000, epochs=2),
    "figure-1-0.2-percent": share_of_updates("cornet_s_50k_images_2_epochs"),
    "figure-1-50": with_updates(100_000),
    "figure-1-standard": _standard_score,
    "figure-1-pixels": lambda scores: percent(scores, _pixels(scores)),
    "figure-1-pixels-absolute": lambda scores: _pixels(scores).average or 0.0,
    "figure-6-weight-decay": _stored_settings("weight_decay"),
    "figure-6-rates": _stored_settings("learning_rate"),
    "figure-6-nearly-optimal": _lead_of_alternatives,
    "4-bits": counts.bits_of_v1,
    "4-genome": counts.bits_of_genome,
    "4-orders": counts.orders_above_genome,
    "4-wc": _TEN_WC,
    "4-wc-spread": birth_spread(_WC),
    "4-improvement": difference_of(_TEN_WC, _TEN_KN),
    "4-seeds": different_births(_WC, _KN),
    "4-p": lambda scores: permutation_p(scores_at_birth(scores, _WC), scores_at_birth(scores, _KN)),
    "4-kn": _TEN_KN,
    "4-kn-spread": birth_spread(_KN),
    "4-no-loss": birth_means(_WC, "V1", "V2"),
    "4-v4": _births_of_both_kinds("V4"),
    "4-it": _births_of_both_kinds("IT"),
    "4-behaviour": _births_of_both_kinds("behaviour"),
    "4-top1": score_of(WC_DECODER, "top1", seed=WC_DECODER_SEED),
    "figure-2-kernel-size": counts.layers_with_kernels_above_3,
    "figure-2-54": _TEN_WC,
    "figure-2-trained": final_score("cornet_s_wc_full", seeds=(0,)),
    "figure-7-mixture": _mixture_distance,
    "figure-7-epochs": _bar_epochs,
    "figure-7-without-training": gray_bar_epochs,
    "5-54-at-birth": _TEN_WC,
    "5-dt-65": final_score("cornet_s_dt_it"),
    "5-dt-quarter": _dt_below_65,
    "5-ct-75": final_score(_CT),
    "5-1.4-million": counted(_CT, "trained_synapses_paper", 1e6),
    "5-52.8-million": counted("cornet_s", "trained_synapses_paper", 1e6),
    "5-connecting-layers": _connecting_layers,
    "5-batch-norms": _above_batch_norms,
    "5-time": time_saved,
    "5-time-score": final_score(_CT_V4),
    "5-time-top1": final_score(_CT_V4, "top1"),
    "figure-3-half": final_score(_CT, "top1"),
    "6-3000-trillion": counted("cornet_s", _SYNAPTIC, TRILLION),
    "6-5.2-trillion": fewest_synaptic_updates(50),
    "6-over-50": score_of("cornet_s", images=100_000, epochs=1),
    "6-100-trillion": fewest_synaptic_updates(79.5),
    "6-80-percent": score_of("cornet_s", images=100_000, epochs=20),
    "6-53-at-birth": _TEN_WC,
    "6-0-updates": counted(_WC, _SYNAPTIC),
    "6-0.5-percent": share_of_updates(STAR_UPDATES, _SYNAPTIC),
    "6-14-trillion": counted(STAR_UPDATES, _SYNAPTIC, TRILLION),
    "6-79-percent": score_of(**STAR),
    "6-hmax": counted("hmax", _SYNAPTIC),
    "6-27-points": largest_difference,
    "6-place-of-27": place_of_largest_difference,
    "6-17-points": _last_difference,
    "6-43-epochs": lambda scores: (epochs_of("cornet_s")(scores), epochs_of(_WC_CT)(scores)),
    "7-resnet": ratio_to("resnet50", "resnet50_wc_ct"),
    "7-resnet-synapses": _reduction("resnet50_wc_ct", "resnet50"),
    "7-mobilenet": lambda scores: 100 - _MOBILENET_LEFT(scores),
    "7-mobilenet-synapses": _reduction("mobilenet_wc_ct", "mobilenet"),
    "7-wc-early": margin(gains("KN", "WC"), "V1", "V2"),
    "7-ct-late": margin(gains("WC", "WC+CT"), "V4", "IT", "behaviour"),
    "figure-9-100000": region_scores_of(_WC_CT, "V1", "V2", "V4", images=100_000),
    "figure-9-short": region_scores_of(_WC_CT, "IT", "behaviour"),
    "b1-gabor-numbers": counts.kernel_parameters,
    "b1-side": counts.side_of_first_kernels,
    "b1-components": counts.gabor_components_by_bic,
    "b3-kernel-size": counts.smallest_kernel_of_conv2,
    "b3-wc-numbers": counts.weight_compression_numbers,
    "b3-mixture-numbers": counts.mixture_gaussian_numbers,
    "b3-kernel-normal-numbers": counts.kernel_normal_numbers,
    "b3-no-gabor-numbers": counts.no_gabor_prior_numbers,
    "b3-gabor-at-birth": _without_gabor(
        "cornet_s_kernel_normal_decoder", "cornet_s_no_gabor_prior_decoder"
    ),
    "b3-gabor-trained": _without_gabor("cornet_s_kernel_normal_ct", "cornet_s_no_gabor_prior_ct"),
    "c-54": _TEN_WC,
    "c-0-updates": counted(_WC, _SYNAPTIC),
    "c-v1-identical": v1_spread,
    "c-early-best": _early_margin,
    "d1-three-layers": counts.size_reducing_layers,
    "d1-random": top1("mobilenet_wc_ct_mapping_4", 6, 20),
    "d1-43": _reduction("mobilenet_wc_ct", "mobilenet"),
    "d1-78": _MOBILENET_LEFT,
    "d2-kn": epochs_of(*_BARS["KN"]),
    "d2-wc": epochs_of(*_BARS["WC"]),
    "e-four-cuts": counts.cuts_of_learning_rate,
    "e-mobilenet": epochs_of("mobilenet"),
    "e-seeds": _standard_seeds,
}
