"""`brainscore score`: models on benchmarks, with the provenance of every number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from brainscore_wiring.arguments import LARGEST_SEED
from brainscore_wiring.catalogue import in_epochs
from brainscore_wiring.commands import completion, options
from brainscore_wiring.commands.console import (
    out,
    plain_table,
    print_json,
    say,
    whole_table,
    working,
)
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.formatting import count, three_decimals

if TYPE_CHECKING:
    from brainscore_wiring.scoring.summary import Cell

#: Columns of every table of scores.
NUMBERS = ("Score", "±", "95 %", "Raw", "Ceiling")


def score(
    model: Annotated[
        list[str],
        typer.Option(
            "--model",
            "--model_identifier",
            metavar="MODEL",
            help="A model, a pattern such as 'cornet_s_kn*', a checkpoint file, a "
            "pattern such as 'runs/*/model.safetensors', or a network of others: "
            "torchvision:NAME, timm:NAME, FILE.py:FUNCTION; may be repeated.",
            autocompletion=completion.models,
        ),
    ],
    benchmark: Annotated[
        list[str] | None,
        typer.Option(
            "--benchmark",
            "--benchmark_identifier",
            metavar="BENCHMARK",
            help="A benchmark; may be repeated. Without it: all default ones whose data are here.",
            autocompletion=completion.benchmarks,
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Also score this model, and give all scores as percentages of its.",
        ),
    ] = None,
    as_json: options.Json = False,
    csv_file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            help="A table with a row for each model and benchmark. What it has already is not "
            "scored again, and several processes may fill one table.",
        ),
    ] = None,
    stock: Annotated[
        bool,
        typer.Option(
            "--stock", help="Run brainscore_vision's own code as it is: the same numbers, slower."
        ),
    ] = False,
    layers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGION=MODULE ...",
            help="Which module of a network of others is V1, V2, V4, IT, and behavior's; without "
            "it they are searched on public recordings.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=LARGEST_SEED, help="Seed that a network of others is initialised with."
        ),
    ] = 0,
    pretrained: Annotated[
        bool,
        typer.Option(
            "--pretrained",
            help="Download the trained weights of torchvision's or timm's networks; without it "
            "they are initialised at random.",
        ),
    ] = False,
    labelled_images: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many images a network of others was trained on, for its account.",
        ),
    ] = None,
    epochs: Annotated[float, typer.Option(min=0, help="How many epochs of these images.")] = 1.0,
    trained_synapses: Annotated[
        int | None,
        typer.Option(min=0, help="How many of its synapses were trained; by default all."),
    ] = None,
    device: Annotated[
        str,
        typer.Option(help="Record on cpu, cuda, cuda:1 or mps; auto: a GPU where there is one."),
    ] = "auto",
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images recorded at a time.")
    ] = None,
    slurm: Annotated[
        bool,
        typer.Option(
            "--slurm", help="Queue a job for each model on a cluster; they fill the --csv table."
        ),
    ] = False,
    cluster: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE ...",
            help="Parameters of submitit's executor: slurm_partition=gpu timeout_min=60.",
        ),
    ] = None,
    by_benchmark: Annotated[
        bool,
        typer.Option("--by-benchmark", help="With --slurm: a job for each benchmark, too."),
    ] = False,
) -> None:
    """Score models on benchmarks. Exit status 1 if something that was asked for could not be
    scored.
    """
    from brainscore_wiring.scoring.own_models import with_options
    from brainscore_wiring.scoring.score import matching, relative_to_first, score_many
    from brainscore_wiring.scoring.table import ResultTable

    table = ResultTable(csv_file) if csv_file else None
    if reference and matching(reference) != [reference]:
        raise WrongUsage(f"--reference takes one model, '{reference}' is a pattern.")
    models = with_options(
        [*([reference] if reference else []), *model],
        layers=layers or [],
        seed=seed,
        pretrained=pretrained,
        labelled_images=labelled_images,
        epochs=epochs,
        trained_synapses=trained_synapses,
    )
    if slurm and as_json:
        raise WrongUsage("--json prints scores, and the jobs of --slurm are queued: leave it out.")
    if slurm:
        given = [*(["--stock"] if stock else []), "--device", device]
        given += [] if batch_size is None else ["--batch-size", str(batch_size)]
        _queue(models, benchmark or [], csv_file, given, cluster or [], by_benchmark)
        return
    if cluster or by_benchmark:
        raise WrongUsage(f"{'--cluster' if cluster else '--by-benchmark'} is for --slurm.")
    with working("starting"):
        results = score_many(models, benchmark or None, table, stock, device, batch_size)
    if reference:
        results = relative_to_first(results)
    if as_json:
        print_json([result.as_dict() for result in results])
    else:
        _show(results, reference)
    if any(_is_failure(result, asked=bool(benchmark)) for result in results):
        raise typer.Exit(1)


def _queue(
    models: list,
    benchmarks: list[str],
    table: Path | None,
    options: list[str],
    settings: list[str],
    by_benchmark: bool,
) -> None:
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS
    from brainscore_wiring.scoring.runner import BenchmarkCache
    from brainscore_wiring.scoring.score import check_asked
    from brainscore_wiring.scoring.score_jobs import score_jobs, send_scores

    if table is None:
        raise WrongUsage("--slurm needs --csv FILE, the table that all jobs fill.")
    if by_benchmark and not benchmarks:
        rows = (row for row in BENCHMARKS.values() if row.default)
        benchmarks = [row.identifier for row in rows if not row.why_not_here()]
    models, benchmarks = check_asked(models, benchmarks, BenchmarkCache())
    jobs = score_jobs(models, benchmarks, table, options, by_benchmark)
    for job, handle in zip(jobs, send_scores(jobs, table, settings)):
        say(f"{job.name} is job {handle.job_id}")


def _show(results: list, reference: str | None) -> None:
    """Provenance, a table of what was scored, what is to be known of it, and what was not run."""
    told = {result.model for result in results if result.loaded or result.ran}
    shown = [result for result in results if result.model in told]
    alone = len({(result.model, result.fingerprint, result.weights) for result in shown}) == 1
    if shown:
        if alone:
            _print_network(shown)
        else:
            _print_models(shown, reference)
        _print_parts(shown)
        _print_offline_parts(shown)
        for result in shown:
            if result.ran and result.reason and (result.loaded if alone else result.layers):
                which = result.benchmark if alone else f"{result.model}, {result.benchmark}"
                out.print(f"{which}: {result.reason}")
        _print_not_run(shown)
    for model, reason in {one.model: one.reason for one in results if not one.loaded}.items():
        out.print(f"{model} cannot be loaded: {reason}")


def _is_failure(result, asked: bool) -> bool:
    """Whether a result makes the exit status 1: everything that was not run, but for a default
    benchmark that could not be, because its data are not on this machine.
    """
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    excused = not asked and result.loaded and BENCHMARKS[result.benchmark].excused()
    return not result.ran and not excused


def _print_models(results: list, reference: str | None) -> None:
    """Provenance, and a Markdown row for each model over its seeds."""
    from brainscore_wiring.scoring.summary import Kind, networks_counted_once, summarise

    summary = summarise(results)
    benchmarks = list(dict.fromkeys(result.benchmark for result in results if result.ran))
    names = _distinct_names(summary)
    for kind in summary:
        members = [result for result in results if Kind.of(result) == kind]
        seeds = list(
            dict.fromkeys(str(result.seed) for result in members if result.seed is not None)
        )
        fingerprints = dict.fromkeys(result.fingerprint for result in members if result.fingerprint)
        out.print(
            f"{names[kind]}  fingerprints {' '.join(fingerprints)}; training data: "
            f"{members[0].diet}; seeds: {', '.join(seeds) or 'none'}"
            + (f"; layers: {members[0].layers}" if members[0].layers else "")
            if fingerprints
            else f"{names[kind]}  {members[0].weights or 'no weights here'}",
        )
    table = Table("Model", "n", box=box.MARKDOWN)
    for benchmark in benchmarks:
        table.add_column(benchmark.removeprefix("Geiger2022-").replace("_", " "), justify="right")
    for kind, cells in summary.items():
        seeds_of_all = max((cell.seeds for cell in cells.values()), default=0)
        texts = [_cell(cells.get(name), seeds_of_all) for name in benchmarks]
        table.add_row(names[kind], str(seeds_of_all), *texts)
    whole_table(table)
    out.print(
        "Mean ± standard deviation over n seeds; in brackets the count of supervised synaptic "
        "updates." + (f" Percentages are of the score of {reference}." if reference else ""),
    )
    for sentence in networks_counted_once(results):
        out.print(sentence)


def _cell(cell: Cell | None, seeds: int) -> str:
    """A cell in words, with its number of seeds where that is not the row's."""
    if cell is None:
        return ""
    text = str(cell) if cell.raw is None else f"{cell} ({count(cell.raw)})"
    return text if cell.seeds == seeds else f"{text} (n = {cell.seeds})"


def _distinct_names(kinds) -> dict:
    """A name for each row; weights of other training data under one model name are numbered."""
    models = [kind.model for kind in kinds]
    return {
        kind: kind.model
        + (f" ({models[: number + 1].count(kind.model)})" if models.count(kind.model) > 1 else "")
        for number, kind in enumerate(kinds)
    }


def _print_network(results: list) -> None:
    """Provenance, a row for each benchmark, and the account."""
    first = results[0]
    fingerprint = f"@{first.fingerprint}" if first.fingerprint else ""
    facts = [
        f"{name} {value}"
        for name, value in (
            ("weights:", first.weights),
            ("training data:", first.diet),
            ("seed:", first.seed),
            ("layers:", first.layers),
        )
        if value is not None
    ]
    more = fingerprint + ("  " + "; ".join(facts) if facts else "")
    out.print(Text.assemble("\n", (first.model, "bold"), more))
    table = plain_table("Benchmark", right=NUMBERS)
    for result in results:
        if result.ran:
            table.add_row(result.benchmark, *_numbers(result.as_dict()))
    if table.row_count:
        whole_table(table)
        _explain_errors(results)
    for result in results:
        if "account" in result.details:
            _print_account(result)
        if "noise_ceiling" in result.details:
            source = result.details["noise_ceiling"]["source"]
            out.print(f"{result.benchmark}: ceiling from {source}.")


def _explain_errors(results: list) -> None:
    """What the columns ± and 95 % are, of the benchmarks that have them."""
    if all(result.error is None for result in results):
        return
    resampled: dict[str, list[str]] = {}
    for result in results:
        if result.resampled:
            resampled.setdefault(result.resampled, []).append(result.benchmark)
    over = "; ".join(f"{what} for {', '.join(names)}" for what, names in resampled.items())
    out.print(
        "±: the benchmark's own error of the score, one standard deviation (of Brain-Score's "
        "neural benchmarks, the standard error of raw over splits)."
        + (f" 95 %: its interval from resampling {over}." if over else ""),
    )


def _print_not_run(results: list) -> None:
    """One line for all benchmarks whose data are merely absent, one for each other reason."""
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    unscored = [result for result in results if result.loaded and not result.ran]
    absent = {
        result.benchmark: result.reason
        for result in unscored
        if result.benchmark in BENCHMARKS and BENCHMARKS[result.benchmark].excused()
    }
    if len(absent) > 1:
        out.print(
            f"Not run, data not on this machine: {', '.join(absent)} (`brainscore data fetch` "
            "downloads what is public, `brainscore data status` tells what the rest needs).",
        )
        unscored = [result for result in unscored if result.benchmark not in absent]
    everything = {result.model for result in results if result.loaded}
    for reason in dict.fromkeys(result.reason for result in unscored):
        benchmarks = dict.fromkeys(one.benchmark for one in unscored if one.reason == reason)
        models = {result.model for result in unscored if result.reason == reason}
        which = "" if models == everything else f" ({len(models)} of {len(everything)} models)"
        names = "" if reason.startswith(tuple(benchmarks)) else f" {', '.join(benchmarks)}."
        out.print(f"Not run{which}:{names} {reason}")


def _print_account(result) -> None:
    account = result.details["account"]
    genome = account["genome_numbers"]
    out.print(
        f"Account ({account['status']}): {account['supervised_updates']:,} supervised updates "
        f"({account['labelled_images']:,} labelled images, {in_epochs(account['epochs'])}; "
        f"{account['updates_per_second']:.3g} per second of 10 million seconds awake). Supervised "
        f"synaptic updates: {count(account['supervised_synaptic_updates'])} as the paper counts "
        f"({account['trained_synapses_paper']:,} synapses), "
        f"{count(account['supervised_synaptic_updates_true'])} of all trained parameters "
        f"({account['trained_synapses_true']:,}). Unlabelled images: "
        f"{account['unlabelled_images']:,}, noise images: {account['noise_images']:,}; numbers in "
        f"the genome: {'unknown' if genome is None else format(genome, ',')}.",
    )


def _print_parts(results: list) -> None:
    """The parts of brain predictivities: as in the paper, as today, as published."""
    means = [result for result in results if "today" in result.details]
    heads = ("Part", "As the paper", "Today", "Raw", "Ceiling", "Published")
    names = ("paper", "today", "raw", "ceiling", "published")
    for result in means:
        parts = {**result.details["parts"], "mean": {**result.details, "paper": result.raw}}
        rows = [
            ([region, *(three_decimals(part.get(name)) for name in names)], part)
            for region, part in parts.items()
        ]
        _print_part_table(result, heads[:1], heads[1:], rows)
    if means:
        out.print(
            "As the paper: (raw / ceiling)² for neurons. Today: Brain-Score's own value, "
            "raw² / ceiling for neurons. Published: the paper's standard CORnet-S, on private "
            "data.",
        )


def _print_offline_parts(results: list) -> None:
    """The parts of the offline mean: each over its ceiling, and what is missing."""
    for result in (result for result in results if "absent" in result.details):
        mean = {**result.as_dict(), "benchmark": "", "raw": None, "ceiling": None}
        mean["relative"] = result.details.get("relative")
        parts = {**result.details["parts"], **dict.fromkeys(result.details["absent"]), "mean": mean}
        rows = [
            ([part, row["benchmark"], *_numbers(row)], row) if row else ([part, "missing"], {})
            for part, row in parts.items()
        ]
        _print_part_table(result, ("Part", "Benchmark"), NUMBERS, rows)


def _print_part_table(
    result, left: Sequence[str], right: Sequence[str], rows: Iterable[tuple[list[str], Mapping]]
) -> None:
    """Rows of cells, each with the part that it is of: where there is a reference, the share of its
    score comes last.
    """
    relative = ["Relative"] if "relative" in result.details else []
    table = plain_table(*left, right=[*right, *relative])
    for cells, part in rows:
        share = part.get("relative")
        table.add_row(*cells, *["" if share is None else f"{share:.0%}" for _ in relative])
    out.print(f"\n{result.model}, {result.benchmark}:")
    out.print(table)


def _numbers(row: Mapping[str, Any]) -> list[str]:
    """What is under `NUMBERS`."""
    interval = "" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
    score, error, raw, ceiling = (
        three_decimals(row[name]) for name in ("score", "error", "raw", "ceiling")
    )
    return [score, error, interval, raw, ceiling]
