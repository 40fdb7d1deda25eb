"""docs/reviewers.md: what a reviewer would attack, with answers whose numbers come from tables.

write_answers(Path("docs"))
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brainscore_wiring.accounting import account_of_variant
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.comparisons import smallest_p
from brainscore_wiring.files import write_text
from brainscore_wiring.formatting import count, listed
from brainscore_wiring.paper.claims.claims_table import claims_summary
from brainscore_wiring.paper.development.moments import LAST_EPOCH, Development
from brainscore_wiring.paper.development.page import read_development
from brainscore_wiring.paper.development.statements import Statement, statements
from brainscore_wiring.paper.results import filled
from brainscore_wiring.paper.training_effects import effects
from brainscore_wiring.scoring.brainscore_data import OFFLINE_PREDICTIVITY
from brainscore_wiring.scoring.points import STANDARD
from brainscore_wiring.scoring.result import Result
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.tables import read_rows

_IT, _V1 = "Kriegeskorte2008.IT-rdm", "MacaqueV1Tuning.v2"


@dataclass(frozen=True)
class Answer:
    """One attack and the honest answer; `where` has the numbers: a page beside this one, and its
    words.
    """

    attack: str
    answer: str
    where: tuple[str, str]


@dataclass(frozen=True)
class Evidence:
    """What the answers are computed from."""

    results: Sequence[Result]
    found: Development
    records: dict[str, dict[str, Any]]
    verdicts: Sequence[str]

    def scored(self, model: str, benchmark: str) -> Result:
        """A network's row in docs/scores.csv."""
        return next(row for row in self.results if (row.model, row.benchmark) == (model, benchmark))


def evidence_in(docs: Path) -> Evidence:
    """The tables and training records in docs."""
    records = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((docs / "records").glob("*.json"))
    }
    claims = read_rows(docs / "figures" / "claims.csv", ("verdict",))
    return Evidence(
        read_results(docs / "scores.csv"),
        read_development(docs),
        records,
        [row["verdict"] for row in claims],
    )


def answer_tables(docs: Path) -> dict[str, str]:
    """The page's generated parts."""
    known = evidence_in(docs)
    return {
        "trainings": _table(_of_trainings(known)),
        "benchmarks": _table(_of_benchmarks(known)),
        "births": _table(_of_births(known)),
        "conclusions": _table(_of_conclusions(known)),
    }


def write_answers(docs: Path) -> None:
    """Write the tables of docs/reviewers.md."""
    page = docs / "reviewers.md"
    write_text(page, filled(page.read_text(encoding="utf-8"), answer_tables(docs)))


def _table(answers: Sequence[Answer]) -> str:
    lines = ["| attack | answer | numbers |", "|---|---|---|"]
    lines += [
        "| {} | {} | [{}]({}) |".format(one.attack, one.answer, *reversed(one.where))
        for one in answers
    ]
    return "\n".join(lines)


def _of_trainings(known: Evidence) -> list[Answer]:
    paper = account_of_variant(CATALOGUE[STANDARD])
    record = known.records["cornet_s_100k_images_5_epochs"]
    recipe, updates = record["recipe"], record["supervised_updates"]
    finals = len(known.found.values(STANDARD, LAST_EPOCH))
    asked, missing = len(known.found.asked), len(known.found.missing)
    accuracy = 100 * record["held_out"]["accuracy"]
    wc_ct = known.scored("cornet_s_wc_ct", OFFLINE_PREDICTIVITY)
    return [
        Answer(
            "These trainings are not ImageNet.",
            f"They are not. Standard training here has seen {updates:,} labelled images of "
            f"{record['diet']['classes']} classes at {record['diet']['image_size']} px, "
            f"{100 * updates / paper.supervised_updates:.1f} % of the paper's "
            f"{paper.supervised_updates:,} of 1,000 classes at 224 px; it names {accuracy:.1f} % "
            "of held-out images and has not converged. Percentages of it are not the paper's.",
            ("results.md", "results"),
        ),
        Answer(
            "One run of standard training carries every percentage.",
            f"Yes: n = {finals}. Its spread over seeds is unknown, so statements that need "
            "it are not decided, and absolute scores stand beside percentages.",
            ("development.md", "development"),
        ),
        Answer(
            "The recipe is another.",
            f"Learning rate {recipe['learning_rate']:g} in one cycle, batches of "
            f"{recipe['batch_size']}, crops of {recipe['crop_scale'][0]:g} to "
            f"{recipe['crop_scale'][1]:g}, {recipe['precision']}; the paper has 0.1 cut at "
            "plateaus, batches of 256, crops of 0.08 to 1. It was chosen by accuracy on the "
            "held-out images that all accuracies here are on, not by a brain score. "
            "`--recipe paper` is the paper's; no network here was trained "
            "with it.",
            ("training.md", "training"),
        ),
        Answer(
            "Moments within a one-cycle schedule are not moments of the paper's training.",
            "They are not: the rate is high in the middle and low at the end, and trainings of one "
            "and of five epochs differ at the same number of updates. Comparisons between "
            "trainings are made at one moment of one schedule, except where synaptic updates are "
            "matched (statement 6).",
            ("development.md", "development"),
        ),
        Answer(
            "Figure 1 is hardly filled.",
            f"{asked - missing} of {asked} cells are scored. The page counts what is missing, and "
            "a statement without three networks on each side has no verdict.",
            ("development.md", "development"),
        ),
        Answer(
            "Synapses are counted to one's advantage.",
            "The account is the paper's, which leaves out the decoder: WC+CT of "
            f"5 epochs has {count(wc_ct.supervised_synaptic_updates or 0)} supervised synaptic "
            f"updates; with every parameter that is trained, "
            f"{count(wc_ct.supervised_synaptic_updates_true or 0)}. Both are in every table. "
            "Neither counts gradients through frozen layers.",
            ("training.md", "training"),
        ),
    ]


def _of_benchmarks(known: Evidence) -> list[Answer]:
    monkey = known.scored(STANDARD, _IT)
    found = effects(known.results)
    verdicts = Counter(one.verdict for one in found)
    ceiling = known.scored(STANDARD, _V1).ceiling or 0
    return [
        Answer(
            "These are not the paper's benchmarks.",
            "None of them is; V2 is missing, since no recordings of it are public without an "
            "account. With access to Brain-Score's data the paper's own mean is scored by the "
            "same command (`Geiger2022-brain_predictivity`). Scores here are not compared with "
            "the paper's in number, only in direction.",
            ("benchmarks.md", "benchmarks"),
        ),
        Answer(
            "Monkey IT is 92 images.",
            "Yes, of isolated objects, from two monkeys, published as one matrix. Standard "
            f"training scores {monkey.score:.2f} ({monkey.low:.2f} to {monkey.high:.2f} over the "
            "images): a single network is hardly placed by it. Behaviour is measured on the "
            "same images, so the two parts share their luck.",
            ("benchmarks.md", "benchmarks"),
        ),
        Answer(
            "Ceilings come from few subjects.",
            f"Monkey IT's ceiling, {monkey.ceiling:.3f}, is that of 4 people, as the monkeys' "
            "matrix allows none; 15 and 16 people stand behind the others, 6 to 10 repeats "
            f"behind V4's, and V1's {ceiling:.3f} is that of resampled neurons. Ceilings are held "
            "fixed in all intervals. They scale a benchmark; they do not change the order of "
            "networks in it, but they do change its weight in the mean.",
            ("benchmarks.md", "benchmarks"),
        ),
        Answer(
            "The benchmarks do not reward training.",
            "Not all do. By rules fixed beforehand training is distinguished from birth by "
            f"{verdicts['yes']} of {len(found)} benchmarks, in part by {verdicts['in part']}, "
            f"not by {verdicts['no']}; {verdicts['not yet known']} are not known yet. V1 tuning "
            "is nearly as high at birth, and the mean without V2 inherits that.",
            ("training_effects.md", "what training adds"),
        ),
        Answer(
            "Images of 64 px, scored at 224.",
            "Networks that were trained on small images see larger ones, in which features have "
            "another scale. So do births whose statistics were measured on such images. Births "
            "with default statistics do not, which is one more reason not to mix the two.",
            ("results.md", "results"),
        ),
        Answer(
            "Layers or birth states are selected on the stimuli that score them.",
            "CORnet-S's layers are fixed by its architecture. Layers of other networks are "
            "searched on other data where there are some, and a score on the data of the search "
            "says so. Birth states are chosen on one half of the stimuli and tested on the other; "
            "seeds are the same networks in both.",
            ("frontier/frontier.md", "frontier"),
        ),
        Answer(
            "The monkeys' V4 images may have had another size.",
            "Their size is not published; 8 degrees are assumed. With 4 in place of 8 two models "
            "moved well within their intervals.",
            ("benchmarks.md", "benchmarks"),
        ),
    ]


def _of_births(known: Evidence) -> list[Answer]:
    fair, mixed = (_statement(known, number) for number in (3, 4))
    births = len(known.found.values("cornet_s_wc_bn", 0))
    source = known.records["cornet_s_100k_images_5_epochs"]
    graph = account_of_variant(CATALOGUE["mobilenet"])
    return [
        Answer(
            "The gain of weight compression is one of batch-norm statistics.",
            "For the paper's numbers in large part, which its database shows. Here, on the mean "
            f"without V2: {_compared(fair)} where both have measured statistics, "
            f"{_compared(mixed)} against default ones, as the paper compared. "
            "Which statistics are right for a network at birth is a question of biology, not of "
            "these data.",
            ("batch_norm.md", "batch norms"),
        ),
        Answer(
            "The authors' statistics are inferred, not known.",
            "The mechanism is inferred from their code and database; nine consequences were "
            "tested and stand, some of them known before. Only the authors can say what was "
            "intended, and their trained weights are empty files in the repository.",
            ("batch_norm.md", "batch norms"),
        ),
        Answer(
            "Births and trained networks have statistics of different images.",
            f"Of 128 and of 2,048. {_frozen_v1(known)} The training of the decoder alone, which "
            "changes no score but through its statistics, is the control that figure 1 asks for.",
            ("development.md", "development"),
        ),
        Answer(
            "WC has seen labels.",
            f"Its genome has: it was fitted on a network after {source['supervised_updates']:,} "
            "supervised updates with the same images. The account leaves these out, as the "
            "paper's does: they stand for evolution. Added to it, WC+CT has no advantage in "
            "updates here.",
            ("results.md", "results"),
        ),
        Answer(
            "Seeds of one genome are no sample of genomes.",
            f"Right. The n = {births} WC births are drawn from one genome, fitted on one "
            "network, and their spread says nothing of another genome's. The same holds for the "
            "paper's ten seeds.",
            ("compression.md", "compression"),
        ),
        Answer(
            "MobileNet's source is obscure.",
            "Its ImageNet weights come from a Python package that put a classifier of two "
            "classes behind them; that is left out. Their accuracy on ImageNet shows what they "
            f"are. The {graph.supervised_updates:,} updates are the paper's count, not a "
            "published fact.",
            ("references.md", "references"),
        ),
    ]


def _of_conclusions(known: Evidence) -> list[Answer]:
    judged = Counter(one.verdict for one in statements(known.found))
    return [
        Answer(
            "Three seeds cannot be significant.",
            f"By an exact test they cannot: p is at least {smallest_p(3, 3):g}. Intervals by "
            "Student and Welch assume normal spread over seeds, which three values cannot show. "
            "Where p is given, it is of a permutation test and corrected for the number of tests.",
            ("training_effects.md", "what training adds"),
        ),
        Answer(
            "Rules were made after looking.",
            "Each page says what had been seen when its rules were fixed. Births and final "
            "networks were known when those of figure 1 were written, the moments between were "
            "not.",
            ("development.md", "development"),
        ),
        Answer(
            "Nothing of the paper's story was replicated.",
            f"The {sum(judged.values())} statements on development have these verdicts: "
            + ", ".join(f"{verdict} ({number})" for verdict, number in judged.most_common())
            + ". Recomputing the paper's numbers from its database is no replication either: it "
            "tells whether text and database agree.",
            ("development.md", "development"),
        ),
        Answer(
            "Which of the paper's numbers are right?",
            claims_summary(known.verdicts),
            ("figures/claims.md", "claims"),
        ),
    ]


def _frozen_v1(known: Evidence) -> str:
    pairs = {
        "KN+CT": ("cornet_s_ct", "cornet_s_kn_bn"),
        "WC+CT": ("cornet_s_wc_ct", "cornet_s_wc_bn"),
    }
    differences = [
        f"{words} {known.found.values(trained, LAST_EPOCH, 'V1')[0]:.3f} against "
        f"{known.found.values(births, 0, 'V1')[0]:.3f}"
        for words, (trained, births) in pairs.items()
    ]
    return f"V1, which critical training leaves alone, shows it (seed 0): {listed(differences)}."


def _statement(known: Evidence, number: int) -> Statement:
    return next(one for one in statements(known.found) if one.number == number)


def _compared(one: Statement) -> str:
    (difference,) = one.comparisons
    return (
        f"{difference.value:+.3f} ({difference.low:+.3f} to {difference.high:+.3f}, n = "
        f"{' and '.join(map(str, difference.n))}; {one.verdict})"
    )
