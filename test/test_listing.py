"""Finding models and benchmarks: lists, patterns, completion, and what a terminal shows of them."""

from __future__ import annotations

import codecs
import json
import re

import pytest
import typer
from rich.text import Text

from brainscore_wiring.catalogue import CATALOGUE, model_without_seed
from brainscore_wiring.commands import app, main


@pytest.fixture
def run(capsys):
    """Run a command line in this process: exit status, standard output, standard error."""

    def run(*arguments: str):
        with pytest.raises(SystemExit) as exit_:
            main(list(arguments))
        return (exit_.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def terminal(monkeypatch):
    """Make standard output a terminal of a width."""

    def terminal(width: int) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(width))

    return terminal


def test_part_of_a_name_is_a_pattern_and_seeds_are_one_row(run):
    status, out, _ = run("list", "models", "S_WC_BN")
    names = [row.split()[0] for row in out.splitlines()[1:-1]]
    expected = dict.fromkeys(model_without_seed(name) for name in CATALOGUE if "s_wc_bn" in name)
    assert status == 0 and names == list(expected)
    _, out, _ = run("list", "models", "cornet_s_wc_bn*", "--seeds")
    rows = [row.split()[:3] for row in out.splitlines()]
    assert ["cornet_s_wc_bn_seed42", "yes", "42"] in rows


def test_what_does_not_load_here_is_left_out_when_asked(run):
    found = json.loads(run("list", "models", "cornet_s_ct*", "--here", "--json")[1])
    names = {row["identifier"] for row in found}
    assert names == {"cornet_s_ct", "cornet_s_ct_seed1", "cornet_s_ct_seed2"}
    _, out, _ = run("list", "models", "cornet_s_imagenet")
    assert " yes " not in out and "0 load on this machine" in out


def test_a_pattern_that_nothing_matches_is_wrong_usage_with_the_nearest(run):
    status, _, err = run("list", "models", "kornet_s_wc_ct")
    assert status == 2 and "cornet_s_wc_ct" in err


def test_the_stock_benchmarks_are_listed_too(run):
    assert "brainscore list benchmarks --stock" in run("list", "benchmarks")[1]
    status, out, _ = run("list", "benchmarks", "majajhong2015public", "--stock")
    assert status == 0 and "MajajHong2015public.IT-reverse_pls" in out


@pytest.mark.parametrize("width", [24, 60, 100])
@pytest.mark.parametrize(
    "command", [("list", "models", "wc_ct_v"), ("list", "benchmarks"), ("show", "cornet_s_wc_ct")]
)
def test_no_word_is_broken_in_a_terminal(run, terminal, command, width):
    words = set(run(*command)[1].split())
    terminal(width)
    lines = Text.from_ansi(run(*command)[1]).plain.splitlines()
    shown = {word for line in lines for word in line.split()}
    left_out = "Left out, for this terminal is too narrow: the last 1 2 3 4 5 6 columns. column."
    assert shown <= words | set(left_out.split())
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


def test_signs_are_spelled_for_an_output_that_takes_ascii_alone():
    assert "0.70 ± 0.02 − … Ä".encode("ascii", "brainscore") == b"0.70 +/- 0.02 - ... ?"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", "brainscore")
    assert codecs.lookup_error("brainscore")


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("brainscore score --model cornet_s_wc_bn_seed4", "cornet_s_wc_bn_seed42"),
        ("brainscore score --model resnet50-SI", "resnet50-SIN"),
        ("brainscore score --benchmark MacaqueV1Tuning.v", "MacaqueV1Tuning.v2"),
        ("brainscore show cornet_s_kn_bn_seed4", "cornet_s_kn_bn_seed42"),
    ],
)
def test_the_tab_key_completes_names(run, monkeypatch, typed, expected):
    monkeypatch.setenv("_BRAINSCORE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    assert expected in run()[1].splitlines()


def test_completion_can_be_installed(run):
    assert "--install-completion" in run("--help")[1]


def commands_under(command, context):
    """A command and all below it, each with its context."""
    yield command, context
    for name, child in getattr(command, "commands", {}).items():
        yield from commands_under(child, child.context_class(child, info_name=name, parent=context))


def test_help_fits_a_terminal_and_no_word_of_it_is_cut():
    top = typer.main.get_command(app)
    context = top.context_class(top, info_name="brainscore", terminal_width=80)
    pages = {one.command_path: cmd.get_help(one) for cmd, one in commands_under(top, context)}
    assert len(pages) > 20
    for path, page in pages.items():
        assert "…" not in page and not re.search(r"[a-z][,;:]?\.\.\.$", page, re.M), path
        assert max(map(len, page.splitlines())) <= 80, path
