"""Geiger2022-brain_predictivity.offline: the mean of four parts that need no account."""

from __future__ import annotations

import json

import numpy as np
import pytest
from brainscore_core.metrics import Score
from typer.testing import CliRunner

from brainscore_wiring.benchmarks.brain_predictivity.offline import OfflinePredictivity
from brainscore_wiring.commands import app
from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring import runner
from brainscore_wiring.scoring.benchmarks import BENCHMARKS
from brainscore_wiring.scoring.brainscore_data import OFFLINE_BENCHMARKS, OFFLINE_PREDICTIVITY

VALUES = {"V1": (0.7, 0.96), "V4": (0.5, 0.75), "IT": (0.2, 0.77), "behaviour": (0.1, 0.88)}


def part(value: float, ceiling: float, error: float | None = 0.03) -> Score:
    score = Score(value)
    score.attrs.update(
        raw=Score(value * ceiling), ceiling=Score(ceiling), interval=(value - 0.05, value + 0.06)
    )
    if error is not None:
        score.attrs["error"] = error
    return score


def parts(**changes) -> dict[str, Score]:
    return {name: part(*values) for name, values in VALUES.items()} | changes


def test_the_mean_is_that_of_the_parts_scores_with_their_independent_errors():
    score = OfflinePredictivity().combine(parts())
    assert float(score) == pytest.approx(np.mean([0.7, 0.5, 0.2, 0.1]))
    error = np.sqrt(4 * 0.03**2) / 4
    assert score.attrs["error"] == pytest.approx(error)
    assert score.attrs["interval"] == pytest.approx((0.375 - 1.96 * error, 0.375 + 1.96 * error))
    assert score.attrs["parts"]["V4"] == pytest.approx(
        {
            "benchmark": "Cowley2023.V4-pls",
            "score": 0.5,
            "raw": 0.375,
            "ceiling": 0.75,
            "error": 0.03,
            "low": 0.45,
            "high": 0.56,
        }
    )
    assert "V2" in score.attrs["absent"] and "V2 is missing" in score.attrs["note"]


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        (
            {name: values for name, values in parts().items() if name != "V4"},
            "no value from V1, IT and behaviour",
        ),
        (parts(V2=part(0.5, 0.9)), "has no value from"),
        ({}, "from nothing"),
        (parts(V4=part(float("nan"), 0.75)), "The V4 benchmark gave no number"),
        (parts(IT=part(0.2, 0.77, error=None)), "The IT benchmark gave no number"),
    ],
)
def test_a_mean_of_other_parts_is_refused(wrong, sentence):
    with pytest.raises(WiringError, match=sentence):
        OfflinePredictivity().combine(wrong)


def test_where_data_are_absent_the_sentence_says_what_to_type():
    missing = BENCHMARKS[OFFLINE_PREDICTIVITY].why_not_here()
    assert "`brainscore data fetch ringach2002 cowley2023 kriegeskorte2008 mur2013`" in missing


def test_the_command_shows_the_parts_and_measures_each_once(monkeypatch):
    calls = []

    class Part:
        version, parent, ceiling = 1, "x", None

        def __init__(self, name: str):
            self.identifier = name

        def __call__(self, model):
            calls.append(self.identifier)
            return part(*VALUES[OFFLINE_BENCHMARKS[self.identifier]])

    real = runner.load_benchmark
    monkeypatch.setattr(
        runner,
        "load_benchmark",
        lambda name: Part(name) if name in OFFLINE_BENCHMARKS else real(name),
    )
    monkeypatch.setattr(
        "brainscore_wiring.scoring.benchmarks.BenchmarkRow.why_not_here", lambda row: ""
    )
    arguments = [
        "score",
        "--model",
        "pixels",
        "--benchmark",
        OFFLINE_PREDICTIVITY,
        "--benchmark",
        "Cowley2023.V4-pls",
    ]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert sorted(calls) == sorted(OFFLINE_BENCHMARKS)
    lines = {line.split()[0]: line for line in shown.output.splitlines() if line.strip()}
    assert (
        "0.500" in lines["V4"]
        and "0.750" in lines["V4"]
        and "missing" in lines["V2"]
        and "0.375" in lines["mean"]
    )
    rows = {
        row["benchmark"]: row
        for row in json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    }
    mean = rows[OFFLINE_PREDICTIVITY]
    assert mean["score"] == pytest.approx(0.375) and mean["low"] < 0.375 < mean["high"]
    assert (
        mean["details"]["absent"].keys() == {"V2"}
        and rows["Cowley2023.V4-pls"]["resampled"] is None
    )
    assert "Relative" not in shown.output
    compared = CliRunner().invoke(app, [*arguments, "--reference", "pixels"])
    assert compared.exit_code == 0 and "Relative" in compared.output and "100%" in compared.output
