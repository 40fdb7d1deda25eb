"""The scores of the paper's models from its authors' own database, read with sqlite3 alone.

The database keeps a row for each time that a checkpoint was scored: the checkpoint's name, the
benchmark under the name that it had at the time, and the score, for neurons (correlation /
ceiling) ** 2, as Brain-Score had it then. What a checkpoint is comes from the catalogue, whose rows
carry these names. Repeated scores are averaged, as in the authors' plots (`points.one_stored` takes
one alone); rows without a score are none.

On 2020-05-20 the authors scored TensorFlow's trained MobileNet under the names of MobileNets from a
genome, and hours later most of these themselves. Scores of a network that are the trained one's
are left out (`mislabelled`).
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from brainscore_wiring.catalogue import CATALOGUE, Variant
from brainscore_wiring.errors import WiringError
from brainscore_wiring.public_files import digest, fetch
from brainscore_wiring.scoring.points import TOP1, Scores, in_order, point_of

PRIVATE, PUBLIC = "scores.sqlite", "scores_public.sqlite"
#: Stored benchmark -> what it scores. Brain-Score renamed Majaj2015 to MajajHong2015 while the
#: authors worked.
STORED_REGIONS = {
    "movshon.FreemanZiemba2013.V1-pls": "V1",
    "movshon.FreemanZiemba2013.V2-pls": "V2",
    "dicarlo.Majaj2015.V4-pls": "V4",
    "dicarlo.MajajHong2015.V4-pls": "V4",
    "dicarlo.Majaj2015.IT-pls": "IT",
    "dicarlo.MajajHong2015.IT-pls": "IT",
    "dicarlo.Rajalingham2018-i2n": "behaviour",
    "fei-fei.Deng2009-top1": TOP1,
}
PUBLIC_REGIONS = {
    "movshon.FreemanZiemba2013public.V1-pls": "V1",
    "movshon.FreemanZiemba2013public.V2-pls": "V2",
    "dicarlo.Majaj2015public.V4-pls": "V4",
    "dicarlo.MajajHong2015public.V4-pls": "V4",
    "dicarlo.Majaj2015public.IT-pls": "IT",
    "dicarlo.MajajHong2015public.IT-pls": "IT",
    "dicarlo.Rajalingham2018public-i2n": "behaviour",
}
#: A second stored name of a row: V1 and V2 of the pixels were stored as if of an epoch 6.
ALSO_STORED_AS = {"pixels": "pixels_epoch_06"}
#: The runs of the standard model that are 100 % in the paper; a third one, seed 94, is not part of
#: them.
STANDARD_SEEDS = (0, 42)
TRAINED_ON = "ImageNet"
#: The trained MobileNet, and how names of those from a genome begin.
_TRAINED_MOBILENET, _FROM_GENOME = "mobilenet_v1_1.0_224_epoch_100", "mobilenet_v_\\_CORnet-S%"
#: The same network scored twice differs by less, of its score.
_SCORED_AGAIN = 1e-4


def published(private: bool = True, path: Path | None = None) -> Scores:
    """The published scores: on Brain-Score's private benchmarks, as in the paper, or on the public
    ones.

    The database is found or fetched by its pinned SHA-256, unless `path` names one. Raises
    `WiringError` where it cannot be had or is something else.
    """
    name = PRIVATE if private else PUBLIC
    path = fetch(name) if path is None else Path(path)
    regions = STORED_REGIONS if private else PUBLIC_REGIONS
    rows = _rows_by_stored_name()
    gathered: dict[str, dict[str, list[float]]] = {}
    left_out = set()
    with _database(path) as database:
        wrong = mislabelled(database)
        for number, stored, benchmark, score in database.execute(
            "SELECT rowid, modification, benchmark, score FROM raw_scores ORDER BY time, rowid"
        ):
            if benchmark not in regions or score is None or number in wrong:
                continue
            if stored not in rows:
                left_out.add(stored)
                continue
            gathered.setdefault(rows[stored].identifier, {}).setdefault(
                regions[benchmark], []
            ).append(float(score))
        times: dict[str, list[float]] = {}
        for trained, seconds in database.execute(
            "SELECT model_id, train_time FROM model_parameter"
        ):
            times.setdefault(trained, []).append(float(seconds))
    points = in_order(
        point_of(CATALOGUE[identifier], of, training_data=TRAINED_ON)
        for identifier, of in gathered.items()
    )
    twin = "private" if private else "public"
    return Scores(
        name="published",
        points=points,
        training_data=TRAINED_ON,
        source=f"{name} of the paper's authors, SHA-256 {digest(path)[:16]}",
        measured_on=f"Published scores of the paper's models on Brain-Score's {twin} benchmarks "
        "of 2020, for neurons (correlation / ceiling)²; the average is over V1, V2, V4, IT and "
        "behaviour.",
        benchmarks={
            region: stored for stored, region in regions.items()
        },  # under the name that it has today
        standard_seeds=STANDARD_SEEDS,
        left_out=tuple(sorted(left_out)),
        epoch_seconds={trained: tuple(seconds) for trained, seconds in times.items()},
    )


def mislabelled(database: sqlite3.Connection) -> set[int]:
    """Row ids of the trained MobileNet's scores that are stored under other networks' names."""
    trained: dict[str, list[float]] = {}
    for benchmark, score in database.execute(
        "SELECT benchmark, score FROM raw_scores WHERE modification = ? AND score IS NOT NULL",
        (_TRAINED_MOBILENET,),
    ):
        trained.setdefault(benchmark, []).append(score)

    def again(benchmark: str, score: float) -> bool:
        return any(
            math.isclose(score, one, rel_tol=_SCORED_AGAIN) for one in trained.get(benchmark, ())
        )

    stored = database.execute(
        "SELECT rowid, benchmark, score FROM raw_scores "
        "WHERE modification LIKE ? ESCAPE '\\' AND score IS NOT NULL",
        (_FROM_GENOME,),
    )
    return {number for number, benchmark, score in stored if again(benchmark, score)}


def _rows_by_stored_name() -> dict[str, Variant]:
    """Stored name -> catalogue row; rows for ImageNet weights alone are not used."""
    rows = {
        row.original_name: row
        for row in CATALOGUE.values()
        if row.original_name and row.training_data == "any"
    }
    return rows | {stored: CATALOGUE[identifier] for identifier, stored in ALSO_STORED_AS.items()}


@contextlib.contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, opened so that not even a lock file is written beside it."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as opened:
            yield opened
    except sqlite3.Error as error:
        raise WiringError(
            f"'{path}' is not a score database of the paper's authors or is damaged ({error}): "
            "`brainscore data fetch scores.sqlite` gets a sound one."
        ) from None
