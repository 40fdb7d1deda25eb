"""Claims on what is there at birth: section 4, figures 2 and 7, appendix B."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from brainscore_wiring.comparisons import permutation_p, smallest_p
from brainscore_wiring.paper.claims import counts
from brainscore_wiring.paper.claims.claim import (
    Claim,
    Missing,
    about,
    at_least,
    below,
    exactly,
    over,
    rounds_to,
    told_by,
    within,
)
from brainscore_wiring.paper.claims.values import (
    birth_mean,
    birth_means,
    birth_spread,
    difference_of,
    different_births,
    final_score,
    find,
    region_scores_of,
    same_births,
    score_after,
    score_of,
    scores_at_birth,
)
from brainscore_wiring.scoring.points import Scores

_CITED = told_by("This is a number of a cited work, which neither scores nor counts tell.")
_WC, _KN = "cornet_s_wc", "cornet_s_kn"
#: The network whose scores the paper gives for single regions: its decoder is trained, with one of
#: two seeds.
_DECODER = "cornet_s_wc_decoder"
_DECODER_SEED = 42


def _p(scores: Scores) -> float:
    return permutation_p(scores_at_birth(scores, _WC), scores_at_birth(scores, _KN))


def _one_sided(scores: Scores) -> str:
    groups = scores_at_birth(scores, _WC), scores_at_birth(scores, _KN)
    p = permutation_p(*groups)
    least = smallest_p(*map(len, groups))
    return (
        f"The exact two-sided p is {p:.2E}"
        + (
            ", the smallest that ten seeds against ten can give, as no two of them overlap"
            if p <= least
            else ""
        )
        + f"; one-sided it is {p / 2:.1E}, which "
        f"{'agrees' if p / 2 < 1e-5 else 'does not agree either'}."
    )


def _twins(scores: Scores) -> str:
    pairs = [
        f"seeds {first} and {second} of {model}"
        for model in (_WC, _KN)
        for first, second in same_births(scores, model)
    ]
    return (
        f"The {' and the '.join(pairs)} have the same scores in all regions but one, as one "
        "network scored twice."
    )


def _improvement(scores: Scores) -> str:
    groups = scores_at_birth(scores, _WC), scores_at_birth(scores, _KN)
    return (
        "Ten seeds of each differ by "
        f"{statistics.fmean(groups[0]) - statistics.fmean(groups[1]):.1f} points; "
        f"rounded means, {statistics.fmean(groups[0]):.0f} and {statistics.fmean(groups[1]):.0f}, "
        "by "
        f"{round(statistics.fmean(groups[0])) - round(statistics.fmean(groups[1]))}."
    )


def _of_another_network(*regions: str) -> Callable[[Scores], str]:
    """The paper's numbers for regions are those of a network with a trained decoder, not of one at
    birth.
    """

    def remark(scores: Scores) -> str:
        means = birth_means(_WC, *regions)(scores)
        trained = region_scores_of(_DECODER, *regions, seed=_DECODER_SEED)(scores)
        return (
            f"At birth it is {', '.join(f'{mean:.1f} %' for mean in means)} over ten seeds; with "
            "the decoder "
            f"trained on ImageNet (seed {_DECODER_SEED}) it is "
            f"{', '.join(f'{value:.1f} %' for value in trained)}."
        )

    return remark


def _v1_v2(scores: Scores) -> str:
    v1, v2 = birth_means(_WC, "V1", "V2")(scores)
    return (
        f"Of the standard model's scores {100 - v1:.0f} % are lost in V1 and {100 - v2:.0f} % in "
        "V2."
    )


def _kernel_sizes(scores: Scores) -> str:
    return (
        "No layer but the first has kernels of more than 3 x 3; the four with clusters to look at "
        "have 3 x 3: "
        '"at least 3" is meant.'
    )


def _without_gabor(with_prior: str, without: str) -> Callable[[Scores], float]:
    return difference_of(score_after(with_prior, 6), score_after(without, 6))


def _mean_difference(scores: Scores) -> float:
    """Weight compression against the Gaussian mixture: the mean distance of its two pairs of
    bars.
    """
    pairs = (
        (_DECODER, "cornet_s_mixture_gaussian_decoder_it_conv3"),
        ("cornet_s_wc_ct", "cornet_s_mixture_gaussian_ct"),
    )
    return statistics.fmean(
        abs(score_after(one, 6)(scores) - score_after(other, 6)(scores)) for one, other in pairs
    )


def _gabor_drop(scores: Scores) -> str:
    first, second = (
        score_after(model, 6)(scores)
        for model in ("cornet_s_kernel_normal_decoder", "cornet_s_no_gabor_prior_decoder")
    )
    return (
        f"{first:.1f} % less {second:.1f} % are {first - second:.1f} points; both have a decoder "
        "trained for six "
        "epochs."
    )


def _gray_bar_epochs(scores: Scores) -> int:
    return int(find(scores, _DECODER, epochs=6).epochs)


def _gray_bars(scores: Scores) -> str:
    return (
        f"The gray bars are scores after {_gray_bar_epochs(scores)} epochs of training the "
        "decoder (of Mixture "
        "Gaussian IT.conv3, too)."
    )


def _bar_epochs(scores: Scores) -> tuple[int, ...]:
    drawn = {int(point.epochs) for point in scores.points if "7" in point.row.figure.split(";")}
    if not drawn:
        raise Missing("No network that figure 7 draws is among the scores.")
    return tuple(sorted(drawn))


BIRTH_CLAIMS: tuple[Claim, ...] = (
    Claim(
        "4-neurons",
        "Section 4",
        (),
        "~1.4E8 neurons",
        "neurons of V1 in one hemisphere",
        rounds_to(1.4e8),
        _CITED,
        unit="",
    ),
    Claim(
        "4-synapses",
        "Section 4",
        (),
        "~1E3 synapses per neuron",
        "synapses of a neuron",
        rounds_to(1e3),
        _CITED,
        unit="",
    ),
    Claim(
        "4-bits-per-synapse",
        "Section 4",
        (),
        "~37 bits per synapse",
        "bits for a synapse",
        rounds_to(37),
        _CITED,
        unit="",
    ),
    Claim(
        "4-bits",
        "Section 4",
        (),
        "~5.2E12 bits",
        "these three multiplied",
        rounds_to(5.2e12, -11),
        counts.bits_of_v1,
        unit=" bits",
        form=".2E",
        arithmetic=True,
    ),
    Claim(
        "4-genome",
        "Section 4",
        (),
        "1GB = 8E9 bits",
        "1 GB in bits",
        exactly(8e9),
        counts.bits_of_genome,
        unit=" bits",
        form=".0E",
        arithmetic=True,
    ),
    Claim(
        "4-orders",
        "Section 4",
        (),
        "orders of magnitude more",
        "orders of magnitude between the two (more than one)",
        over(1),
        counts.orders_above_genome,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "4-kaiming",
        "Section 4",
        (),
        "μ = 0 and σ = √2/N ... incoming connections",
        "which connections the standard deviation of Kaiming Normal is computed from",
        exactly(0),
        told_by(
            "Scores and counts do not show it; the authors' code divides by outgoing connections."
        ),
        unit="",
    ),
    Claim(
        "4-wc",
        "Section 4",
        (2,),
        "54 ± 1.5%",
        "weight compression at birth, mean of ten seeds",
        rounds_to(54),
        birth_mean(_WC),
    ),
    Claim(
        "4-wc-spread",
        "Section 4",
        (2,),
        "54 ± 1.5%",
        "its standard deviation (n) over seeds",
        rounds_to(1.5, 1),
        birth_spread(_WC),
        form=".2f",
    ),
    Claim(
        "4-improvement",
        "Section 4",
        (2,),
        "12 percent point improvement",
        "weight compression less Kaiming Normal, means of ten seeds at birth",
        rounds_to(12),
        difference_of(birth_mean(_WC), birth_mean(_KN)),
        unit=" points",
        remark=_improvement,
    ),
    Claim(
        "4-seeds",
        "Section 4",
        (2,),
        "n = 10 seeds",
        "different networks among the ten seeds of weight compression and of Kaiming Normal",
        exactly(10, 10),
        different_births(_WC, _KN),
        unit="",
        remark=_twins,
    ),
    Claim(
        "4-p",
        "Section 4",
        (2,),
        "permutation test p < 1E-5",
        "exact two-sided permutation test over all 184,756 ways to deal the seeds",
        below(1e-5),
        _p,
        unit="",
        form=".2E",
        remark=_one_sided,
    ),
    Claim(
        "4-kn",
        "Section 4",
        (2,),
        "43 ± 1.7%",
        "Kaiming Normal at birth, mean of ten seeds",
        rounds_to(43),
        birth_mean(_KN),
    ),
    Claim(
        "4-kn-spread",
        "Section 4",
        (2,),
        "43 ± 1.7%",
        "its standard deviation (n) over seeds",
        rounds_to(1.7, 1),
        birth_spread(_KN),
        form=".2f",
    ),
    Claim(
        "4-no-loss",
        "Section 4",
        (2,),
        "V1 and V2 ... no loss",
        "V1 and V2 of weight compression at birth, mean of ten seeds (no loss: 100 %)",
        at_least(100),
        birth_means(_WC, "V1", "V2"),
        remark=_v1_v2,
    ),
    Claim(
        "4-v4",
        "Section 4",
        (2,),
        "V4 ... (75%)",
        "V4 of weight compression at birth, mean of ten seeds",
        rounds_to(75),
        birth_mean(_WC, "V4"),
        remark=_of_another_network("V4"),
    ),
    Claim(
        "4-it",
        "Section 4",
        (2,),
        "reaches 39%",
        "IT of weight compression at birth, mean of ten seeds",
        rounds_to(39),
        birth_mean(_WC, "IT"),
        remark=_of_another_network("IT"),
    ),
    Claim(
        "4-behaviour",
        "Section 4",
        (2,),
        "and 6%",
        "behaviour of weight compression at birth, mean of ten seeds",
        rounds_to(6),
        birth_mean(_WC, "behaviour"),
        remark=_of_another_network("behaviour"),
    ),
    Claim(
        "4-top1",
        "Section 4",
        (2,),
        "only reaches 5%",
        "ImageNet top-1 of weight compression with a trained decoder, seed 42, in percent of the "
        "standard model's",
        rounds_to(5),
        score_of(_DECODER, "top1", seed=_DECODER_SEED),
    ),
    Claim(
        "figure-2-kernel-size",
        "Figure 2",
        (2,),
        "kernel size > 3",
        "layers behind the first with kernels of more than 3 x 3, of the four that show cluster "
        "centres",
        exactly(4),
        counts.layers_with_kernels_above_3,
        unit="",
        remark=_kernel_sizes,
        arithmetic=True,
    ),
    Claim(
        "figure-2-54",
        "Figure 2",
        (2,),
        "WC achieve 54%",
        "weight compression at birth, mean of ten seeds",
        rounds_to(54),
        birth_mean(_WC),
    ),
    Claim(
        "figure-2-trained",
        "Figure 2",
        (2,),
        "after training ... virtually unchanged",
        "weight compression with all synapses trained, at the end (virtually: within 2 points of "
        "100 %)",
        within(100, 2),
        final_score("cornet_s_wc_full", seeds=(0,)),
    ),
    Claim(
        "b1-gabor-numbers",
        "Appendix B",
        (),
        "3 x 8 = 27",
        "Gabor parameters of a kernel of three channels",
        exactly(27),
        counts.kernel_parameters,
        unit="",
        arithmetic=True,
        remark=lambda scores: f"Three times eight are {counts.kernel_parameters(scores)}.",
    ),
    Claim(
        "b3-wc-numbers",
        "Appendix B",
        (7,),
        "4,166 parameters",
        "numbers of the weight compression genome",
        exactly(4_166),
        counts.weight_compression_numbers,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "b3-mixture-numbers",
        "Appendix B",
        (7,),
        "428,114 parameters",
        "numbers of the Gaussian mixture's",
        exactly(428_114),
        counts.mixture_gaussian_numbers,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "b3-kernel-normal-numbers",
        "Appendix B",
        (7,),
        "433,735 parameters",
        "numbers of Kernel normal's",
        exactly(433_735),
        counts.kernel_normal_numbers,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "b3-no-gabor-numbers",
        "Appendix B",
        (7,),
        "20,026 parameters",
        "numbers of No Gabor prior's",
        exactly(20_026),
        counts.no_gabor_prior_numbers,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "b3-gabor-at-birth",
        "Appendix B",
        (7,),
        "drops by 13 ... without training",
        "Kernel normal less No Gabor prior, gray bars",
        rounds_to(13),
        _without_gabor("cornet_s_kernel_normal_decoder", "cornet_s_no_gabor_prior_decoder"),
        unit=" points",
        remark=_gabor_drop,
    ),
    Claim(
        "b3-gabor-trained",
        "Appendix B",
        (7,),
        "by 9 percent points after critical training",
        "Kernel normal less No Gabor prior, blue bars",
        rounds_to(9),
        _without_gabor("cornet_s_kernel_normal_ct", "cornet_s_no_gabor_prior_ct"),
        unit=" points",
    ),
    Claim(
        "figure-7-mixture",
        "Figure 7",
        (7,),
        "~3 percent points mean difference",
        "distance of weight compression (mean of two seeds) and Mixture Gaussian, mean of the "
        "gray and the blue pair",
        about(3),
        _mean_difference,
        unit=" points",
    ),
    Claim(
        "figure-7-epochs",
        "Figure 7",
        (7,),
        "critical layers ... for 6 epochs",
        "epochs of training of all networks that the figure draws",
        exactly(6),
        _bar_epochs,
        unit="",
    ),
    Claim(
        "figure-7-without-training",
        "Figure 7",
        (7,),
        '"at birth" i.e. without any training',
        "epochs that the network of the gray WC bar was trained for",
        exactly(0),
        _gray_bar_epochs,
        unit="",
        remark=_gray_bars,
    ),
)
