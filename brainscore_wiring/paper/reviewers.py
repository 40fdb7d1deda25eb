"""docs/reviewers.md: objections of a reviewer, with answers whose numbers come from tables.

write_answers(Path("docs"))
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from brainscore_wiring.accounting import account_of_variant
from brainscore_wiring.catalogue import CATALOGUE, model_without_seed
from brainscore_wiring.files import write_text
from brainscore_wiring.paper.claims.claims_table import claims_summary
from brainscore_wiring.paper.comparisons import difference, smallest_p
from brainscore_wiring.paper.development.moments import LAST_EPOCH
from brainscore_wiring.paper.development.page import read_development
from brainscore_wiring.paper.development.statements import statements
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import (
    confirmations,
    measured_states,
)
from brainscore_wiring.paper.frontier.four_benchmarks.scores import ScoreTable
from brainscore_wiring.paper.pages import markdown
from brainscore_wiring.paper.training_effects import effects
from brainscore_wiring.scoring.brainscore_data import OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.points import STANDARD
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.tables import read_rows


def answers_page(docs: Path) -> str:
    """The page, from the tables and training records in `docs`."""
    results, found = read_results(docs / "scores.csv"), read_development(docs)
    record_file = docs / "records" / "cornet_s_100k_images_5_epochs.json"
    record = json.loads(record_file.read_text(encoding="utf-8"))
    judged, trained = statements(found), effects(results)
    tested = confirmations(measured_states(ScoreTable(docs / "frontier").read()))
    claims = read_rows(docs / "figures" / "claims.csv", ("verdict",))

    def scored(model: str, benchmark: str) -> Result:
        return next(row for row in results if (row.model, row.benchmark) == (model, benchmark))

    def compared(number: int) -> str:
        """The one comparison of a statement, with its verdict."""
        statement = next(one for one in judged if one.number == number)
        (one,) = statement.comparisons
        n = " and ".join(map(str, one.n))
        return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f}, n = {n}; {statement.verdict})"

    def v1_of(model: str, births: str) -> str:
        first, second = found.values(model, LAST_EPOCH, "V1"), found.values(births, 0, "V1")
        return f"{first[0]:.3f} against {second[0]:.3f}"

    def born(model: str) -> list[float]:
        """The mean without V2 of a birth state's seeds."""
        return [
            row.score
            for row in results
            if row.score is not None
            and row.benchmark == OFFLINE_PREDICTIVITY
            and model_without_seed(row.model) == model
        ]

    default = difference(born("cornet_s_wc"), born("cornet_s_kn"))
    return markdown(
        "reviewers.md.j2",
        default=f"{default.value:+.3f} ({default.low:+.3f} to {default.high:+.3f})",
        paper=account_of_variant(CATALOGUE[STANDARD]),
        mobilenet=account_of_variant(CATALOGUE["mobilenet"]),
        record=record,
        recipe=record["recipe"],
        finals=len(found.values(STANDARD, LAST_EPOCH)),
        births=len(found.values("cornet_s_wc_bn", 0)),
        asked=len(found.asked),
        missing=len(found.missing),
        wc_ct=scored("cornet_s_wc_ct", OFFLINE_PREDICTIVITY),
        monkey=scored(STANDARD, "Kriegeskorte2008.IT-rdm"),
        v1=scored(STANDARD, "MacaqueV1Tuning.v2"),
        benchmarks=len(trained),
        effects=Counter(one.verdict for one in trained),
        compared=compared,
        v1_of=v1_of,
        smallest_p=smallest_p(3, 3),
        judged=Counter(one.verdict for one in judged),
        tested=[one.difference for one in tested if one.difference],
        claims=claims_summary([row["verdict"] for row in claims]),
    )


def write_answers(docs: Path) -> None:
    """Write docs/reviewers.md."""
    write_text(docs / "reviewers.md", answers_page(docs))
