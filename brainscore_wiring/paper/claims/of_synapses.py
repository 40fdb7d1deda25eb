"""Claims on fewer trained synapses and all three reductions together: sections 5 to 7, figures 3 to
5, 8 and 9.
"""

from __future__ import annotations

from collections.abc import Callable

from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.claims import counts
from brainscore_wiring.paper.claims.claim import (
    Claim,
    Missing,
    about,
    below,
    exactly,
    nearly,
    over,
    rounds_to,
)
from brainscore_wiring.paper.claims.values import (
    STAR,
    STAR_UPDATES,
    TRILLION,
    birth_mean,
    counted,
    difference_map,
    fewest_synaptic_updates,
    final_score,
    find,
    improvements,
    largest_difference,
    margin,
    percent,
    place_of_largest_difference,
    ratio_to,
    region_scores_of,
    score_of,
    share_of_synapses,
    share_of_updates,
    time_saved,
)
from brainscore_wiring.scoring.points import Scores

_CT, _CT_V4, _DT_IT = "cornet_s_ct", "cornet_s_ct_v4", "cornet_s_dt_it"
_WC_CT = "cornet_s_wc_ct"
#: Figure 5B draws weight compression with this seed, and a trained decoder in both bars without
#: critical training.
_BAR_SEED = 42
_BARS = {
    "KN": ("cornet_s_dt_decoder", 0),
    "WC": ("cornet_s_wc_decoder", _BAR_SEED),
    "WC+CT": (_WC_CT, _BAR_SEED),
}


def _gains(before: str, after: str) -> Callable[[Scores], dict[str, float]]:
    """Gain of one bar of figure 5B over another."""
    return improvements(_BARS[before][0], _BARS[after][0], (_BARS[before][1], _BARS[after][1]))


def _gain_words(before: str, after: str) -> Callable[[Scores], str]:
    def remark(scores: Scores) -> str:
        gains = _gains(before, after)(scores)
        order = sorted(gains, key=gains.__getitem__, reverse=True)
        return (
            "In the figure's bars the gains are "
            f"{', '.join(f'{region} {gains[region]:+.3f}' for region in order)}."
        )

    return remark


def _v1_spread(scores: Scores) -> float:
    """How far V1 scores of one WC+CT training lie apart, in percentage points."""
    found = _v1(scores)
    return max(found.values()) - min(found.values())


def _v1(scores: Scores) -> dict[float, float]:
    found = {
        point.row.epochs: percent(scores, point, "V1")
        for point in scores.select(model=_WC_CT, images=FULL, seed=0)
        if "V1" in point.scores
    }
    if len(found) < 2:
        raise Missing("Fewer than two V1 scores of one WC+CT training are stored.")
    return found


def _v1_words(scores: Scores) -> str:
    found = _v1(scores)
    whole = [value for epochs, value in found.items() if epochs == int(epochs)]
    return (
        f"After whole epochs they are within {max(whole) - min(whole):.0E} points of each other; "
        "those stored "
        f"inside the first epoch differ from these by up to {_v1_spread(scores):.1f} points."
    )


def _epochs_of_pair(scores: Scores) -> tuple[int, int]:
    standard, ours = (int(find(scores, model).epochs) for model in ("cornet_s", _WC_CT))
    return standard, ours


def _pair_words(scores: Scores) -> str:
    standard, trained = _epochs_of_pair(scores)
    return (
        f"Standard training had converged after {standard} epochs, the WC+CT run beside it after "
        f"{trained}."
    )


def _birth_words(scores: Scores) -> str:
    return (
        f"It is {birth_mean('cornet_s_wc')(scores):.1f} % over ten seeds, {_birth(0)(scores):.1f} "
        "% with seed 0 "
        f"and {_birth(42)(scores):.1f} % with seed 42; figure 2 and appendix C say 54 %."
    )


def _birth(seed: int) -> Callable[[Scores], float]:
    def recompute(scores: Scores) -> float:
        point = scores.birth(_WC_CT, seed)
        if point is None:
            raise Missing(f"Weight compression at birth with seed {seed} is not among the scores.")
        return percent(scores, point)

    return recompute


def _last_difference(scores: Scores) -> float:
    found = difference_map(scores)
    if (None, FULL) not in found:
        raise Missing(
            "WC+CT or standard training on all images to the end is not among the scores."
        )
    return -found[None, FULL]


def _dt_below_65(scores: Scores) -> float:
    """Share of synapses of the downstream training with the most of those whose mean score is below
    65 %.
    """
    shares = [
        share_of_synapses(model)(scores)
        for model in ("cornet_s_dt_v2", "cornet_s_dt_v4", _DT_IT, "cornet_s_dt_decoder")
        if final_score(model)(scores) < 65
    ]
    if not shares:
        raise Missing("No downstream training is below 65 %.")
    return max(shares)


def _half_words(scores: Scores) -> str:
    left = final_score(_CT, "top1")(scores)
    return (
        f"{left:.1f} % of the standard model's top-1 is left, {abs(50 - left):.0f} points from "
        "half."
    )


def _reductions(scores: Scores) -> str:
    return (
        f"MobileNet v1 halves the resolution in {counts.size_reducing_layers(scores)} depthwise "
        "layers (from 112 "
        "to 7 pixels); the authors train three of them."
    )


def _reduction(model: str, standard: str) -> Callable[[Scores], float]:
    return lambda scores: 100 - share_of_synapses(model, standard)(scores)


SYNAPSE_CLAIMS: tuple[Claim, ...] = (
    Claim(
        "5-54-at-birth",
        "Section 5",
        (),
        "can reach 54%",
        "weight compression at birth, mean of ten seeds",
        rounds_to(54),
        birth_mean("cornet_s_wc"),
    ),
    Claim(
        "5-dt-65",
        "Section 5",
        (3,),
        "DT ... drops below 65%",
        "downstream training of IT, at the end, mean of two seeds",
        below(65),
        final_score(_DT_IT),
    ),
    Claim(
        "5-dt-quarter",
        "Section 5",
        (3,),
        "with over a quarter of trained parameters",
        "synapses that the largest downstream training below 65 % teaches, in percent of all",
        over(25),
        _dt_below_65,
    ),
    Claim(
        "5-ct-75",
        "Section 5",
        (3,),
        "CT ... over 75%",
        "Kaiming Normal with critical training, at the end, mean of two seeds",
        over(75),
        final_score(_CT),
    ),
    Claim(
        "5-1.4-million",
        "Section 5",
        (3,),
        "only 1.4 [million]",
        "synapses that critical training teaches, in millions",
        rounds_to(1.4, 1),
        counted(_CT, "trained_synapses_paper", 1e6),
        unit=" million",
        form=".3f",
        arithmetic=True,
    ),
    Claim(
        "5-52.8-million",
        "Section 5",
        (3,),
        "out of 52.8 million",
        "synapses that standard training teaches, in millions",
        rounds_to(52.8, 1),
        counted("cornet_s", "trained_synapses_paper", 1e6),
        unit=" million",
        form=".3f",
        arithmetic=True,
    ),
    Claim(
        "5-time",
        "Section 5",
        (3,),
        "30% reduction in the time per epoch",
        "time saved by critical training up to V4, mean of the authors' measurements",
        rounds_to(30),
        time_saved,
    ),
    Claim(
        "5-time-score",
        "Section 5",
        (3,),
        "at over 80% of the score",
        "its score at the end, mean of two seeds",
        over(80),
        final_score(_CT_V4),
    ),
    Claim(
        "5-time-top1",
        "Section 5",
        (3,),
        "more than 40% of the ImageNet score",
        "its ImageNet top-1 in percent of the standard model's, mean of two seeds",
        over(40),
        final_score(_CT_V4, "top1"),
    ),
    Claim(
        "figure-3-half",
        "Figure 3",
        (3,),
        "CT retains nearly half the score",
        "ImageNet top-1 of critical training in percent of the standard model's, mean of two seeds",
        nearly(50),
        final_score(_CT, "top1"),
        remark=_half_words,
    ),
    Claim(
        "6-3000-trillion",
        "Section 6",
        (4,),
        "3,000 trillion",
        "supervised synaptic updates of standard training",
        about(3000),
        counted("cornet_s", "supervised_synaptic_updates", TRILLION),
        unit=" trillion",
        arithmetic=True,
    ),
    Claim(
        "6-5.2-trillion",
        "Section 6",
        (4,),
        "require 5.2 trillion updates",
        "fewest synaptic updates of a standard network above 50 %",
        rounds_to(5.2, 1),
        fewest_synaptic_updates(50),
        unit=" trillion",
        form=".3f",
    ),
    Claim(
        "6-over-50",
        "Section 6",
        (4,),
        "to achieve >50%",
        "standard training, 100,000 images, 1 epoch",
        over(50),
        score_of("cornet_s", images=100_000, epochs=1),
    ),
    Claim(
        "6-100-trillion",
        "Section 6",
        (4,),
        "about 100 trillion updates",
        "fewest synaptic updates of a standard network that rounds to 80 % or more",
        about(100),
        fewest_synaptic_updates(79.5),
        unit=" trillion",
    ),
    Claim(
        "6-80-percent",
        "Section 6",
        (4,),
        "to reach 80%",
        "standard training, 100,000 images, 20 epochs",
        rounds_to(80),
        score_of("cornet_s", images=100_000, epochs=20),
    ),
    Claim(
        "6-53-at-birth",
        "Section 6",
        (4,),
        "reaches 53% at birth",
        "weight compression at birth, mean of ten seeds",
        rounds_to(53),
        birth_mean("cornet_s_wc"),
        remark=_birth_words,
    ),
    Claim(
        "6-0-updates",
        "Section 6",
        (4,),
        "with 0 supervised synaptic updates",
        "its supervised synaptic updates",
        exactly(0),
        counted("cornet_s_wc", "supervised_synaptic_updates"),
        unit="",
        arithmetic=True,
    ),
    Claim(
        "6-0.5-percent",
        "Section 6",
        (4,),
        "At 0.5% the updates",
        "synaptic updates of the model with a star (500,000 images, 20 epochs) in percent of "
        "standard training's",
        rounds_to(0.5, 1),
        share_of_updates(STAR_UPDATES, "supervised_synaptic_updates"),
        form=".2f",
        arithmetic=True,
    ),
    Claim(
        "6-14-trillion",
        "Section 6",
        (4,),
        "14 trillion",
        "its synaptic updates",
        rounds_to(14),
        counted(STAR_UPDATES, "supervised_synaptic_updates", TRILLION),
        unit=" trillion",
        form=".2f",
        arithmetic=True,
    ),
    Claim(
        "6-79-percent",
        "Section 6",
        (4,),
        "reach 79% of the score",
        "its score",
        rounds_to(79),
        score_of(**STAR),
        form=".2f",
    ),
    Claim(
        "6-hmax",
        "Section 6",
        (4,),
        "HMAX ... with no updates",
        "synaptic updates of HMAX",
        exactly(0),
        counted("hmax", "supervised_synaptic_updates"),
        unit="",
        arithmetic=True,
    ),
    Claim(
        "6-27-points",
        "Section 6",
        (4, 8),
        "up to 27 percent points",
        "largest difference of WC+CT and standard training in figure 4B's map",
        rounds_to(27),
        largest_difference,
        unit=" points",
    ),
    Claim(
        "6-place-of-27",
        "Section 6",
        (4, 8),
        "only 1 epoch on 1,000 images",
        "epochs and images at which it is largest",
        exactly(1, 1_000),
        place_of_largest_difference,
        unit="",
    ),
    Claim(
        "6-17-points",
        "Section 6",
        (4, 8),
        "reduces by 17 percent points",
        "standard training less WC+CT, both to the end on all images (seed 0)",
        rounds_to(17),
        _last_difference,
        unit=" points",
    ),
    Claim(
        "6-43-epochs",
        "Section 6",
        (4, 8),
        "with all 43 epochs",
        "epochs of the two networks compared there",
        exactly(43, 43),
        _epochs_of_pair,
        unit="",
        remark=_pair_words,
    ),
    Claim(
        "7-resnet",
        "Section 7",
        (5,),
        "91% of the score in ResNet",
        "ResNet-50 with WC+CT in percent of standard ResNet-50, at the end",
        rounds_to(91),
        ratio_to("resnet50", "resnet50_wc_ct"),
    ),
    Claim(
        "7-resnet-synapses",
        "Section 7",
        (5,),
        "almost 80% reduction in parameters",
        "synapses of ResNet-50 that WC+CT does not teach",
        nearly(80),
        _reduction("resnet50_wc_ct", "resnet50"),
        arithmetic=True,
    ),
    Claim(
        "7-mobilenet",
        "Section 7",
        (5,),
        "drops by 22%",
        "MobileNet with WC+CT below standard MobileNet, in percent of it",
        rounds_to(22),
        lambda scores: 100 - ratio_to("mobilenet", "mobilenet_wc_ct")(scores),
    ),
    Claim(
        "7-mobilenet-synapses",
        "Section 7",
        (5,),
        "(43%)",
        "synapses of MobileNet that WC+CT does not teach, as the paper counts (batch norm and "
        "decoder in the whole "
        "alone)",
        rounds_to(43),
        _reduction("mobilenet_wc_ct", "mobilenet"),
        arithmetic=True,
    ),
    Claim(
        "7-wc-early",
        "Section 7",
        (5,),
        "WC ... improves most ... in V1 and V2",
        "smallest gain of WC over KN in V1 and V2 less the largest elsewhere, in the bars of "
        "figure 5B",
        over(0),
        margin(_gains("KN", "WC"), "V1", "V2"),
        unit="",
        form="+.3f",
        remark=_gain_words("KN", "WC"),
    ),
    Claim(
        "7-ct-late",
        "Section 7",
        (5,),
        "CT ... most beneficial in ... V4 and IT ... behavioral",
        "smallest gain of WC+CT over WC in V4, IT and behaviour less the largest elsewhere, in "
        "the bars of figure 5B",
        over(0),
        margin(_gains("WC", "WC+CT"), "V4", "IT", "behaviour"),
        unit="",
        form="+.3f",
        remark=_gain_words("WC", "WC+CT"),
    ),
    Claim(
        "c-54",
        "Appendix C",
        (8,),
        "(only WC) 54%",
        "weight compression at birth, mean of ten seeds",
        rounds_to(54),
        birth_mean("cornet_s_wc"),
    ),
    Claim(
        "c-0-updates",
        "Appendix C",
        (8,),
        "with 0 supervised synaptic updates",
        "its supervised synaptic updates",
        exactly(0),
        counted("cornet_s_wc", "supervised_synaptic_updates"),
        unit="",
        arithmetic=True,
    ),
    Claim(
        "c-v1-identical",
        "Appendix C",
        (9,),
        "The V1 score is identical",
        "spread of V1 over one WC+CT training on all images (identical: below 0.05 points)",
        below(0.05),
        _v1_spread,
        unit=" points",
        form=".2f",
        remark=_v1_words,
    ),
    Claim(
        "figure-9-100000",
        "Figure 9",
        (9,),
        "> 80% V1, V2 and V4 ... 100,000 images",
        "V1, V2 and V4 of WC+CT at the end of training on 100,000 images",
        over(80),
        region_scores_of(_WC_CT, "V1", "V2", "V4", images=100_000),
    ),
    Claim(
        "figure-9-short",
        "Figure 9",
        (9,),
        "IT and Behavior ... fall short",
        "IT and behaviour of WC+CT at the end of training on all images (of 100 %)",
        below(100),
        region_scores_of(_WC_CT, "IT", "behaviour"),
    ),
    Claim(
        "d1-three-layers",
        "Appendix D",
        (5,),
        "appear three times overall",
        "depthwise layers of MobileNet v1 that halve the resolution",
        exactly(3),
        counts.size_reducing_layers,
        unit="",
        remark=_reductions,
        arithmetic=True,
    ),
    Claim(
        "d1-43",
        "Appendix D",
        (5,),
        "by 43%",
        "synapses of MobileNet that WC+CT does not teach, as the paper counts",
        rounds_to(43),
        _reduction("mobilenet_wc_ct", "mobilenet"),
        arithmetic=True,
    ),
    Claim(
        "d1-78",
        "Appendix D",
        (5,),
        "maintaining 78%",
        "MobileNet with WC+CT in percent of standard MobileNet",
        rounds_to(78),
        ratio_to("mobilenet", "mobilenet_wc_ct"),
    ),
)
