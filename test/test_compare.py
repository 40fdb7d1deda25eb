"""Result tables compared: groups of seeds, honest tests, and pages that say the same."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest

import brainscore_wiring
from brainscore_wiring.accounting import standard_updates
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.formatting import count
from brainscore_wiring.paper.comparisons import difference, permutation_p
from brainscore_wiring.paper.report.comparison import (
    compare,
    differences_csv,
    differences_markdown,
    models_markdown,
    significance_in_words,
)
from brainscore_wiring.paper.report.dot_plot import dot_plot, interval_of
from brainscore_wiring.scoring.result import NOT_RUN, SCORED, Result
from brainscore_wiring.scoring.table import write_results

IT = "Kriegeskorte2008.IT-rdm"
V1 = "MacaqueV1Tuning"
UPDATES = "Geiger2022-supervised_synaptic_updates"
WC, KN = (0.31, 0.35, 0.33, 0.36, 0.34), (0.21, 0.25, 0.22, 0.20, 0.24)


def row(model, score, seed=0, benchmark=IT, **facts):
    name = f"{model}_seed{seed}" if seed else model
    return Result(
        name, benchmark, SCORED, score, seed=seed, fingerprint=f"{model}{seed}", variant=name,
        training_images=0, supervised_synaptic_updates=0, benchmark_version="1", **facts,
    )  # fmt: skip


def seeds(model, scores, benchmark=IT, **facts):
    return [row(model, score, seed, benchmark, **facts) for seed, score in enumerate(scores)]


@pytest.fixture
def births():
    """Two births with five seeds, and a third with measured statistics."""
    return [
        *seeds("cornet_s_wc", WC),
        *seeds("cornet_s_kn", KN),
        *seeds("cornet_s_wc", [0.7, 0.71, 0.72, 0.7, 0.73], V1),
        *seeds("cornet_s_kn", [0.7, 0.72, 0.71, 0.73, 0.7], V1),
        *seeds("cornet_s_kn_bn", [0.1, 0.12]),
    ]


def test_versions_of_the_account_are_no_tests(births):
    accounts = [replace(one, benchmark=UPDATES, score=1.0, raw=0) for one in births[:10]]
    accounts[0] = replace(accounts[0], benchmark_version=None)
    found = compare([*births, *accounts])
    assert found.tests == compare(births).tests and UPDATES not in " ".join(found.benchmarks)


def test_one_seed_is_no_model_of_a_comparison(births):
    with pytest.raises(WrongUsage, match="'cornet_s_kn_seed3' is one seed, .* give cornet_s_kn"):
        compare(births, against="cornet_s_kn_seed3")


def test_differences_are_of_scores_before_they_are_clipped():
    wc = seeds("cornet_s_wc", [0.1, 0.2, 0.0], V1)
    wc[2] = replace(wc[2], raw=-0.05, ceiling=0.5)
    kn = [
        replace(one, raw=-0.1 - one.seed / 100, ceiling=0.5)
        for one in seeds("cornet_s_kn", [0] * 3, V1)
    ]
    [pair] = compare([*wc, *kn]).pairs
    assert pair.difference.value == pytest.approx((0.1 + 0.2 - 0.1) / 3 + 0.22)
    page = str(compare([*wc, *kn]))
    assert "| `cornet_s_kn` | 3 | 0 | 1.00 | 0.000 ± 0.000 |" in page
    assert f"{V1}: 4 scores lie outside 0 to 1 and are clipped in the table of models" in page


@pytest.mark.parametrize(
    "value, words",
    [
        (999_999, "999,999"),
        (1_000_000, "1.000 million"),
        (999_600_000, "999.600 million"),
        (999_999_999, "1.000 billion"),
        (999_999_600_000, "1.000 trillion"),
    ],
)
def test_a_count_is_in_the_unit_that_it_is_rounded_to(value, words):
    assert count(value) == words


def test_accounts_alone_have_nothing_to_draw(births, tmp_path):
    accounts = [replace(one, benchmark=UPDATES, score=1.0, raw=0) for one in births]
    write_results(tmp_path / "scores.csv", accounts)
    with pytest.raises(SystemExit) as left:
        main(["compare", str(tmp_path / "scores.csv"), "-o", str(tmp_path / "page")])
    assert left.value.code == 1


def test_every_pair_of_alike_models_is_tested_and_p_corrected_for_all_of_them(births):
    found = compare(births)
    assert [(pair.model.name, pair.other.name, pair.benchmark) for pair in found.pairs] == [
        ("cornet_s_wc", "cornet_s_kn", V1),
        ("cornet_s_wc", "cornet_s_kn", IT),
    ]
    it = found.pairs[1].difference
    assert it.p == permutation_p(WC, KN) == 2 / math.comb(10, 5)
    assert it.corrected_p == 2 * it.p and found.pairs[0].difference.corrected_p > 0.5
    plain = difference(WC, KN)
    assert (it.value, it.low, it.cohens_d) == (plain.value, plain.low, plain.cohens_d)
    assert significance_in_words(found).startswith("1 of 2 differences are significant")


def test_unlike_statistics_are_compared_when_asked_alone_and_marked(births):
    assert any("2 pairs" in sentence for sentence in compare(births).left_out)
    found = compare(births, "cornet_s_kn")
    notes = {pair.model.name: pair.note for pair in found.pairs}
    assert not notes["cornet_s_wc"]
    assert "measured against defaults (0/1)" in notes["cornet_s_kn_bn"]
    assert "cornet_s_kn *" in differences_markdown(found)


def test_what_models_are_compared_with_need_not_be_among_the_chosen_ones(births):
    found = compare(births, "cornet_s_kn", models=["cornet_s_wc*"])
    assert {pair.other.name for pair in found.pairs} == {"cornet_s_kn"}
    names = {group.name for group in found.groups} - {"cornet_s_kn"}
    assert names and all(name.startswith("cornet_s_wc") for name in names)
    with pytest.raises(WrongUsage, match="'cornet_s_knn': did you mean cornet_s_kn"):
        compare(births, "cornet_s_knn", models=["cornet_s_wc"])
    other = [replace(one, training_images=100, diet="100 images") for one in births[5:10]]
    found = compare([*births, *other], "cornet_s_kn [100 images]", models=["cornet_s_wc"])
    assert {pair.other.name for pair in found.pairs} == {"cornet_s_kn [100 images]"}


def test_few_seeds_cannot_be_significant_and_the_page_says_so():
    found = compare([*seeds("cornet_s_wc", WC[:3]), *seeds("cornet_s_kn", KN[:3])])
    assert found.pairs[0].smallest_p == found.pairs[0].difference.p == 0.1
    assert found.tests == 0 and "no p can be below 0.1" in significance_in_words(found)


def test_differences_that_cannot_be_significant_are_no_part_of_the_family(births):
    alone = compare(births, "cornet_s_kn", models=["cornet_s_wc"], benchmarks=[IT])
    many = [seeds(f"model{number}", WC[:3]) for number in range(20)]
    found = compare([*births, *chain(*many)], "cornet_s_kn", benchmarks=[IT])
    tested = {pair.model.name: pair for pair in found.pairs if pair.tested}
    assert set(tested) == {"cornet_s_wc"}
    assert tested["cornet_s_wc"].difference == alone.pairs[0].difference
    said = significance_in_words(found)
    assert "after Holm's correction for 1 tests" in said
    assert "21 more are not tested: with so few seeds no p can be significant" in said
    assert differences_markdown(found).count("| too few seeds |") == 21
    few = next(
        row for row in csv.DictReader(differences_csv(found).splitlines()) if row["n"] == "3"
    )
    assert few["p"] == few["corrected_p"] == "" and float(few["smallest_p"]) > 0.01


def test_single_seeds_are_shown_against_a_model_without_a_test():
    found = compare([*seeds("cornet_s_wc", WC), row("pixels", 0.17)], "pixels")
    assert not found.pairs[0].tested and found.tests == 0
    (line,) = csv.DictReader(differences_csv(found).splitlines())
    assert line["p"] == line["cohens_d"] == line["low"] == ""
    assert float(line["difference"]) == pytest.approx(0.168)
    assert "Nothing is tested" in significance_in_words(found)


def test_too_many_pairs_are_not_tested_unless_asked_for():
    many = [one for n in range(40) for one in seeds(f"model{n}", KN * 2)]
    found = compare(many)
    assert not found.pairs and "780 pairs are more than" in found.left_out[-1]
    assert compare(many, "model0").tests == 39


def test_other_training_data_is_another_model_and_a_seed_counts_once(births):
    other = [replace(one, training_images=100, diet="1 epoch of 100 images") for one in births[:5]]
    names = [group.name for group in compare([*births, *other]).groups]
    assert "cornet_s_wc [1 epoch of 100 images]" in names
    again = replace(births[0], fingerprint="another", score=0.41)
    group = next(one for one in compare([*births, again]).groups if one.name == "cornet_s_wc")
    assert len(group.values(IT)) == 5 and group.values(IT)[0] == pytest.approx(0.36)


def test_versions_of_a_benchmark_are_never_in_one_column(births):
    second = [replace(one, benchmark_version="2") for one in births if one.model == "cornet_s_kn"]
    found = compare([*births, *second], benchmarks=[f"{IT}*"])
    assert found.benchmarks == (f"{IT} (version 1)", f"{IT} (version 2)")


def test_a_pattern_matches_models_with_all_their_seeds_or_seeds_alone(births):
    found = compare(births, models=["cornet_s_[wk][cn]"], benchmarks=[IT])
    assert [(group.name, group.seeds) for group in found.groups] == [
        ("cornet_s_wc", 5),
        ("cornet_s_kn", 5),
    ]
    found = compare(births, models=["*_seed1"], benchmarks=[IT])
    assert {group.seeds for group in found.groups} == {1}


def test_a_pair_is_tested_once_however_often_it_is_asked_for(births):
    two = ("cornet_s_wc", "cornet_s_kn")
    once = compare(births, pairs=[two], benchmarks=[IT])
    for found in (
        compare(births, pairs=[two, two[::-1]], benchmarks=[IT]),
        compare(births, "cornet_s_kn", [two], ["cornet_s_wc"], [IT]),
    ):
        assert found.tests == 1
        assert found.pairs[0].difference == once.pairs[0].difference
    with pytest.raises(WrongUsage, match="cornet_s_wc cannot be compared with itself"):
        compare(births, pairs=[("cornet_s_wc", "cornet_s_wc")])
    for wrong in (two, [(*two, "cornet_s")]):
        with pytest.raises(WrongUsage, match="Each of `pairs` is two models"):
            compare(births, pairs=wrong)


def test_a_network_with_other_layers_is_another_model_and_none_is_lost():
    shallow, deep = (
        replace(row("net", score), layers=f"IT={layer}", diet="none")
        for score, layer in ((0.2, "conv3"), (0.4, "conv5"))
    )
    found = compare([shallow, deep])
    assert [(group.name, group.values(IT)) for group in found.groups] == [
        ("net [none; layers IT=conv3]", [0.2]),
        ("net [none; layers IT=conv5]", [0.4]),
    ]


def test_the_name_tells_the_seed_where_a_table_does_not(births):
    found = compare([replace(one, seed=None) for one in births], benchmarks=[IT])
    assert [group.seeds for group in found.groups] == [5, 5, 2]


def test_two_networks_of_one_seed_count_as_one_and_that_is_said(births):
    again = replace(births[0], fingerprint="elsewhere", score=0.9)
    found = compare([*births, again])
    (said,) = [sentence for sentence in found.left_out if "2 networks of seed" in sentence]
    assert "elsewhere" in said and "count as one, by their mean" in said
    assert not [sentence for sentence in compare(births).left_out if "of seed" in sentence]


def test_networks_whose_seeds_nothing_tells_count_as_one_and_that_is_said():
    nameless = [
        replace(one, model="net", seed=None, fingerprint=f"net{one.seed}")
        for one in seeds("net", WC[:3])
    ]
    found = compare(nameless)
    assert found.groups[0].seeds == 1
    assert found.left_out == (
        "net is 3 networks without a seed, which count as one: name them net_seed0, net_seed1 and "
        "so on to have them count by seed.",
    )
    assert not compare(nameless[:1]).left_out
    named = [replace(one, model=f"net_seed{n}") for n, one in enumerate(nameless)]
    assert (compare(named).groups[0].seeds, compare(named).left_out) == (3, ())


@pytest.mark.parametrize("names", [("net", "net_seed0"), ("net_seed0", "net_seed1")])
def test_the_same_weights_under_two_names_are_no_two_seeds(names):
    same = [replace(row("net", 0.3), model=name, seed=None) for name in names]
    other = replace(row("net", 0.5, seed=2), seed=None)
    [group] = compare([*same, other]).groups
    assert sorted(group.values(IT)) == [0.3, 0.5]


def test_differences_are_a_frame_and_what_is_shown_of_them_is_short(births, tmp_path):
    found = compare(births, pairs=[("cornet_s_wc", "cornet_s_kn")])
    table = tmp_path / "differences.csv"
    table.write_text(differences_csv(found))
    frame = found.to_frame()
    written = pd.read_csv(table).fillna({"note": ""})
    pd.testing.assert_frame_equal(frame, written, check_dtype=False)
    [_, last] = found.pairs
    assert frame["corrected_p"][1] == last.difference.corrected_p
    assert repr(last) == (
        "<Pair cornet_s_wc minus cornet_s_kn on Kriegeskorte2008.IT-rdm: +0.114 [+0.085, +0.143], "
        "p = 0.016 after Holm>"
    )
    assert repr(last.model) == "<ModelSeeds cornet_s_wc: seeds 5, benchmarks 2>"


def test_results_are_compared_as_their_table_is(births, tmp_path):
    write_results(tmp_path / "scores.csv", births)
    of_table, of_results = map(brainscore_wiring.compare, (tmp_path / "scores.csv", births))
    assert str(of_table) == str(of_results) and of_results.tests


def test_what_has_no_score_is_counted_and_names_must_exist(births):
    unscored = Result("cornet_s", IT, NOT_RUN, reason="no weights")
    assert compare([*births, unscored]).left_out[0].startswith("1 rows")
    with pytest.raises(WiringError, match="no score to compare"):
        compare([unscored])
    with pytest.raises(WrongUsage, match="did you mean cornet_s_wc"):
        compare(births, "cornet_s_wcc")
    with pytest.raises(WrongUsage, match="no benchmark"):
        compare(births, benchmarks=["V5*"])


def test_efficiency_is_known_where_the_account_was_not_scored(births):
    trained = replace(births[0], model="cornet_s", variant="cornet_s")
    trained = replace(trained, supervised_synaptic_updates=standard_updates())
    text = models_markdown(compare([*births, trained]))
    assert re.search(r"`cornet_s_kn` \| 5 \| 0 \| 1.00 \|", text)
    assert re.search(r"`cornet_s` \| 1 \| [^|]+ \| 0.00 \|", text)


def test_networks_with_several_accounts_have_the_ends_of_their_efficiencies():
    standard = standard_updates()
    rows = [
        replace(one, supervised_synaptic_updates=updates)
        for one, updates in zip(seeds("cornet_s_wc_ct", WC), (10**9, standard, 10**6, 10**9))
    ]
    table = models_markdown(compare(rows))
    assert f"| 1.000 million to {count(standard)} | 0.61 to 0.00 |" in table
    close = [replace(one, supervised_synaptic_updates=10**6 + one.seed) for one in rows]
    assert "| 1.000 million | 0.61 |" in models_markdown(compare(close))


def test_a_score_that_stands_for_something_missing_has_a_footnote():
    found = compare([row("pixels", 0.1, benchmark=V1, reason="too few units respond")])
    assert re.search(r"0\.100 \[1\].*- \[1\] too few units respond\.", models_markdown(found), re.S)


def test_dots_are_the_seeds_and_lines_the_intervals(births):
    found = compare([*births, row("pixels", 0.17, low=0.1, high=0.2)])
    axes = {axis.get_title().splitlines()[-1]: axis for axis in dot_plot(found).axes}
    dots = [line.get_xdata() for line in axes[IT].lines if line.get_marker() == "o"]
    assert list(dots[0]) == list(WC) and [len(one) for one in dots] == [5, 5, 2, 1]
    assert interval_of(found.groups[-1], IT) == (0.1, 0.2)
    low, high = interval_of(found.groups[0], IT)
    assert low == pytest.approx(0.3141, abs=1e-4) and high == pytest.approx(0.3619, abs=1e-4)


def test_the_command_prints_and_writes_the_same_tables(births, tmp_path, capsys):
    table = tmp_path / "scores.csv"
    write_results(table, births)
    arguments = ["compare", str(table), "--pair", "cornet_s_wc,cornet_s_kn"]
    main_ok(arguments)
    printed = capsys.readouterr().out
    main_ok([*arguments, "-o", str(tmp_path / "out")])
    written = [Path(line) for line in capsys.readouterr().out.split()]
    assert {path.suffix for path in written} == {".md", ".csv", ".html", ".svg", ".png"}
    assert all(path.stat().st_size for path in written)
    page = (tmp_path / "out" / "comparison.md").read_text()
    assert all(line in page for line in printed.splitlines())
    html = (tmp_path / "out" / "comparison.html").read_text()
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", html)
    assert "0.338 ± 0.019" in html and f"brainscore compare {table}" in html


def main_ok(arguments):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert not exit_.value.code
