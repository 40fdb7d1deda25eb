"""The result table: what is written is read, several processes fill it together, nothing of other
weights counts as done.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.errors import WiringError
from brainscore_wiring.scoring.result import EXACT, NOT_RUN, SCORED, STOCK_REGRESSION, Result
from brainscore_wiring.scoring.table import RESULT_COLUMNS, ResultTable, read_results, write_results

ROW = Result(
    "cornet_s_wc_ct",
    "MacaqueV1Tuning",
    SCORED,
    0.7,
    0.67,
    0.96,
    0.01,
    seed=0,
    fingerprint="6ec9c2b0",
    weights="packaged",
    diet="1 epoch of 50,000 CIFAR-10 images at 64 px",
    supervised_updates=50_000,
    supervised_synaptic_updates=68_928_000_000,
    supervised_synaptic_updates_true=94_462_800_000,
    benchmark_version="1",
    computed=EXACT,
    versions="torch 2.14.1",
)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNT = st.none() | st.integers(0, 10**18)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            Result,
            TEXT,
            TEXT,
            st.sampled_from([SCORED, NOT_RUN]),
            NUMBER,
            NUMBER | COUNT,
            NUMBER,
            NUMBER,
            COUNT,
            *[st.none() | TEXT] * 3,
            *[COUNT] * 3,
            *[st.none() | TEXT] * 3,
            st.just("") | TEXT,
            *[st.none() | TEXT] * 2,
            COUNT,
            NUMBER,
            COUNT,
            st.none() | TEXT,
            NUMBER,
            NUMBER,
            st.none() | TEXT,
        ),
        max_size=4,
    )
)
def test_results_come_back_as_they_were_written(tmp_path_factory, results):
    path = tmp_path_factory.mktemp("table") / "scores.csv"
    write_results(path, results)
    assert read_results(path) == results


def test_a_result_takes_the_place_of_the_same_weights_on_the_same_benchmark(tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    for row in (ROW, replace(ROW, fingerprint="0df771a8"), replace(ROW, score=0.8)):
        table.add(row, "cornet_s_wc_ct")
    assert [(row.fingerprint, row.score) for row in table.read()] == [
        ("6ec9c2b0", 0.8),
        ("0df771a8", 0.7),
    ]


def test_what_could_not_be_run_goes_once_it_is(tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    table.add(
        Result("run/model.safetensors", ROW.benchmark, NOT_RUN, reason="It is not there."),
        "run/model.safetensors",
    )
    table.add(ROW, "run/model.safetensors")
    assert table.read() == [ROW]


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "0df771a8"},
        {"benchmark": "Kriegeskorte2008.IT-rdm"},
        {"benchmark_version": "2"},
        {"computed": STOCK_REGRESSION},
        {"versions": "torch 2.15.0"},
        {"model": "cornet_s_ct"},
        {"fingerprint": None},
    ],
    ids=str,
)
def test_only_the_same_weights_benchmark_version_and_code_are_done(tmp_path, change):
    table = ResultTable(tmp_path / "scores.csv")
    table.add(ROW, ROW.model)
    assert table.done(replace(ROW, score=None)) == ROW
    assert table.done(replace(ROW, **change)) is None


def test_what_was_not_run_is_not_done(tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    table.add(replace(ROW, status=NOT_RUN, score=None), ROW.model)
    assert table.done(ROW) is None


def test_a_table_of_an_earlier_version_is_read(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(
        "model,benchmark,status,score,raw,ceiling,error,reason,fingerprint,weights,diet,seed\n"
        "pixels,Geiger2022-supervised_synaptic_updates,scored,1.0,0,1.0,,,6ec9c2b0,none,none,\n"
    )
    (row,) = read_results(path)
    assert (row.raw, row.seed, row.computed, row.diet) == (0, None, None, "none") and isinstance(
        row.raw, int
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a,b\n1,2\n",
        "model,benchmark,status,score\nx,y,scored,much\n",
        "model,benchmark,status,score\nx,y\n",
        "\0",
    ],
    ids=repr,
)
def test_another_file_is_refused_in_one_sentence_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "scores.csv"
    path.write_text(content)
    with pytest.raises(WiringError, match="not a result table"):
        ResultTable(path).add(ROW, ROW.model)
    assert path.read_text() == content and list(tmp_path.iterdir()) == [path]


def test_processes_that_write_at_once_lose_no_row_and_leave_the_table_alone(tmp_path):
    add = (
        "import sys; from pathlib import Path\n"
        "from brainscore_wiring.scoring.result import Result\n"
        "from brainscore_wiring.scoring.table import ResultTable\n"
        "table = ResultTable(Path(sys.argv[1]))\n"
        "for number in range(20): table.add(Result(f'{sys.argv[2]} {number}', 'B', 'scored', "
        "1.0), '')\n"
    )
    path = tmp_path / "scores.csv"
    writers = [
        subprocess.Popen([sys.executable, "-c", add, path, name]) for name in ("one", "other")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(read_results(path)) == 40 and list(tmp_path.iterdir()) == [path]


def test_a_model_is_claimed_once_and_free_again_when_its_process_is_killed(tmp_path):
    path = tmp_path / "scores.csv"
    table, other = ResultTable(path), ResultTable(path)
    with (
        table.claim("cornet_s_kn", wait=False) as mine,
        other.claim("cornet_s_kn", wait=False) as theirs,
        other.claim("cornet_s_wc", wait=False) as another,
    ):
        assert (mine, theirs, another) == (True, False, True)
    killed = (
        "import os, signal, sys; from pathlib import Path\n"
        "from brainscore_wiring.scoring.table import ResultTable\n"
        "with ResultTable(Path(sys.argv[1])).claim('cornet_s_kn', wait=False) as mine:\n"
        "    print(mine, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run([sys.executable, "-c", killed, path], capture_output=True, text=True)
    assert (said.stdout.strip(), said.returncode) == ("True", -9), said.stderr
    with table.claim("cornet_s_kn", wait=False) as mine:
        assert mine


def test_the_table_is_tidy():
    assert set(RESULT_COLUMNS) >= {
        "variant",
        "training_data",
        "training_images",
        "training_epochs",
        "image_size",
        "model",
        "benchmark",
        "score",
        "raw",
        "ceiling",
        "error",
        "seed",
        "fingerprint",
        "diet",
        "supervised_updates",
        "supervised_synaptic_updates",
        "versions",
    }
    assert "details" not in RESULT_COLUMNS
