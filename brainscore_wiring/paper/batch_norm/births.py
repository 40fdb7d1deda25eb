"""Birth states with default and measured batch-norm statistics in the authors' database."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

from brainscore_wiring.catalogue import BIRTH_SEEDS
from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.claims.values import same_births
from brainscore_wiring.paper.pages import markdown_table
from brainscore_wiring.scoring.points import AVERAGE, REGIONS, Point, Scores


@dataclass(frozen=True)
class PublishedBirth:
    """A birth state in the authors' database: what it is, and its points, all of that state."""

    words: str
    statistics: str
    points: tuple[Point, ...]

    def networks(self, scores: Scores) -> int:
        """How many different ones the points are: two seeds may be one network scored twice."""
        pairs = same_births(scores, self.points[0].model)
        repeated = {second for first, second in pairs if first != second}
        return len({point.seed for point in self.points} - repeated)

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


def published_gains(scores: Scores) -> str:
    """Markdown: what the paper's difference is made of."""
    births = published_births(scores)
    mean = {name: birth.mean(scores) for name, birth in births.items()}
    first = scores.percent(births["KN"].points[0])
    seeds = [scores.percent(point) for point in births["WC"].points]
    gain = mean["WC"] - mean["KN measured"]
    half = _one_more(seeds)
    early = [
        births["WC drawn"].mean(scores, region) - births["KN measured"].mean(scores, region)
        for region in REGIONS
    ]
    subsets = [
        scores.percent(point)
        for point in scores.select(model="cornet_s_dt_decoder", converged=True)
        if point.images < FULL
    ]
    return "\n".join(
        [
            f"- As in the paper, measured less default: {mean['WC'] - mean['KN']:+.1f} points.",
            f"- Kaiming Normal (seed 0) gains {mean['KN measured'] - first:+.1f} points by "
            f"measured statistics alone: {first:.1f} to {mean['KN measured']:.1f} %. The images "
            f"hardly matter: trained on 100 to 500,000 of them it has {min(subsets):.1f} to "
            f"{max(subsets):.1f} %.",
            "- Weight compression less Kaiming Normal, both measured: "
            f"{mean['WC drawn'] - mean['KN measured']:+.1f} points with all batch norms from the "
            f"genome, {gain:+.1f} as in the text, with norm3 at the defaults. If Kaiming Normal "
            "with measured statistics varies over seeds as weight compression does, the 95 % "
            "interval of the latter is "
            f"{gain - half:+.1f} to {gain + half:+.1f}: one network stands for Kaiming Normal.",
            "- By region, all batch norms from the genome, both measured: "
            + ", ".join(f"{region} {value:+.1f}" for region, value in zip(REGIONS, early))
            + " points.",
        ]
    )


def published_summary(scores: Scores) -> str:
    """Markdown: the finding in one paragraph."""
    mean = {name: birth.mean(scores) for name, birth in published_births(scores).items()}
    drawn, text = mean["WC drawn"] - mean["KN measured"], mean["WC"] - mean["KN measured"]
    return (
        f"**With measured statistics KN has {mean['KN measured']:.1f} % and WC "
        f"{mean['WC drawn']:.1f} %: weight compression gains {drawn:.1f} points, not "
        f"{mean['WC'] - mean['KN']:.1f}.** As in the text, where the batch norms behind conv3 stay "
        f"at the defaults in every respect, WC has {mean['WC']:.1f} % and gains {text:.1f} points. "
        "What is left of the difference is what measured statistics do for KN."
    )


def readme_sentence(scores: Scores) -> str:
    """The finding in a sentence, for the README."""
    mean = {name: birth.mean(scores) for name, birth in published_births(scores).items()}
    low, high = (mean[name] - mean["KN measured"] for name in ("WC drawn", "WC"))
    return (
        f"  **With measured statistics in both, weight compression gains {low:.1f} points "
        f"({high:.1f} where norm3 keeps the defaults, as in the text), not "
        f"{mean['WC'] - mean['KN']:.1f}.**"
    )


def _one_more(values: Sequence[float]) -> float:
    """Half the 95 % interval for the mean of some values less one further value of their kind."""
    count = len(values)
    width = stdtrit(count - 1, 0.975) * statistics.stdev(values)
    return float(width * (1 + 1 / count) ** 0.5)
