"""Birth states on four benchmarks: halves, selection, confirmation, table and page."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from brainscore_wiring.architectures import RegionMap
from brainscore_wiring.benchmarks import object_dissimilarity
from brainscore_wiring.benchmarks.object_dissimilarity import ObjectDissimilarity
from brainscore_wiring.brain.brain_model import WiringModel
from brainscore_wiring.catalogue import BEST, BEST_NAME, CATALOGUE
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.paper.frontier.columns import ALL, DATA_PARTS, HALF_A, HALF_B
from brainscore_wiring.paper.frontier.four_benchmarks import survey
from brainscore_wiring.paper.frontier.four_benchmarks.decisions import (
    BETTER,
    NO_CANDIDATE,
    NOT_BETTER,
    SAME,
    TOO_FEW,
    WORSE,
    birth_best,
    confirmations,
    measured_states,
    selected,
    with_v4,
)
from brainscore_wiring.paper.frontier.four_benchmarks.page import page_of, write_four_benchmarks
from brainscore_wiring.paper.frontier.four_benchmarks.scores import (
    CHEAP,
    FILE,
    FOUR,
    Row,
    ScoreTable,
)
from brainscore_wiring.paper.frontier.four_benchmarks.sentences import best_sentence, seeds_needed
from brainscore_wiring.paper.frontier.four_benchmarks.states import (
    ALL_STATES,
    reference_of,
    states_called,
)

DOCS = Path(__file__).parents[1] / "docs/frontier"


def rows(state, bits, half_a, half_b, seeds=5, benchmarks=FOUR):
    """Made-up scores, every seed a little apart."""
    about = ALL_STATES[state].statistics, bits // 32, bits, "", "", "0", 1.0
    means = {ALL: (half_a + half_b) / 2, HALF_A: half_a, HALF_B: half_b}
    return [
        Row(state, seed, name, part, mean + seed / 1000, 0.3, 0.9, *about)
        for seed in range(seeds)
        for name in benchmarks
        for part, mean in means.items()
    ]


WC = rows("cornet_s_wc", 135_168, 0.4, 0.4)


def test_states_are_compared_with_weight_compression_of_the_same_experience():
    assert reference_of("expansion_kn") == reference_of("mobilenet_wc_own") == "cornet_s_wc"
    assert reference_of("mobilenet_wc_own_noise") == "cornet_s_wc_noise"
    assert reference_of("cornet_s_orthogonal_bn") == "cornet_s_wc_bn"
    assert {reference_of(name) for name in ALL_STATES} <= ALL_STATES.keys()
    with pytest.raises(WrongUsage, match="expansion_kn"):
        states_called(["expansion_k"])


def test_selected_are_states_with_fewer_bits_that_are_higher_on_half_a_without_v4():
    better = rows("cornet_s_kn", 0, 0.5, 0.1)
    found = measured_states(
        [
            *WC,
            *better,
            *rows("cornet_s_orthogonal", 0, 0.3, 0.9),
            *rows("mobilenet_wc_own", 154_560, 0.9, 0.9),  # more bits
            *rows("resnet50_kn", 0, 0.9, 0.9, seeds=1),
            *rows("convnext_tiny_random", 0, 0.4, 0.9),  # as high, not higher
            *rows("cornet_s_kn_noise", 0, 0.9, 0.9),
            *rows("cornet_s_wc_noise", 135_168, 0.4, 0.4, seeds=1),
        ]
    )
    assert selected(found) == ["cornet_s_kn"]
    v4_alone = [replace(row, score=0.0) if row.benchmark not in CHEAP else row for row in better]
    assert selected(measured_states([*WC, *v4_alone])) == ["cornet_s_kn"]
    assert {"cornet_s_kn", "cornet_s_wc", "cornet_s_wc_noise"} <= with_v4([*WC, *better])
    assert "cornet_s_orthogonal" not in with_v4([*WC, *better])


@pytest.mark.parametrize(
    ("half_b", "seeds", "verdict"),
    [
        (0.5, 5, BETTER),
        (0.4, 5, NOT_BETTER),
        (0.3, 5, WORSE),
        (0.5, 3, TOO_FEW),
    ],
)
def test_half_b_alone_confirms(half_b, seeds, verdict):
    wc = rows("cornet_s_wc", 135_168, 0.4, 0.4, seeds=seeds)
    [one] = confirmations(
        measured_states([*wc, *rows("expansion_kn", 0, 0.6, half_b, seeds=seeds)])
    )
    assert (one.state, one.verdict) == ("expansion_kn", verdict)
    assert one.difference.value == pytest.approx(half_b - 0.4)


def test_too_few_seeds_are_judged_after_correction():
    def verdicts(*states):
        few = [row for state in states for row in rows(state, 0, 0.6, 0.6, seeds=4)]
        wc = rows("cornet_s_wc", 135_168, 0.4, 0.4, seeds=4)
        return {one.verdict for one in confirmations(measured_states([*wc, *few]))}

    assert verdicts("expansion_kn") == {BETTER}  # p = 2 / 70
    assert verdicts("expansion_kn", "resnet50_kn") == {TOO_FEW}


def test_without_v4_nothing_is_confirmed():
    [one] = confirmations(
        measured_states([*WC, *rows("expansion_kn", 0, 0.6, 0.6, benchmarks=CHEAP)])
    )
    assert one.verdict == TOO_FEW and one.difference is None and one.seeds == (0, 5)


def test_p_is_corrected_over_all_selected_states():
    alone = confirmations(measured_states([*WC, *rows("expansion_kn", 0, 0.6, 0.6)]))
    both = confirmations(
        measured_states(
            [*WC, *rows("expansion_kn", 0, 0.6, 0.6), *rows("resnet50_kn", 0, 0.6, 0.4)]
        )
    )
    assert len(both) == 2
    of = {one.state: one.difference.corrected_p for one in both}
    assert of["expansion_kn"] == pytest.approx(2 * alone[0].difference.corrected_p)


def test_selected_states_that_are_not_tested_yet_count_in_the_correction():
    few = rows("resnet50_kn", 0, 0.6, 0.6, benchmarks=CHEAP)
    both = confirmations(measured_states([*WC, *rows("expansion_kn", 0, 0.6, 0.6), *few]))
    (one,) = (one.difference for one in both if one.difference)
    assert len(both) == 2 and one.corrected_p == pytest.approx(2 * one.p)


def test_the_answer_in_the_results_is_that_of_the_table():
    said = (DOCS.parent / "results.md").read_text(encoding="utf-8")
    tested = confirmations(measured_states(ScoreTable(DOCS).read()))
    assert "none with fewer bits is shown to be better: [four benchmarks]" in said
    assert len(tested) == 6 and {one.verdict for one in tested} == {NOT_BETTER, WORSE}
    assert {one.seeds[1] for one in tested} == {10}


BEST_ROWS = rows("cornet_s_wc_noise", 135_168, 0.4, 0.4, seeds=10)
KN_BETTER = rows("cornet_s_kn", 0, 0.5, 0.5, seeds=10)


@pytest.mark.parametrize(
    ("table", "verdict", "state", "sentence"),
    [
        (
            [*WC, *rows("cornet_s_kn", 0, 0.9, 0.9, seeds=9)],
            NO_CANDIDATE,
            "cornet_s_wc_noise",
            "Rule 7: CORnet-S states of at most 10,000 numbers with ten seeds on all four "
            "benchmarks: 0. `cornet_s_birth_best` stays `cornet_s_wc_noise`.",
        ),
        (
            [*BEST_ROWS, *KN_BETTER],
            BETTER,
            "cornet_s_kn",
            "On half B it is better than `cornet_s_wc_noise` (+0.100 [+0.097, +0.103], "
            "p = 1.1e-05). `cornet_s_birth_best` becomes `cornet_s_kn`.",
        ),
        (
            [*BEST_ROWS, *rows("cornet_s_kn", 0, 0.5, 0.4, seeds=10)],
            NOT_BETTER,
            "cornet_s_wc_noise",
            "On half B it is not shown to be better than `cornet_s_wc_noise` (+0.000 [-0.003, "
            "+0.003], p = 1). `cornet_s_birth_best` stays `cornet_s_wc_noise`.",
        ),
        (
            [*BEST_ROWS, *rows("cornet_s_kn", 0, 0.5, 0.3, seeds=10)],
            WORSE,
            "cornet_s_wc_noise",
            "On half B it is worse than `cornet_s_wc_noise`",
        ),
        (
            [*BEST_ROWS, *rows("cornet_s_kn", 0, 0.3, 0.9, seeds=10)],
            SAME,
            "cornet_s_wc_noise",
            "benchmarks: 2 (`cornet_s_wc_noise`, `cornet_s_kn`). `cornet_s_wc_noise` is highest on "
            "half A (0.404). `cornet_s_birth_best` stays `cornet_s_wc_noise`.",
        ),
        (
            [*BEST_ROWS, *rows("cornet_s_wc_rainbow_64_bn", 320_032, 0.9, 0.9, seeds=10)],
            SAME,
            "cornet_s_wc_noise",
            "benchmarks: 1 (`cornet_s_wc_noise`).",
        ),
        (
            [*BEST_ROWS, *rows("mobilenet_random", 0, 0.9, 0.9, seeds=10)],
            SAME,
            "cornet_s_wc_noise",
            "benchmarks: 1 (`cornet_s_wc_noise`).",
        ),
        (
            [*rows("cornet_s_wc_noise", 135_168, 0.4, 0.4, seeds=9), *KN_BETTER],
            TOO_FEW,
            "cornet_s_wc_noise",
            "Too few seeds: `cornet_s_wc_noise` has 9. `cornet_s_birth_best` stays",
        ),
    ],
)
def test_rule_7_decides_what_birth_best_is(table, verdict, state, sentence):
    found = measured_states(table)
    best = birth_best(found, "cornet_s_wc_noise")
    assert (best.verdict, best.state) == (verdict, state)
    assert sentence in best_sentence(found, best)


def test_rule_7_needs_ten_seeds_on_both_halves():
    half = [row for row in KN_BETTER if row.part != HALF_B or row.seed < 9]
    found = birth_best(measured_states([*BEST_ROWS, *half]), "cornet_s_wc_noise")
    assert list(found.candidates) == ["cornet_s_wc_noise"]


def test_the_best_of_half_a_is_tested_alone_and_counts_in_the_family_of_rule_6():
    second = rows("cornet_s_orthogonal", 0, 0.45, 0.9, seeds=10)
    table = [*BEST_ROWS, *rows("cornet_s_wc_bn", 135_168, 0.4, 0.4, seeds=10), *KN_BETTER, *second]
    best = birth_best(measured_states(table), "cornet_s_wc_noise")
    assert best.candidates[:2] == ["cornet_s_kn", "cornet_s_orthogonal"]
    assert best.difference.corrected_p == best.difference.p
    selected_one = rows("cornet_s_kn_bn", 0, 0.41, 0.41, seeds=10)
    corrected = birth_best(measured_states([*table, *selected_one]), "cornet_s_wc_noise").difference
    assert corrected.p == best.difference.p and corrected.corrected_p == 2 * corrected.p


def test_birth_best_of_the_catalogue_is_what_rule_7_says_of_the_published_table():
    assert birth_best(measured_states(ScoreTable(DOCS).read())).state == BEST
    assert CATALOGUE[BEST_NAME].birth == CATALOGUE[BEST].birth


def test_the_table_comes_back_and_a_network_is_claimed_once(tmp_path):
    table = ScoreTable(tmp_path)
    with table.claim("cornet_s_wc", 0, CHEAP) as free:
        assert free
        with ScoreTable(tmp_path).claim("cornet_s_wc", 0, CHEAP) as other:
            assert not other
        table.add([row for row in WC if not row.seed and row.benchmark in CHEAP])
    assert table.read() == [row for row in WC if not row.seed and row.benchmark in CHEAP]
    with table.claim("cornet_s_wc", 0, CHEAP) as free:
        assert not free
    with table.claim("cornet_s_wc", 0, FOUR[1:2]) as free:
        assert free
    (tmp_path / FILE).write_text("state,seed\nx,1\n")
    with pytest.raises(WiringError, match="brainscore frontier"):
        table.read()


def test_a_table_of_other_images_or_another_genome_is_not_gone_on_with(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "FourBenchmarks", SimpleNamespace)
    table, [noise] = ScoreTable(tmp_path), states_called(["cornet_s_wc_noise"])
    before = replace(WC[0], state=noise.name, statistics=noise.statistics, images="photos")
    table.add([before])
    with pytest.raises(WiringError, match="holds cornet_s_wc_noise, seed 0, with another images"):
        survey.measure_states(table, [noise], [0], None, print)
    with pytest.raises(WiringError, match="with another genome than now: take its rows out"):
        survey._check_genome(table, replace(before, seed=12, genome="mine"))
    with pytest.raises(WiringError, match="Nothing is measured in"):
        write_four_benchmarks(tmp_path / "empty", [])


def test_words_say_what_so_many_seeds_allow():
    table = [*WC, *rows("expansion_kn", 0, 0.6, 0.6)]
    assert "with fewer than 4 seeds of each no p can be below 0.05 for all selected" in (
        seeds_needed(measured_states(table))
    )
    both = [*table, *rows("resnet50_kn", 0, 0.6, 0.6)]
    assert "with fewer than 5 seeds" in seeds_needed(measured_states(both))


def test_the_page_says_what_is_missing(tmp_path):
    text = page_of(measured_states([*WC, *rows("expansion_kn", 0, 0.6, 0.6, benchmarks=CHEAP)]))
    assert "7. **`cornet_s_birth_best`** changes only to" in text
    assert "The question has no answer yet" in text
    assert "- Not measured: " in text and "cornet_s_orthogonal" in text


def test_the_page_and_its_picture_follow_from_the_table(tmp_path):
    ScoreTable(tmp_path).write(Row.__dataclass_fields__, map(vars, WC))
    with pytest.raises(SystemExit) as left:
        main(["frontier", "-o", str(tmp_path), "--four-benchmarks", "--report"])
    assert not left.value.code
    assert {"four_benchmarks.md", "four_benchmarks.svg", "four_benchmarks.png"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_the_page_in_docs_is_that_of_its_table():
    found = measured_states(ScoreTable(DOCS).read())
    assert (DOCS / "four_benchmarks.md").read_text(encoding="utf-8") == page_of(found)


@pytest.fixture(scope="module")
def parts():
    return pytest.importorskip("brainscore_wiring.paper.frontier.four_benchmarks.parts")


def test_halves_of_v4_are_disjoint(parts):
    halves = parts.halves_of(641)
    assert sorted([*halves[HALF_A], *halves[HALF_B]]) == halves[ALL].tolist() == list(range(641))
    assert not np.array_equal(halves[HALF_A], np.arange(0, 641, 2))
    assert set(halves) == set(DATA_PARTS)


def test_a_network_sees_each_object_once_for_both_benchmarks_and_all_parts(
    parts, kriegeskorte2008, monkeypatch
):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(kriegeskorte2008))
    people = np.random.default_rng(0).normal(size=(4, 92 * 91 // 2)) + np.arange(92 * 91 // 2) / 999
    judged = ObjectDissimilarity(
        "judged",
        subjects=people,
        target=people.mean(axis=0),
        recorded="behaviour",
        window=None,
        ceiling_source="made up",
        parent="behaviour",
        bibtex="",
    )
    monkeypatch.setattr(object_dissimilarity, "_RESAMPLES", 2)  # of intervals, not looked at
    monkeypatch.setattr(parts, "behaviour", lambda: judged)
    monkeypatch.setattr(parts, "central_responses", lambda model: None)
    monkeypatch.setattr(parts.FourBenchmarks, "v1_parts", lambda self, responses: {})
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 16, 16), nn.ReLU(), nn.AvgPool2d(7))
    model = WiringModel("small", network, RegionMap({"IT": "1"}, "2", "2"), "0")
    shown = []
    network[0].register_forward_hook(lambda module, inputs, output: shown.append(len(inputs[0])))
    scores = parts.FourBenchmarks().cheap(model)
    assert sum(shown) == 92
    assert {name for name in scores if set(scores[name]) == set(DATA_PARTS)} == set(CHEAP[1:])
