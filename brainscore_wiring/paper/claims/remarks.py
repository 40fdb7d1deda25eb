"""Name of a claim -> one sentence that its verdict needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from brainscore_wiring.comparisons import permutation_p, smallest_p
from brainscore_wiring.paper.claims import counts
from brainscore_wiring.paper.claims.claim import Missing
from brainscore_wiring.paper.claims.recomputed import (
    WC_DECODER,
    WC_DECODER_SEED,
    gains,
    gray_bar_epochs,
    v1_over_training,
    v1_spread,
)
from brainscore_wiring.paper.claims.values import (
    birth_mean,
    birth_means,
    counted,
    days_of_training,
    final_score,
    find,
    growth_per_decade,
    images_to_pass,
    percent,
    region_scores_of,
    same_births,
    score_after,
    scores_at_birth,
    share_of_synapses,
    with_updates,
)
from brainscore_wiring.scoring.points import Scores

_WC, _KN, _WC_CT = "cornet_s_wc", "cornet_s_kn", "cornet_s_wc_ct"
_STATISTICS = "docs/batch_norm.md"


def _spread(updates: int, scores: Scores) -> str:
    found = with_updates(updates)(scores)
    if len(found) == 1:
        return f"One network had {updates:,} updates."
    return (
        f"{len(found)} networks had {updates:,} updates, on other numbers of images; they have "
        f"{min(found):.0f} to {max(found):.0f} %."
    )


def _growth(scores: Scores) -> str:
    rise = max(with_updates(10_000_000)(scores)) - max(with_updates(100_000)(scores))
    return (
        "The line through all moments of standard training rises by "
        f"{growth_per_decade(scores):.0f} points for every tenfold of updates; over the two from "
        f"a hundred thousand to ten million it is {rise:.0f}."
    )


def _synapses_of_ct(scores: Scores) -> str:
    true = 100 * (
        counted("cornet_s_ct", "trained_synapses_true")(scores)
        / counted("cornet_s", "trained_synapses_true")(scores)
    )
    return (
        f"Critical training trains {share_of_synapses('cornet_s_ct')(scores):.1f} % of the "
        f"parameters as the paper counts and {true:.1f} % with the decoder."
    )


def _cuts(scores: Scores) -> str:
    return (
        f"It takes {counts.cuts_of_learning_rate(scores)} cuts, as appendix E says: in floating "
        "point the third leaves the rate just above the authors' limit of 1E-4."
    )


def _half_of_the_images(scores: Scores) -> str:
    before, enough = images_to_pass(80, "behaviour")(scores)
    return (
        f"{enough:.0f} % of the images suffice and {before:.0f} % do not; nothing between was "
        "tried, and half is not between them."
    )


def _improvement(scores: Scores) -> str:
    compressed, normal = birth_mean(_WC)(scores), birth_mean(_KN)(scores)
    measured = score_after("cornet_s_dt_decoder", 1, (0,))(scores)
    return (
        f"Ten seeds of each differ by {compressed - normal:.1f} points; rounded means, "
        f"{compressed:.0f} and {normal:.0f}, by {round(compressed) - round(normal)}. Weight "
        "compression was scored with batch-norm statistics measured on images, Kaiming Normal "
        f"with the defaults; with measured ones it has {measured:.1f} %, which leaves "
        f"{compressed - measured:.1f} points ({_STATISTICS})."
    )


def _twins(scores: Scores) -> str:
    pairs = [
        f"seeds {first} and {second} of {model}"
        for model in (_WC, _KN)
        for first, second in same_births(scores, model)
    ]
    if not pairs:
        return "All seeds are different networks."
    return (
        f"The {' and the '.join(pairs)} have the same scores in all regions but one, as one "
        "network scored twice."
    )


def _one_sided(scores: Scores) -> str:
    groups = scores_at_birth(scores, _WC), scores_at_birth(scores, _KN)
    p, least = permutation_p(*groups), smallest_p(*map(len, groups))
    smallest = ", the smallest that ten seeds against ten can give, as no two of them overlap"
    return (
        f"The exact two-sided p is {p:.2E}{smallest if p <= least else ''}; one-sided it is "
        f"{p / 2:.1E}, which {'agrees' if p / 2 < 1e-5 else 'does not agree either'}."
    )


def _v1_v2(scores: Scores) -> str:
    v1, v2 = birth_means(_WC, "V1", "V2")(scores)
    return (
        f"Of the standard model's scores {100 - v1:.0f} % are lost in V1 and {100 - v2:.0f} % in "
        "V2."
    )


def _of_another_birth(region: str, scores: Scores) -> str:
    """The paper's numbers for regions are of another network at birth than its 54 %."""
    ten = birth_mean(_WC, region)(scores)
    (one,) = region_scores_of(WC_DECODER, region, seed=WC_DECODER_SEED)(scores)
    return (
        f"The ten seeds behind the 54 % have {ten:.1f} %; the number is that of seed "
        f"{WC_DECODER_SEED} with all batch norms from the genome, {one:.1f} %."
    )


def _gray_bars(scores: Scores) -> str:
    return (
        f"The networks were trained for {gray_bar_epochs(scores)} epochs, but for Mixture "
        "Gaussian (IT.conv3) only in their decoder, which is on the path of no score."
    )


def _half_words(scores: Scores) -> str:
    left = final_score("cornet_s_ct", "top1")(scores)
    return (
        f"{left:.1f} % of the standard model's top-1 is left, {abs(50 - left):.0f} points from "
        "half."
    )


def _birth_words(scores: Scores) -> str:
    first, second = (_birth(scores, seed) for seed in (0, 42))
    return (
        f"It is {birth_mean(_WC)(scores):.1f} % over ten seeds, {first:.1f} % with seed 0 and "
        f"{second:.1f} % with seed 42; figure 2 and appendix C say 54 %."
    )


def _birth(scores: Scores, seed: int) -> float:
    point = scores.birth(_WC_CT, seed)
    if point is None:
        raise Missing(f"Weight compression at birth with seed {seed} is not among the scores.")
    return percent(scores, point)


def _pair_words(scores: Scores) -> str:
    standard, trained = (int(find(scores, model).epochs) for model in ("cornet_s", _WC_CT))
    return (
        f"Standard training had converged after {standard} epochs, the WC+CT run beside it after "
        f"{trained}."
    )


def _gain_words(before: str, after: str, scores: Scores) -> str:
    found = gains(before, after)(scores)
    order = sorted(found, key=found.__getitem__, reverse=True)
    texts = [f"{region} {found[region]:+.3f}" for region in order]
    return f"In the figure's bars the gains are {', '.join(texts)}."


def _gabor_drop(scores: Scores) -> str:
    first, second = (
        score_after(model, 6)(scores)
        for model in ("cornet_s_kernel_normal_decoder", "cornet_s_no_gabor_prior_decoder")
    )
    return f"{first:.1f} % less {second:.1f} % are {first - second:.1f} points."


def _components(scores: Scores) -> str:
    return (
        f"It is lowest with {counts.gabor_components_by_bic(scores)}; with 64 kernels in 30 "
        "dimensions it hangs on how covariances are regularised."
    )


def _v1_words(scores: Scores) -> str:
    found = v1_over_training(scores)
    whole = [value for epochs, value in found.items() if epochs == int(epochs)]
    return (
        f"After whole epochs they are within {max(whole) - min(whole):.0E} points of each other; "
        f"those stored inside the first epoch differ from these by up to {v1_spread(scores):.1f} "
        f"points, because their batch-norm statistics are others ({_STATISTICS})."
    )


def _early_words(scores: Scores) -> str:
    regions = ("V1", "V2", "V4", "IT", "behaviour")
    values = region_scores_of(_WC_CT, *regions)(scores)
    texts = [f"{region} {value:.0f} %" for region, value in zip(regions, values)]
    return f"At the end they are {', '.join(texts)}."


def _reductions(scores: Scores) -> str:
    return (
        f"MobileNet v1 halves the resolution in {counts.size_reducing_layers(scores)} depthwise "
        "layers (from 112 to 7 pixels); the authors train three of them."
    )


def _days(scores: Scores) -> str:
    times = scores.epoch_seconds["Full"]
    return (
        f"An epoch takes {min(times):,.0f} to {max(times):,.0f} in the authors' database, which "
        f"does not state the unit; in seconds, all epochs take {days_of_training(scores):.1f} days."
    )


REMARKS: dict[str, str | Callable[[Scores], str]] = {
    "abstract-5-percent-synapses": _synapses_of_ct,
    "3-three-cuts": _cuts,
    "3-50-percent": partial(_spread, 100_000),
    "3-76-percent": partial(_spread, 1_000_000),
    "3-97-percent": partial(_spread, 10_000_000),
    "3-growth": _growth,
    "3-half-of-images": _half_of_the_images,
    "3-four-months": "Night and day; waking experience, of which the text speaks, is less.",
    "figure-1-50": partial(_spread, 100_000),
    "4-improvement": _improvement,
    "4-seeds": _twins,
    "4-p": _one_sided,
    "4-no-loss": _v1_v2,
    "4-v4": partial(_of_another_birth, "V4"),
    "4-it": partial(_of_another_birth, "IT"),
    "4-behaviour": partial(_of_another_birth, "behaviour"),
    "figure-2-kernel-size": "No layer but the first has kernels of more than 3 x 3; the four with "
    'clusters to look at have 3 x 3: "at least 3" is meant.',
    "figure-2-54": "With Kaiming Normal's statistics measured, too, it gains less "
    f"({_STATISTICS}).",
    "figure-7-without-training": _gray_bars,
    "figure-3-half": _half_words,
    "6-53-at-birth": _birth_words,
    "6-43-epochs": _pair_words,
    "7-wc-early": partial(_gain_words, "KN", "WC"),
    "7-ct-late": partial(_gain_words, "WC", "WC+CT"),
    "b1-gabor-numbers": lambda scores: f"Three times eight are {counts.kernel_parameters(scores)}.",
    "b1-components": _components,
    "b3-gabor-at-birth": _gabor_drop,
    "c-v1-identical": _v1_words,
    "c-early-best": _early_words,
    "d1-three-layers": _reductions,
    "d2-kn": "Its decoder alone was trained, which is on the path of no score, but its batch-norm "
    f"statistics were tracked on the way: it scores otherwise than at birth ({_STATISTICS}).",
    "d2-wc": "Its decoder alone was trained, which is on the path of no score.",
    "e-days": _days,
    "e-seeds": "The authors' plots take the mean of seeds 0 and 42; most trainings have one seed.",
}
