"""What claims of the paper are recomputed from: percentages of the standard model, seeds at birth,
counts.

A function that is marked `of_scores` is given its other arguments first: `f(...)(scores)`. All
raise `Missing` where a network or a score is not there.
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from brainscore_wiring.accounting import account_of
from brainscore_wiring.catalogue import BIRTH_SEEDS, in_epochs
from brainscore_wiring.catalogue.paper_runs import FULL, SUBSETS
from brainscore_wiring.paper.claims.claim import Missing
from brainscore_wiring.scoring.points import AVERAGE, REGIONS, STANDARD, Point, Scores

#: The seeds that the paper draws together where it draws more than one.
DRAWN_SEEDS = (0, 42)
#: Epochs of the maps in figures 4B and 8; convergence comes after them.
MAP_EPOCHS = (1, 3, 6, 10, 20)
STAR: dict[str, Any] = dict(model="cornet_s_wc_ct", images=500_000, epochs=20)
TRILLION = 10**12
#: How far apart two scores of one network on one benchmark are at most; different seeds are some
#: hundred times that.
SCORED_AGAIN = 1e-4
STAR_UPDATES = "cornet_s_wc_ct_500k_images_20_epochs"


_Given = ParamSpec("_Given")
_Value = TypeVar("_Value")


def of_scores(
    function: Callable[Concatenate[Scores, _Given], _Value],
) -> Callable[_Given, Callable[[Scores], _Value]]:
    """A function of scores and more as one of the rest, which returns a function of scores."""

    @functools.wraps(function)
    def given(*some: _Given.args, **named: _Given.kwargs) -> Callable[[Scores], _Value]:
        return lambda scores: function(scores, *some, **named)

    return given


def find(
    scores: Scores, model: str, images: int = FULL, epochs: float | None = None, seed: int = 0
) -> Point:
    """A network after some epochs, or at the end of its training."""
    found = (
        scores.one(model=model, images=images, seed=seed, converged=True)
        if epochs is None
        else scores.one(model=model, images=images, seed=seed, epochs=epochs)
    )
    if found is None:
        moment = "at the end" if epochs is None else f"after {in_epochs(epochs)}"
        raise Missing(
            f"{model} {moment} of training on {images:,} images with seed {seed} is not among the "
            "scores."
        )
    return found


def percent(scores: Scores, point: Point, region: str = AVERAGE) -> float:
    """A network's score in percent of the standard model's."""
    found = scores.relative(point, region)
    if found is None:
        lacking = (
            "The standard model" if scores.reference_in(region) is None else point.row.identifier
        )
        raise Missing(
            f"{lacking} was not scored in {'every region' if region == AVERAGE else region}."
        )
    return found


@of_scores
def score_of(scores: Scores, model: str, region: str = AVERAGE, **moment: Any) -> float:
    """Percent of the standard model, on average or in a region, of the network that `find`
    finds.
    """
    return percent(scores, find(scores, model, **moment), region)


@of_scores
def region_scores_of(scores: Scores, model: str, *regions: str, **moment: Any) -> tuple[float, ...]:
    """The same in each of some regions."""
    point = find(scores, model, **moment)
    return tuple(percent(scores, point, region) for region in regions)


@of_scores
def final_score(
    scores: Scores, model: str, region: str = AVERAGE, seeds: Sequence[int] = DRAWN_SEEDS
) -> float:
    """Percent at the end of training on all images, the mean over the seeds that were run."""
    points = scores.select(model=model, images=FULL, converged=True, seed=seeds)
    if not points:
        raise Missing(f"{model} at the end of training is not among the scores.")
    return statistics.fmean(percent(scores, point, region) for point in points)


def scores_at_birth(scores: Scores, model: str, region: str = AVERAGE) -> list[float]:
    """Percent of the standard model of the ten seeds at birth."""
    points = scores.select(model=model, seed=BIRTH_SEEDS)
    if len(points) < len(BIRTH_SEEDS):
        raise Missing(f"Of {len(BIRTH_SEEDS)} seeds of {model} at birth {len(points)} were scored.")
    return [percent(scores, point, region) for point in points]


@of_scores
def birth_mean(scores: Scores, model: str, region: str = AVERAGE) -> float:
    """The mean over ten seeds at birth, on average or in a region."""
    return statistics.fmean(scores_at_birth(scores, model, region))


@of_scores
def birth_means(scores: Scores, model: str, *regions: str) -> tuple[float, ...]:
    """The mean over ten seeds at birth in each of some regions."""
    return tuple(birth_mean(model, region)(scores) for region in regions)


@of_scores
def birth_spread(scores: Scores, model: str) -> float:
    """The standard deviation (n) over ten seeds at birth."""
    return statistics.pstdev(scores_at_birth(scores, model))


@of_scores
def different_births(scores: Scores, *models: str) -> tuple[int, ...]:
    """How many different networks the ten seeds of some models are."""
    repeated = [{second for _, second in same_births(scores, model)} for model in models]
    return tuple(
        len(scores_at_birth(scores, model)) - len(again) for model, again in zip(models, repeated)
    )


def same_births(scores: Scores, model: str) -> list[tuple[int, int]]:
    """Pairs of seeds that are one network: scored again, it repeats its scores in all regions but
    one.
    """
    points = scores.select(model=model, seed=BIRTH_SEEDS)
    return [
        (first.seed, second.seed)
        for first, second in itertools.combinations(points, 2)
        if _same(first, second)
    ]


def _same(one: Point, other: Point) -> bool:
    equal = [
        abs(one.scores[region] - other.scores[region]) < SCORED_AGAIN for region in one.averaged
    ]
    return sum(equal) >= max(1, len(equal) - 1)


@of_scores
def score_after(
    scores: Scores, model: str, epochs: float, seeds: Sequence[int] = DRAWN_SEEDS
) -> float:
    """Percent after some epochs of all images, the mean over the seeds that were run."""
    points = scores.select(model=model, images=FULL, epochs=epochs, seed=seeds)
    if not points:
        raise Missing(f"{model} after {in_epochs(epochs)} of all images is not among the scores.")
    return statistics.fmean(percent(scores, point) for point in points)


@of_scores
def difference_of(
    scores: Scores, first: Callable[[Scores], float], second: Callable[[Scores], float]
) -> float:
    """The difference of two numbers."""
    return first(scores) - second(scores)


@of_scores
def with_updates(scores: Scores, updates: int) -> tuple[float, ...]:
    """Percent of every network of standard training that has seen so many supervised updates."""
    found = [point for point in scores.select(model="cornet_s") if point.updates == updates]
    if not found:
        raise Missing(
            f"No network of standard training with {updates:,} updates is among the scores."
        )
    return tuple(sorted(percent(scores, point) for point in found))


@of_scores
def fewest_synaptic_updates(scores: Scores, above: float) -> float:
    """Trillions of synaptic updates of the network of standard training that needs fewest for a
    percentage.
    """
    enough = [
        point.synaptic_updates
        for point in scores.select(model="cornet_s")
        if point.synaptic_updates and (scores.relative(point) or 0) > above
    ]
    if not enough:
        raise Missing(f"No network of standard training above {above:g} % is among the scores.")
    return min(enough) / TRILLION


@of_scores
def first_epoch_above(scores: Scores, number: float, *regions: str) -> float:
    """The first stored moment of standard training at which every region is above a percentage."""
    training = scores.select(model="cornet_s", images=FULL, seed=0)
    for point in training:
        if all((scores.relative(point, region) or 0) > number for region in regions):
            return point.row.epochs
    raise Missing(
        f"No moment of standard training with {' and '.join(regions)} above {number:g} % is stored."
    )


@of_scores
def images_to_pass(scores: Scores, number: float, region: str) -> tuple[float, float]:
    """Between which numbers of images, in percent of all, training to the end comes to pass a
    percentage.
    """
    before = 0
    for images in (*SUBSETS, FULL):
        if percent(scores, find(scores, "cornet_s", images), region) > number:
            return 100 * before / FULL, 100 * images / FULL
        before = images
    raise Missing(f"No number of images brings {region} above {number:g} %.")


def growth_per_decade(scores: Scores) -> float:
    """Percentage points for every tenfold of supervised updates: the least-squares line through
    standard training.
    """
    points = [
        point
        for point in scores.select(model="cornet_s")
        if point.updates and point.average is not None
    ]
    if len({point.updates for point in points}) < 3:
        raise Missing("Fewer than three moments of standard training are among the scores.")
    return statistics.linear_regression(
        [math.log10(point.updates) for point in points],
        [percent(scores, point) for point in points],
    ).slope


def difference_map(scores: Scores) -> dict[tuple[float | None, int], float]:
    """(epochs, None at the end of training; images) -> WC+CT minus standard training, in percentage
    points.
    """
    found: dict[tuple[float | None, int], float] = {}
    for images in (*SUBSETS, FULL):
        for epochs in (*MAP_EPOCHS, None):
            try:
                found[epochs, images] = percent(
                    scores, find(scores, "cornet_s_wc_ct", images, epochs)
                ) - percent(scores, find(scores, "cornet_s", images, epochs))
            except Missing:
                continue
    if not found:
        raise Missing(
            "No pair of WC+CT and standard training on the same images and epochs is among the "
            "scores."
        )
    return found


def largest_difference(scores: Scores) -> float:
    return max(difference_map(scores).values())


def place_of_largest_difference(scores: Scores) -> tuple[int, int]:
    found = difference_map(scores)
    epochs, images = max(found, key=found.__getitem__)
    return (0 if epochs is None else int(epochs)), images


@of_scores
def improvements(
    scores: Scores, before: str, after: str, seeds: tuple[int, int] = (0, 0)
) -> dict[str, float]:
    """Region -> gain from one network at the end of its training to another, in percentage
    points.
    """
    first, second = (find(scores, model, seed=seed) for model, seed in zip((before, after), seeds))
    return {
        region: percent(scores, second, region) - percent(scores, first, region)
        for region in REGIONS
    }


@of_scores
def margin(scores: Scores, gains: Callable[[Scores], dict[str, float]], *regions: str) -> float:
    """The smallest gain in some regions minus the largest in all others."""
    found = gains(scores)
    return min(found[region] for region in regions) - max(
        gain for region, gain in found.items() if region not in regions
    )


@of_scores
def ratio_to(scores: Scores, standard: str, model: str) -> float:
    """A model's average at the end of training in percent of another's than the standard model."""
    whole, part = find(scores, standard).average, find(scores, model).average
    if whole is None or part is None:
        raise Missing(f"{standard} or {model} was not scored in every region.")
    return 100 * part / whole


def time_saved(scores: Scores) -> float:
    """Percent less time for an epoch with critical training up to V4, the mean over the authors'
    measurements.
    """
    pairs = list(
        zip(scores.epoch_seconds.get("Full", ()), scores.epoch_seconds.get("V4.conv3_special", ()))
    )
    if not pairs:
        raise Missing("Times of epochs are not among the scores.")
    return statistics.fmean(100 * (1 - less / full) for full, less in pairs)


@of_scores
def counted(scores: Scores, model: str, what: str, unit: float = 1) -> float:
    """An entry of a model's account."""
    number = getattr(account_of(model), what)
    return number if unit == 1 else number / unit


@of_scores
def share_of_updates(scores: Scores, model: str, what: str = "supervised_updates") -> float:
    """A model's updates in percent of the standard model's."""
    return 100 * getattr(account_of(model), what) / getattr(account_of(STANDARD), what)


@of_scores
def share_of_synapses(scores: Scores, model: str, standard: str = STANDARD) -> float:
    """A model's trained synapses in percent of those of standard training, as the paper counts."""
    return (
        100 * account_of(model).trained_synapses_paper / account_of(standard).trained_synapses_paper
    )
