"""The result table: what is written is read, several processes fill it together, nothing of other
weights counts as done.
"""

from __future__ import annotations

import contextlib
import csv
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainscore_wiring.checksums import say_once
from brainscore_wiring.errors import WiringError
from brainscore_wiring.files import atomic_write
from brainscore_wiring.scoring.result import EXACT, NOT_RUN, SCORED, STOCK_REGRESSION, Result
from brainscore_wiring.scoring.table import RESULT_COLUMNS, ResultTable, read_results, write_results
from brainscore_wiring.tables import read_rows

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


def test_a_table_behind_a_link_is_written_where_it_lies(tmp_path):
    table, link = tmp_path / "kept" / "scores.csv", tmp_path / "scores.csv"
    table.parent.mkdir()
    ResultTable(table).add(ROW, ROW.model)
    link.symlink_to(table)
    ResultTable(link).add(replace(ROW, benchmark="other"), ROW.model)
    assert link.is_symlink() and len(read_results(table)) == 2


def test_tables_whose_names_begin_alike_leave_each_others_files(tmp_path):
    short, long = ResultTable(tmp_path / "scores"), ResultTable(tmp_path / "scores.csv")
    with atomic_write(long.path) as part:  # as another process does
        short.add(ROW, ROW.model)
        part.write_text("a")
    assert long.path.read_text() == "a"


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


def test_a_score_before_clipping_is_raw_over_ceiling_on_both_sides_of_the_scale():
    clipped = [
        Result("a", "b", SCORED, score, raw=raw, ceiling=0.5).unclipped
        for score, raw in ((0.0, -0.1), (1.0, 0.6), (0.4, 0.2), (1.0, 0.5))
    ]
    assert clipped == pytest.approx([-0.2, 1.2, 0.4, 1.0])


@pytest.mark.parametrize(
    "change",
    [
        {"training_data": "CIFAR-10"},
        {"training_images": 2},
        {"training_epochs": 2.0},
        {"image_size": 32},
        {"genome_data": "CIFAR-10"},
    ],
    ids=str,
)
def test_scores_of_other_training_data_are_told_apart(change):
    one = Result(
        "a",
        "b",
        SCORED,
        0.5,
        training_data="Tiny ImageNet",
        training_images=1,
        training_epochs=1.0,
        image_size=64,
    )
    assert replace(one, **change).trained_on != one.trained_on == replace(one, seed=3).trained_on


def test_what_could_not_be_run_goes_once_it_is(tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    table.add(
        Result("run/model.safetensors", ROW.benchmark, NOT_RUN, reason="It is not there."),
        "run/model.safetensors",
    )
    table.add(ROW, "run/model.safetensors")
    assert table.read() == [ROW]


SAME = ("model", "fingerprint", "benchmark", "benchmark_version", "computed", "versions")


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
    asked = {name: getattr(ROW, name) for name in SAME}
    assert table.scored(**asked) == [ROW]
    assert table.scored(**{**asked, **change}) == []


def test_what_was_not_run_is_not_done(tmp_path):
    table = ResultTable(tmp_path / "scores.csv")
    table.add(replace(ROW, status=NOT_RUN, score=None), ROW.model)
    assert table.scored(model=ROW.model) == []


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


TABLE = [ROW, replace(ROW, benchmark="Kriegeskorte2008.IT-rdm", reason='a "quoted", reason')]


@pytest.fixture
def table(tmp_path):
    write_results(tmp_path / "scores.csv", TABLE)
    return tmp_path / "scores.csv"


def cells_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_changed_bit_anywhere_is_refused_or_without_effect(table, caplog):
    content = bytearray(table.read_bytes())
    for place in range(0, len(content), 2):
        bit = 1 << place % 7
        content[place] ^= bit
        table.write_bytes(content)
        content[place] ^= bit
        say_once.cache_clear()
        caplog.clear()
        with contextlib.suppress(WiringError):
            assert read_results(table) == TABLE or caplog.messages


def test_a_table_that_is_cut_off_is_refused_or_ends_with_a_whole_row(table, caplog):
    content = table.read_bytes()
    for end in range(len(content)):
        table.write_bytes(content[:end])
        say_once.cache_clear()
        caplog.clear()
        with contextlib.suppress(WiringError):
            rows = read_results(table)
            assert rows == TABLE[: len(rows)]
            assert b"\n" in content[end - 1 : end + 1] or caplog.messages


def test_an_edited_row_is_named_with_what_to_do(table):
    table.write_text(table.read_text().replace(",0.67,", ",0.76,", 1))
    with pytest.raises(
        WiringError,
        match=r"^Line 2 of '.*scores.csv' \(model cornet_s_wc_ct, benchmark MacaqueV1Tuning\) does "
        "not fit its sha256, .*: delete the line, and `brainscore score --model cornet_s_wc_ct "
        "--benchmark MacaqueV1Tuning --csv .*scores.csv` scores it again; or empty its cell sha256",
    ):
        read_results(table)
    with pytest.raises(WiringError, match="Line 2"):
        ResultTable(table).add(ROW, ROW.model)


def test_an_edit_on_purpose_stays_and_is_said(table, caplog):
    text = table.read_text().replace(",0.67,", ",0.76,", 1)
    edited = re.sub(r",[0-9a-f]{16}\n", ",\n", text, count=1)
    table.write_text(edited)
    assert read_results(table) == [replace(ROW, raw=0.76), TABLE[1]]
    assert "1 row carries no sha256" in caplog.text
    new = replace(ROW, model="cornet_s_ct")
    ResultTable(table).add(new, new.model)
    assert table.read_text().startswith(edited) and read_results(table)[-1] == new
    assert len(caplog.messages) == 1


def test_rows_of_an_older_table_stay_as_they_are(tmp_path, caplog):
    path = tmp_path / "scores.csv"
    old = "model,benchmark,status,score\npixels,MacaqueV1Tuning,scored,0.10\n"
    path.write_text(old)
    ResultTable(path).add(ROW, ROW.model)
    first, second = cells_of(path)
    assert first["score"] == "0.10" and not first["sha256"] and len(second["sha256"]) == 16
    assert read_results(path)[1] == ROW and "1 row carries no sha256" in caplog.text


def test_tables_may_be_merged_and_columns_added_and_moved(table, tmp_path):
    rows = pandas.read_csv(table, dtype=str, keep_default_na=False)
    rows["note"] = "of another program"
    older = rows[["model", "benchmark", "score"]].assign(model="pixels")
    merged = pandas.concat([rows[[*rows.columns[10:-2], *rows.columns[:10], "sha256", "note"]]])
    pandas.concat([older, merged]).to_csv(tmp_path / "merged.csv")
    assert read_results(tmp_path / "merged.csv")[2:] == TABLE
    ResultTable(tmp_path / "merged.csv").add(replace(ROW, score=0.8), ROW.model)
    assert read_results(tmp_path / "merged.csv")[2:] == [replace(ROW, score=0.8), TABLE[1]]
    notes = [row["note"] for row in cells_of(tmp_path / "merged.csv")]
    assert notes == ["", "", "", "of another program"]


def test_every_row_of_the_tables_in_docs_carries_its_checksum():
    docs = Path(__file__).parents[1] / "docs"
    for name in ("scores", "development/scores", "frontier/references", "outlines"):
        assert all(row["sha256"] for row in read_rows(docs / f"{name}.csv", ("model",), ""))


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


def test_a_name_that_is_no_text_is_one_sentence(tmp_path):
    with pytest.raises(WiringError, match=r"cannot hold .*udcff.* rename what it names"):
        write_results(tmp_path / "t.csv", [Result("m\udcff", "b", SCORED, score=0.5)])
