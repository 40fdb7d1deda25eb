"""Birth states with default and measured batch-norm statistics in the authors' database."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

from brainscore_wiring.catalogue import BIRTH_SEEDS
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.claims.values import same_births
from brainscore_wiring.paper.pages import markdown_table, rendered
from brainscore_wiring.scoring.points import AVERAGE, REGIONS, Point, Scores


@dataclass(frozen=True)
class PublishedBirth:
    """A birth state in the authors' database: what it is, and its points, all of that state."""

    words: str
    statistics: str
    points: tuple[Point, ...]

    def networks(self, scores: Scores) -> int:
        """How many different ones the points are: two seeds may be one network scored twice."""
        return len({point.seed for point in self.one_point_of_each(scores)})

    def one_point_of_each(self, scores: Scores) -> list[Point]:
        """Without seeds that repeat another one's network."""
        pairs = same_births(scores, self.points[0].model)
        repeated = {second for first, second in pairs if first != second}
        return [point for point in self.points if point.seed not in repeated]

    def mean(self, scores: Scores, region: str = AVERAGE) -> float:
        """Percent of the standard model."""
        return statistics.fmean(scores.percent(point, region) for point in self.points)


def published_births(scores: Scores) -> dict[str, PublishedBirth]:
    """The authors' birth states by "KN", "KN measured", "WC drawn" and "WC".

    Networks whose decoder alone was trained stand for their birth states: nothing before the
    decoder differs but the statistics.
    """

    def born(model: str) -> tuple[Point, ...]:
        return tuple(scores.select(model=model, seed=BIRTH_SEEDS))

    def decoder(model: str, *seeds: int) -> tuple[Point, ...]:
        return tuple(scores.select(model=model, images=FULL, seed=seeds))

    drawn = decoder("cornet_s_wc_decoder", 0, 42)
    return {
        "KN": PublishedBirth(
            "Kaiming Normal, the ten seeds of the text", "default (0/1)", born("cornet_s_kn")
        ),
        "KN measured": PublishedBirth(
            "Kaiming Normal, seed 0, decoder trained",
            "tracked on training images",
            decoder("cornet_s_dt_decoder", 0),
        ),
        "WC drawn": PublishedBirth(
            "weight compression, all batch norms from the genome, seeds 0 and 42, decoder trained",
            "measured on validation images",
            tuple(point for point in drawn if point.converged),
        ),
        "WC": PublishedBirth(
            "weight compression as in the text (norm3 as in Kaiming Normal), ten seeds",
            "measured on validation images, norm3 default",
            born("cornet_s_wc"),
        ),
    }


def published_table(scores: Scores) -> str:
    """Markdown: the authors' birth states, in percent of the standard model."""
    rows = [
        [
            birth.words,
            birth.statistics,
            birth.networks(scores),
            f"**{birth.mean(scores):.1f}**",
            *(f"{birth.mean(scores, region):.1f}" for region in REGIONS),
        ]
        for birth in published_births(scores).values()
    ]
    heads = ["birth state", "statistics", "networks", "average", *REGIONS]
    return markdown_table(heads, rows, "llrr" + "r" * len(REGIONS))


def published_words(scores: Scores, part: str) -> str:
    """Markdown: what the paper's difference is made of ("gains"), the finding in one paragraph
    ("summary"), or in a sentence for the README ("readme").
    """
    births = published_births(scores)
    mean = {name: birth.mean(scores) for name, birth in births.items()}
    subsets = [
        scores.percent(point)
        for point in scores.select(model="cornet_s_dt_decoder", converged=True)
        if point.images < FULL
    ]
    words = rendered(
        "batch_norm.md.j2",
        part=part,
        mean=mean,
        births=births,
        scores=scores,
        drawn=measured_gain(scores, "WC drawn"),
        text=measured_gain(scores, "WC"),
        first=scores.percent(births["KN"].points[0]),
        subsets=(min(subsets), max(subsets)),
        spread={name: statistics.stdev(values) for name, values in _born(scores).items()},
        by_region={
            region: births["WC drawn"].mean(scores, region)
            - births["KN measured"].mean(scores, region)
            for region in REGIONS
        },
    )
    return words.strip("\n")


@dataclass(frozen=True)
class Gain:
    """A difference in percent of the standard model, and half its 95 % interval."""

    points: float
    half: float

    @property
    def interval(self) -> str:
        return f"{self.points - self.half:+.2f} to {self.points + self.half:+.2f}"


def measured_gain(scores: Scores, birth: str) -> Gain:
    """What weight compression ("WC drawn" or "WC") gains on Kaiming Normal, of which there is one
    network, both with measured statistics.
    """
    births, born = published_births(scores), _born(scores)
    gain = births[birth].mean(scores) - births["KN measured"].mean(scores)
    return Gain(gain, _half_interval(born["WC"], births[birth].networks(scores), born["KN"], 1))


def _born(scores: Scores) -> dict[str, list[float]]:
    """How births vary: "KN" or "WC" -> the scores of the text's different networks."""
    births = published_births(scores)
    return {
        name: [scores.percent(point) for point in births[name].one_point_of_each(scores)]
        for name in ("KN", "WC")
    }


def _half_interval(
    first: Sequence[float], n_first: int, second: Sequence[float], n_second: int
) -> float:
    """Half the 95 % interval of the difference between the means of some networks of two kinds,
    each of which varies as the values of its kind do (Welch).
    """
    variances = [statistics.variance(first) / n_first, statistics.variance(second) / n_second]
    sizes = len(first) - 1, len(second) - 1
    freedom = sum(variances) ** 2 / sum(v * v / size for v, size in zip(variances, sizes))
    return float(stdtrit(freedom, 0.975) * sum(variances) ** 0.5)
