"""Claims on how much visual experience it takes: abstract, section 3, figures 1 and 6, appendices A
and E.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from brainscore_wiring.catalogue.paper_runs import FULL
from brainscore_wiring.paper.claims import counts
from brainscore_wiring.paper.claims.claim import (
    Claim,
    Missing,
    about,
    among,
    at_least,
    below,
    exactly,
    nearly,
    over,
    rounds_to,
    told_by,
)
from brainscore_wiring.paper.claims.values import (
    STAR,
    STAR_UPDATES,
    birth_mean,
    counted,
    days_of_training,
    final_score,
    find,
    first_epoch_above,
    growth_per_decade,
    images_to_pass,
    percent,
    region_scores_of,
    score_of,
    share_of_synapses,
    share_of_updates,
    with_updates,
)
from brainscore_wiring.scoring.points import Point, Scores

_SETTING = told_by(
    "This is a setting of the training, of which neither scores nor counts keep anything."
)
_CITED = told_by("This is a number of a cited work, which neither scores nor counts tell.")
_ONE_MILLION = "cornet_s_500k_images_2_epochs"
_ALTERNATIVES = {
    "learning_rate": ("cornet_s_learning_rate_1", "cornet_s_learning_rate_0p01"),
    "weight_decay": ("cornet_s_weight_decay_1e_3", "cornet_s_weight_decay_1e_5"),
}


def _orders_fewer(scores: Scores) -> float:
    return math.log10(100 / share_of_updates(STAR_UPDATES, "supervised_synaptic_updates")(scores))


def _standard_score(scores: Scores) -> float:
    if scores.reference is None:
        raise Missing("The standard model was not scored in every region.")
    return scores.reference


def _standard_epochs(scores: Scores) -> int:
    return int(find(scores, "cornet_s").epochs)


def _pixels(scores: Scores) -> Point:
    point = scores.one(model="pixels")
    if point is None or point.average is None:
        raise Missing("Pixels were not scored in every region.")
    return point


def _stored_settings(name: str) -> Callable[[Scores], tuple[float, ...]]:
    """The values of a hyper-parameter, apart from the standard one, with which networks were
    scored.
    """

    def recompute(scores: Scores) -> tuple[float, ...]:
        found = {
            float(point.row.recipe[name])
            for point in scores.select(model=_ALTERNATIVES[name])
            if name in point.row.recipe
        }
        if not found:
            raise Missing(f"No network with another {name.replace('_', ' ')} is among the scores.")
        return tuple(sorted(found, reverse=True))

    return recompute


def _lead_of_alternatives(scores: Scores) -> tuple[float, ...]:
    """Figure 6's hyper-parameters: percentage points of the best one above standard training, at
    each shared epoch.
    """
    models = [model for models in _ALTERNATIVES.values() for model in models]
    leads = []
    for epochs in (1, 3, 5, 6, 10, 20, None):
        others = [
            percent(scores, point)
            for model in models
            for point in scores.select(
                model=model,
                images=FULL,
                **({"converged": True} if epochs is None else {"epochs": epochs}),
            )
            if point.average is not None
        ]
        if others:
            leads.append(max(others) - percent(scores, find(scores, "cornet_s", epochs=epochs)))
    if not leads:
        raise Missing("No network with other hyper-parameters is among the scores.")
    return tuple(leads)


def _half_of_the_images(scores: Scores) -> str:
    before, enough = images_to_pass(80, "behaviour")(scores)
    return (
        f"{enough:.0f} % of the images suffice and {before:.0f} % do not; nothing between was "
        "tried, and half is not "
        "between them."
    )


def _growth(scores: Scores) -> str:
    return (
        "The line through all moments of standard training rises by "
        f"{growth_per_decade(scores):.0f} points for "
        "every tenfold of updates; over the two from a hundred thousand to ten million it is "
        f"{_rise(scores):.0f}."
    )


def _rise(scores: Scores) -> float:
    return max(with_updates(10_000_000)(scores)) - max(with_updates(100_000)(scores))


def _synapses_of_ct(scores: Scores) -> str:
    paper = share_of_synapses("cornet_s_ct")(scores)
    true = 100 * (
        counted("cornet_s_ct", "trained_synapses_true")(scores)
        / counted("cornet_s", "trained_synapses_true")(scores)
    )
    return (
        f"Critical training teaches {paper:.1f} % of the synapses as the paper counts and "
        f"{true:.1f} % with the "
        "decoder."
    )


def _days(scores: Scores) -> str:
    times = scores.epoch_seconds["Full"]
    return (
        f"An epoch takes {min(times):,.0f} to {max(times):,.0f} in the authors' database, which "
        "does not state the "
        f"unit; in seconds, all epochs take {days_of_training(scores):.1f} days."
    )


def _cuts(scores: Scores) -> str:
    return (
        f"It takes {counts.cuts_of_learning_rate(scores)} cuts, as appendix E says: in floating "
        "point the third "
        "leaves the rate just above the authors' limit of 1E-4."
    )


EXPERIENCE_CLAIMS: tuple[Claim, ...] = (
    Claim(
        "abstract-2-percent",
        "Abstract",
        (),
        "only 2% of supervised updates",
        "updates of the network with 1,000,000 updates, in percent of standard training's",
        about(2),
        share_of_updates(_ONE_MILLION),
        arithmetic=True,
    ),
    Claim(
        "abstract-80-at-2-percent",
        "Abstract",
        (),
        "~80% of the match",
        "its score (500,000 images, 2 epochs)",
        about(80),
        score_of("cornet_s", images=500_000, epochs=2),
    ),
    Claim(
        "abstract-54-at-birth",
        "Abstract",
        (),
        '54% ... "at birth"',
        "weight compression at birth, mean of ten seeds",
        rounds_to(54),
        birth_mean("cornet_s_wc"),
    ),
    Claim(
        "abstract-5-percent-synapses",
        "Abstract",
        (),
        "only ~5% of model synapses",
        "synapses that critical training teaches, in percent of all",
        about(5),
        share_of_synapses("cornet_s_ct"),
        remark=_synapses_of_ct,
        arithmetic=True,
    ),
    Claim(
        "abstract-nearly-80",
        "Abstract",
        (),
        "nearly 80% of the match",
        "Kaiming Normal with critical training, at the end, mean of two seeds",
        nearly(80),
        final_score("cornet_s_ct"),
    ),
    Claim(
        "abstract-80-combined",
        "Abstract",
        (),
        "~80% of a fully trained model's match",
        "WC+CT, 500,000 images, 20 epochs",
        about(80),
        score_of(**STAR),
    ),
    Claim(
        "abstract-two-orders",
        "Abstract",
        (),
        "two orders of magnitude fewer",
        "its supervised synaptic updates below standard training's, orders of magnitude",
        rounds_to(2),
        _orders_fewer,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "3-rate",
        "Section 3",
        (),
        "learning rate of 0.1",
        "initial learning rate",
        exactly(0.1),
        _SETTING,
        unit="",
    ),
    Claim(
        "3-divided",
        "Section 3",
        (),
        "divided by 10",
        "cut of the learning rate",
        exactly(10),
        _SETTING,
        unit="",
    ),
    Claim(
        "3-patience",
        "Section 3",
        (),
        "over 3 epochs",
        "epochs without improvement before a cut",
        exactly(3),
        _SETTING,
        unit="",
    ),
    Claim(
        "3-three-cuts",
        "Section 3",
        (),
        "after three decrements",
        "cuts of the learning rate until training ends",
        exactly(3),
        counts.cuts_of_learning_rate,
        unit="",
        remark=_cuts,
        arithmetic=True,
    ),
    Claim(
        "3-epochs",
        "Section 3",
        (1,),
        "43 epochs",
        "epochs of the standard model (seed 0) until convergence",
        exactly(43),
        _standard_epochs,
        unit="",
    ),
    Claim(
        "3-score",
        "Section 3",
        (1,),
        "average score of .42",
        "the standard model's average score",
        rounds_to(0.42, 2),
        _standard_score,
        unit="",
        form=".4f",
    ),
    Claim(
        "3-updates",
        "Section 3",
        (1,),
        "55,040,000 supervised updates (43 epochs x 1.28M images)",
        "supervised updates of standard training",
        exactly(55_040_000),
        counted("cornet_s", "supervised_updates"),
        unit="",
        arithmetic=True,
    ),
    Claim(
        "3-images",
        "Section 3",
        (1, 9),
        "1.28M labeled ImageNet images",
        "ImageNet's training images of 2012",
        rounds_to(1.28, 2),
        counts.imagenet_images,
        unit=" million",
        form=".4f",
        arithmetic=True,
    ),
    Claim(
        "3-50-percent",
        "Section 3",
        (1,),
        "only 100,000 updates ... 50%",
        "all standard networks with 100,000 updates",
        among(50),
        with_updates(100_000),
    ),
    Claim(
        "3-76-percent",
        "Section 3",
        (1,),
        "1,000,000 updates ... 76%",
        "all standard networks with 1,000,000 updates",
        among(76),
        with_updates(1_000_000),
    ),
    Claim(
        "3-97-percent",
        "Section 3",
        (1,),
        "10,000,000 ... (97%)",
        "all standard networks with 10,000,000 updates",
        among(97),
        with_updates(10_000_000),
    ),
    Claim(
        "3-growth",
        "Section 3",
        (1,),
        "approximate 5% ... every order of magnitude",
        "slope of the score over the logarithm of updates, points per tenfold",
        about(5),
        growth_per_decade,
        unit=" points",
        remark=_growth,
    ),
    Claim(
        "3-half-in-first-epoch",
        "Section 3",
        (1,),
        "50% ... in fractions of the first epoch",
        "first epoch stored at which V1, V2 and V4 are all above 50 %",
        below(1),
        first_epoch_above(50, "V1", "V2", "V4"),
        unit=" epochs",
    ),
    Claim(
        "3-early-areas",
        "Section 3",
        (1,),
        "V1, V2, and V4 ... (all >80%)",
        "V1, V2 and V4 after one epoch of all images",
        over(80),
        region_scores_of("cornet_s", "V1", "V2", "V4", epochs=1),
    ),
    Claim(
        "3-it-two-epochs",
        "Section 3",
        (1,),
        "IT requires two epochs",
        "first epoch stored with IT above 80 %",
        exactly(2),
        first_epoch_above(80, "IT"),
        unit=" epochs",
        form="g",
    ),
    Claim(
        "3-behaviour-7-epochs",
        "Section 3",
        (1,),
        ">80% after 7 epochs",
        "first epoch stored with behaviour above 80 %",
        exactly(7),
        first_epoch_above(80, "behaviour"),
        unit=" epochs",
        form="g",
    ),
    Claim(
        "3-50000-images",
        "Section 3",
        (1,),
        "50,000 images ... (80% ... in V1, V2, V4, IT)",
        "V1, V2, V4 and IT at the end of training on 50,000 images",
        at_least(80),
        region_scores_of("cornet_s", "V1", "V2", "V4", "IT", images=50_000),
    ),
    Claim(
        "3-half-of-images",
        "Section 3",
        (1,),
        "half the standard number ... to surpass 80%",
        "images in percent of all between which behaviour comes to pass 80 % at the end",
        among(50),
        images_to_pass(80, "behaviour"),
        remark=_half_of_the_images,
    ),
    Claim(
        "3-four-months",
        "Section 3",
        (),
        "~4 months - or 10 million seconds",
        "four months in million seconds, night and day",
        about(10),
        counts.seconds_of_four_months,
        unit=" million s",
        arithmetic=True,
    ),
    Claim(
        "3-updates-per-second",
        "Section 3",
        (),
        "5.5 updates every second",
        "updates of standard training spread over 10 million seconds",
        rounds_to(5.5, 1),
        counted("cornet_s", "updates_per_second"),
        unit=" per s",
        form=".3f",
        arithmetic=True,
    ),
    Claim(
        "3-55-million",
        "Section 3",
        (),
        "55 million supervised updates",
        "updates of standard training, in millions",
        rounds_to(55),
        counted("cornet_s", "supervised_updates", 1e6),
        unit=" million",
        form=".2f",
        arithmetic=True,
    ),
    Claim(
        "3-one-in-ten-seconds",
        "Section 3",
        (),
        "one ... update every 10 seconds",
        "seconds for one of 1,000,000 updates",
        rounds_to(10),
        lambda scores: 1 / counted(_ONE_MILLION, "updates_per_second")(scores),
        unit=" s",
        arithmetic=True,
    ),
    Claim(
        "3-saccades",
        "Section 3",
        (),
        "2-3 saccades per second",
        "saccades in humans",
        exactly(2, 3),
        _CITED,
        unit="",
    ),
    Claim(
        "figure-1-20-percent",
        "Figure 1",
        (1,),
        "20% updates",
        "10,000,000 updates in percent of standard training's",
        about(20),
        share_of_updates("cornet_s_500k_images_20_epochs"),
        arithmetic=True,
    ),
    Claim(
        "figure-1-97",
        "Figure 1",
        (1,),
        "= 97% score",
        "the network marked there: 500,000 images, 20 epochs",
        rounds_to(97),
        score_of("cornet_s", images=500_000, epochs=20),
    ),
    Claim(
        "figure-1-2-percent",
        "Figure 1",
        (1,),
        "2% updates",
        "1,000,000 updates in percent of standard training's",
        about(2),
        share_of_updates(_ONE_MILLION),
        arithmetic=True,
    ),
    Claim(
        "figure-1-76",
        "Figure 1",
        (1,),
        "= 76% score",
        "the network marked there: 500,000 images, 2 epochs",
        rounds_to(76),
        score_of("cornet_s", images=500_000, epochs=2),
    ),
    Claim(
        "figure-1-0.2-percent",
        "Figure 1",
        (1,),
        "0.2% updates",
        "100,000 updates in percent of standard training's",
        about(0.2),
        share_of_updates("cornet_s_50k_images_2_epochs"),
        form=".2f",
        arithmetic=True,
    ),
    Claim(
        "figure-1-50",
        "Figure 1",
        (1,),
        "= 50% score",
        "all standard networks with 100,000 updates",
        among(50),
        with_updates(100_000),
    ),
    Claim(
        "figure-1-standard",
        "Figure 1",
        (1,),
        "(0.42 absolute)",
        "the standard model's average score",
        rounds_to(0.42, 2),
        _standard_score,
        unit="",
        form=".4f",
    ),
    Claim(
        "figure-1-pixels",
        "Figure 1",
        (1, 2, 4),
        '"pixels" ... 7%',
        "pixels in percent of the standard model",
        rounds_to(7),
        lambda scores: percent(scores, _pixels(scores)),
    ),
    Claim(
        "figure-1-pixels-absolute",
        "Figure 1",
        (1, 2, 4),
        "(0.03 absolute)",
        "the average score of pixels",
        rounds_to(0.03, 2),
        lambda scores: _pixels(scores).average or 0.0,
        unit="",
        form=".4f",
    ),
    Claim(
        "figure-6-weight-decay",
        "Figure 6",
        (6,),
        "weight decay 0.001 and 0.00001",
        "weight decays of scored networks",
        exactly(1e-3, 1e-5),
        _stored_settings("weight_decay"),
        unit="",
        form="g",
    ),
    Claim(
        "figure-6-rates",
        "Figure 6",
        (6,),
        "initial 1.0 and 0.01",
        "learning rates of scored networks",
        exactly(1.0, 0.01),
        _stored_settings("learning_rate"),
        unit="",
        form="g",
    ),
    Claim(
        "figure-6-standard-settings",
        "Figure 6",
        (6,),
        "vs. 0.0001 ... vs. 0.1",
        "weight decay and learning rate of the standard model",
        exactly(1e-4, 0.1),
        _SETTING,
        unit="",
    ),
    Claim(
        "figure-6-nearly-optimal",
        "Figure 6",
        (6,),
        "quantitatively nearly optimal",
        "the best other setting above the standard one at each shared epoch and at the end, all "
        "images; nearly: "
        "by no more than 5 points",
        below(5),
        _lead_of_alternatives,
        unit=" points",
    ),
    Claim(
        "e-four-cuts",
        "Appendix E",
        (),
        "decrease it four times",
        "cuts of the learning rate until training ends",
        exactly(4),
        counts.cuts_of_learning_rate,
        unit="",
        arithmetic=True,
    ),
    Claim(
        "e-days",
        "Appendix E",
        (),
        "43 epochs is ~2.5 days",
        "mean of the authors' times of an epoch (taken as seconds) times the standard model's "
        "epochs",
        rounds_to(2.5, 1),
        days_of_training,
        unit=" days",
        remark=_days,
    ),
)
