"""`brainscore data`: what is needed, what is here, and how the rest gets here."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from conftest import served

from brainscore_wiring.commands import main
from brainscore_wiring.public_files import GROUPS, Group, PublicFile, public_files
from brainscore_wiring.scoring import brainscore_data
from brainscore_wiring.scoring.brainscore_data import (
    BENCHMARK_FILES,
    MEANS,
    PAPER_BENCHMARKS,
    DataFile,
)
from brainscore_wiring.scoring.data_files import chosen, needed_files


@pytest.fixture
def run(capsys):
    """Run a command line in this process: exit status, standard output, standard error."""

    def run(*arguments: str):
        with pytest.raises(SystemExit) as exit_:
            main(list(arguments))
            raise SystemExit(0)
        out, err = capsys.readouterr()
        return exit_.value.code or 0, out, " ".join(err.split())

    return run


@pytest.fixture(autouse=True)
def homes(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BRAINIO_HOME", str(tmp_path / "brainio"))
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path / "wiring"))
    monkeypatch.delenv("BRAINSCORE_WIRING_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return tmp_path


@pytest.fixture
def web(homes, monkeypatch):
    """All that is needed is a group of two files and a benchmark with two, on a local server;
    yields its folder.
    """
    folder = homes / "web"
    folder.mkdir()
    with served(folder) as address:
        url = f"{address}/"
        files = {
            name: PublicFile(
                name, url + name, hashlib.sha256(name.encode()).hexdigest(), len(name), "A test."
            )
            for name in ("one.bin", "two.bin")
        }
        for table, rows in (
            (GROUPS, {"pair": Group(files, ("brainscore figures",))}),
            (
                BENCHMARK_FILES,
                {
                    name: tuple(
                        DataFile(file, hashlib.sha1(file.encode()).hexdigest(), public)
                        for file in content
                    )
                    for name, content, public in [
                        ("MajajHong2015public.IT-pls", ("assy.nc", "stimulus.zip"), True),
                        ("MajajHong2015.IT-pls", ("assy_private.nc",), False),
                    ]
                },
            ),
        ):
            for name in list(table):
                monkeypatch.delitem(table, name)
            for name, row in rows.items():
                monkeypatch.setitem(table, name, row)
        monkeypatch.setattr(brainscore_data, "BUCKET", url)
        for name in ("one.bin", "two.bin", "assy.nc", "stimulus.zip"):
            (folder / name).write_text(name)
        yield folder


def _status(run) -> dict[str, dict]:
    status, out, _ = run("data", "status", "--json")
    assert status == 0
    return {row["file"]: row for row in json.loads(out)}


def test_every_file_that_a_benchmark_reads_is_listed_once_with_all_that_need_it(run):
    status, out, _ = run("data", "status")
    rows = _status(run)
    assert status == 0 and len(rows) == len(needed_files())
    for identifier, files in BENCHMARK_FILES.items():
        for file in files:
            [line] = [line for line in out.splitlines() if file.name in line]
            assert f"in {file.sha1}" in line
            assert identifier in MEANS or identifier in rows[file.name]["needed_by"]
            assert (
                rows[file.name]["path"] == str(file.path) and rows[file.name]["sha1"] == file.sha1
            )
            assert rows[file.name]["public"] == (rows[file.name]["url"] is not None) == file.public
    for name, file in public_files().items():
        assert (
            name in out
            and rows[name]["sha256"] == file.sha256
            and rows[name]["bytes"] == file.bytes
        )
    assert f"0 of {len(rows)} files are here and sound" in out


def test_a_size_that_is_not_published_is_not_invented(run):
    rows = _status(run)
    assert all(
        rows[file.name]["bytes"] is None for files in BENCHMARK_FILES.values() for file in files
    )


def test_status_tells_what_is_here_what_is_damaged_and_what_is_missing(run, web):
    assy, stimulus = BENCHMARK_FILES["MajajHong2015public.IT-pls"]
    for file, content in ((assy, "assy.nc"), (stimulus, "another")):
        file.path.parent.mkdir(parents=True)
        file.path.write_text(content)
    rows = _status(run)
    assert {name: row["state"] for name, row in rows.items()} == {
        "one.bin": "missing",
        "two.bin": "missing",
        "assy.nc": "present",
        "stimulus.zip": "damaged",
        "assy_private.nc": "missing",
    }
    assert rows["assy.nc"]["bytes"] == len("assy.nc")
    out = run("data", "status")[1]
    assert re.search(r"^  \* +0.0 kB  assy.nc ", out, re.MULTILINE)
    assert re.search(r"^  ! .*stimulus.zip .*damaged: its", out, re.MULTILINE)


def test_files_in_the_users_own_folder_are_shown_with_their_place(run, web, homes, monkeypatch):
    (homes / "mine").mkdir()
    (homes / "mine" / "one.bin").write_text("one.bin")
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(homes / "mine"))
    assert _status(run)["one.bin"]["path"] == str(homes / "mine" / "one.bin")
    assert str(homes / "mine" / "one.bin") in run("data", "status")[1].replace("\n", "")


def test_a_wrong_folder_of_the_user_is_said_once(run, homes, monkeypatch):
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(homes / "nowhere"))
    status, out, err = run("data", "status")
    assert status == 1 and not out and err.count("is not a folder") == 1


def test_without_a_name_all_public_files_are_fetched_and_then_nothing_is_missing_but_private_ones(
    run, web
):
    status, out, _ = run("data", "fetch")
    assert (
        status == 0
        and len(out.split()) == 4
        and all(Path(path).read_text() for path in out.split())
    )
    assert [name for name, row in _status(run).items() if row["state"] != "present"] == [
        "assy_private.nc"
    ]
    assert run("data", "fetch")[0] == 0  # again: all are here


@pytest.mark.parametrize(
    "names, files",
    [
        (["pair"], ["one.bin", "two.bin"]),
        (["two.bin"], ["two.bin"]),
        (["one.bin", "pair"], ["one.bin", "two.bin"]),
        (["MajajHong2015public.IT-pls", "one.bin"], ["one.bin", "assy.nc", "stimulus.zip"]),
    ],
)
def test_groups_files_and_benchmarks_are_fetched_by_name(run, web, names, files):
    status, out, _ = run("data", "fetch", *names)
    assert status == 0 and [Path(path).name for path in out.split()] == files


def test_after_a_failed_file_the_others_are_fetched_and_one_sentence_says_what_to_copy_where(
    run, web, homes
):
    (web / "one.bin").unlink()
    (web / "assy.nc").write_text("another")
    status, out, err = run("data", "fetch")
    assert status == 1 and [Path(path).name for path in out.split()] == ["two.bin", "stimulus.zip"]
    assert "404" in err and "is not the published assy.nc" in err
    sha1 = hashlib.sha1(b"assy.nc").hexdigest()
    assert err.endswith(
        "2 of 4 files could not be had: without a network, run `brainscore data fetch pair "
        "MajajHong2015public` on a machine that has one and copy what it brings, one.bin to "
        f"{homes}/wiring/cache/files and {sha1}/assy.nc to {homes}/brainio."
    )


def test_a_server_that_does_not_answer_is_asked_once(run, web, monkeypatch):
    for name, file in public_files().items():
        monkeypatch.setitem(
            GROUPS["pair"].files,
            name,
            PublicFile(name, f"http://127.0.0.1:9/{name}", file.sha256, file.bytes, "A test."),
        )
    status, out, err = run("data", "fetch")
    assert status == 1 and err.count("(no connection)") == 1 and "one.bin and two.bin to" in err
    assert [Path(path).name for path in out.split()] == ["assy.nc", "stimulus.zip"]


def test_private_files_are_said_to_be_brain_scores_own_and_the_public_benchmark_is_named(run, web):
    status, out, err = run("data", "fetch", "MajajHong2015.IT-pls")
    assert status == 1 and not out
    assert (
        "only Brain-Score's own servers may read it: in place of MajajHong2015.IT-pls, score "
        "MajajHong2015public.IT-pls here." in err
    )


def test_an_unknown_name_is_a_wrong_command(run):
    status, _, err = run("data", "fetch", "MajajHong2015public.IT-plz")
    assert status == 2 and "did you mean MajajHong2015public.IT-pls" in err


@pytest.mark.parametrize("identifier", BENCHMARK_FILES)
def test_the_name_of_a_benchmark_stands_for_all_of_its_files(identifier):
    assert {row.file for row in chosen([identifier])} == set(BENCHMARK_FILES[identifier])


def test_no_name_stands_for_what_anyone_can_get():
    assert chosen([]) == [row for row in needed_files() if row.file.public]
    assert {row.file for row in chosen([])} >= {
        file for name in PAPER_BENCHMARKS for file in BENCHMARK_FILES[name]
    }


def test_published_scores_are_a_group():
    assert {row.file.name for row in chosen(["published_scores"])} == set(
        GROUPS["published_scores"].files
    )
