"""Learning curves of a sweep: pictures and page say what the table says, and nothing else is
believed.
"""

from __future__ import annotations

import csv
import json
import math
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from brainscore_wiring.checkpoints.training_record import TrainingRecord
from brainscore_wiring.commands import main
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.learning.curves import colours, draw_learning, write_learning
from brainscore_wiring.paper.learning.learning_page import (
    AGREES,
    DISAGREES,
    NOT_DECIDED,
    OPEN,
    cells_at_the_ends,
    direction,
    learning_findings,
    verdict,
    wins_from,
)
from brainscore_wiring.paper.learning.sweep_points import (
    AccuracyDifference,
    differences,
    read_sweep,
)
from brainscore_wiring.paper.plotting import style
from brainscore_wiring.training.job import Job
from brainscore_wiring.training.sweep import row_of, write_table

SYNAPSES = {
    "cornet_s": 52_860_096,
    "cornet_s_ct": 1_377_280,
    "cornet_s_wc_ct": 1_378_560,
    "cornet_s_dt_it": 40_239_104,
    "cornet_s_dt_decoder": 0,
}
HELD_OUT = 2000
FILES = ["learning.csv", "learning.md", "learning.png", "learning.svg"]


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["figures", "learning", *map(str, arguments)])
        raise SystemExit(0)
    return exit_.value.code or 0


def words_in(svg) -> str:
    return " ".join(
        "".join(element.itertext())
        for element in ElementTree.parse(svg).iter()
        if element.tag.endswith("text")
    )


def record(images, epochs, seed, synapses, accuracy) -> dict:
    """The record of a training in an architecture that is not here: its counts are what it says."""
    shown = round(images * epochs)
    return {
        "variant": "made-up",
        "architecture": "made-up",
        "birth": "kaiming_normal",
        "trained": "everything",
        "seed": seed,
        "diet": {"name": "made-up", "images": images, "classes": 10, "image_size": 32},
        "epochs": epochs,
        "images_shown": shown,
        "images_skipped": 0,
        "unlabelled_images": 0,
        "genome_numbers": 0,
        "supervised_updates": shown,
        "trained_parameters": synapses,
        "trained_parameters_paper": synapses,
        "supervised_synaptic_updates": shown * synapses,
        "supervised_synaptic_updates_true": shown * synapses,
        "loss": [2.0],
        "wall_seconds": 60.0,
        "held_out": {"images": HELD_OUT, "accuracy": accuracy},
        "recipe": {
            "learning_rate": 0.05,
            "schedule": "constant",
            "crop_scale": [0.5, 1.0],
            "warm_up": 50,
        },
    }


def made_up(folder: Path, accuracies: dict[str, dict]) -> Path:
    """A sweep's folder with model -> (images, epochs, seed) -> accuracy, its table written by
    `training.sweep`.
    """
    jobs, rows = {}, []
    for model, found in accuracies.items():
        for (images, epochs, seed), accuracy in found.items():
            job = jobs.setdefault((model, images, seed), Job(model, images, (1.0, 4.0), seed))
            done = record(images, epochs, seed, SYNAPSES.get(model, 1000), accuracy)
            path = folder / job.name / f"record_{epochs:g}_epochs.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(done))
            file = Path(job.name) / f"model_{epochs:g}_epochs.safetensors"
            rows.append(row_of(job, file, TrainingRecord.from_json(done)))
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder, rows)
    return folder


def two(
    folder: Path, standard: list[float], ours: list[float], images=(100, 1600), epochs=(1.0, 4.0)
) -> Path:
    """A sweep of standard training and WC+CT; accuracies in the order of images, then epochs; None
    leaves one out.
    """
    cells = [(count, moment, 0) for count in images for moment in epochs]
    return made_up(
        folder,
        {
            model: {cell: value for cell, value in zip(cells, values) if value is not None}
            for model, values in (("cornet_s", standard), ("cornet_s_wc_ct", ours))
        },
    )


def page_of(folder: Path) -> str:
    write_learning(folder, folder / "page")
    return (folder / "page" / "learning.md").read_text()


def rows_below(page: str, title: str) -> list[list[str]]:
    lines = page.partition(f"## {title}")[2].partition("\n## ")[0].splitlines()
    return [
        [column.strip() for column in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]


def cell(updates: int, points: float, error: float = 1.0) -> AccuracyDifference:
    return AccuracyDifference((updates, 1.0), updates, points, error)


# WC+CT wins with 100 images, loses at the most updates
FEW_HELP = (
    [0.12, 0.20, 0.30, 0.50],
    [0.18, 0.28, 0.30, 0.42],
)


def test_every_number_of_the_page_is_the_tables(tmp_path):
    folder = two(tmp_path, *FEW_HELP)
    head, _, *rows = rows_below(page_of(folder), "All models")
    assert head[:6] == [
        "images",
        "epochs",
        "supervised updates",
        "seeds",
        "standard training",
        "WC+CT",
    ]
    for row, standard, ours in zip(rows, *FEW_HELP, strict=True):
        assert row[4:6] == [f"{100 * standard:.1f}%", f"{100 * ours:.1f}%"]
        error = 100 * math.sqrt(sum(p * (1 - p) / HELD_OUT for p in (standard, ours)))
        bold = "**" if abs(standard - ours) * 100 >= 2 * error else ""
        assert row[6] == f"{bold}{100 * (ours - standard):+.1f}{bold} ± {error:.1f}"
    assert [row[:4] for row in rows] == [
        ["100", "1", "100", "1"],
        ["100", "4", "400", "1"],
        ["1,600", "1", "1,600", "1"],
        ["1,600", "4", "6,400", "1"],
    ]
    assert (folder / "page" / "learning.csv").read_bytes() == (folder / "sweep.csv").read_bytes()


def test_the_page_states_diet_size_recipe_chance_and_held_out_images_of_the_records(tmp_path):
    page = page_of(two(tmp_path, *FEW_HELP))
    assert (
        "made-up, 10 classes (chance 10.0%), 32 px; learning rate 0.05, schedule constant, crop "
        "scale 0.5" in page
    )
    assert "Accuracy on 2,000 held-out images" in page and "warm up" not in page
    assert "One seed: the differences are of these" in page and "8 of 8 models are there" in page


def test_sentences_say_who_is_above_in_how_many_cells_and_where_standard_training_wins(tmp_path):
    page = page_of(two(tmp_path, *FEW_HELP))
    assert (
        "**WC+CT against standard training:** above in 2 of 4 cells, below in 1, not "
        "significantly different in 1" in page
    )
    assert "from -8.0 points (1,600 images x 4 epochs) to +8.0 (100 images x 4 epochs)" in page
    assert (
        "**From which number of supervised updates on standard training wins:** 6,400; in every "
        "cell" in page
    )
    assert "**From which number of supervised updates on WC+CT wins:** none here" in page
    assert [row[1] for row in rows_below(page, "WC+CT at each budget")[2:]] == [
        "above in 1 of 1, below in 0",
        "above in 1 of 1, below in 0",
        "above in 0 of 1, below in 0",
        "above in 0 of 1, below in 1",
    ]


def test_exchanged_accuracies_give_the_opposite_words(tmp_path):
    page = page_of(two(tmp_path, *FEW_HELP[::-1]))
    assert "above in 1 of 4 cells, below in 2, not significantly different in 1" in page
    assert (
        "on standard training wins:** none here" in page
        and "on WC+CT wins:** 6,400; in every cell" in page
    )
    assert (
        "shrinks with the budget** (+27 to -17): this sweep does not agree; from -6.0 points"
        in page
    )
    assert "shrinks with the budget** (+27 to -17): this sweep agrees; from +6.0 points" in page_of(
        two(tmp_path / "other", *FEW_HELP)
    )


def test_the_paper_is_answered_on_both_sides_of_its_turn(tmp_path):
    few, many = (
        "fewer than 100,000 supervised updates** (+27",
        "at least 100,000 supervised updates** (-17",
    )
    page = page_of(two(tmp_path, *FEW_HELP))
    assert (
        f"gains with {few} points of brain score with 1,000 images x 1 epoch): this sweep "
        "does not decide it (2 of 4 cells above, 1 below)"
    ) in page
    assert (
        f"{many} points of brain score with all images until convergence): this sweep "
        "cannot test it, it has no such cell."
    ) in page
    page = page_of(two(tmp_path / "large", *FEW_HELP, images=(100, 200_000)))
    assert "1 epoch): this sweep agrees (2 of 2 cells above, 0 below)" in page
    assert (
        "convergence): this sweep does not agree" not in page
        and "(0 of 2 cells above, 1 below)" in page
    )
    page = page_of(two(tmp_path / "opposite", *FEW_HELP[::-1], images=(100, 200_000)))
    assert "1 epoch): this sweep does not agree (0 of 2" in page
    assert "convergence): this sweep does not agree (1 of 2" in page


@pytest.mark.parametrize(
    "points, sign, expected",
    [
        ([3, 3, 0], 1, AGREES),
        ([3, 0], 1, NOT_DECIDED),
        ([3, -3], 1, DISAGREES),
        ([3, 3, -3, 0, 0], 1, NOT_DECIDED),
        ([-3], 1, DISAGREES),
        ([1.9], 1, NOT_DECIDED),
        ([2.0], 1, AGREES),
        ([-3, -3, 0], -1, AGREES),
        ([3], -1, DISAGREES),
        ([], 1, OPEN),
    ],
)
def test_the_rule_of_agreement(points, sign, expected):
    assert verdict([cell(100, value) for value in points], sign) == expected


@pytest.mark.parametrize(
    "points, sign, start",
    [
        ([3, -3, -3], -1, 200),
        ([-3, 3, -3], -1, 300),
        ([-3, -3, -3], -1, 100),
        ([-3, -3, 1], -1, None),
        ([1, 3, 3], 1, 200),
    ],
)
def test_a_winner_wins_in_every_larger_budget_too(points, sign, start):
    assert (
        wins_from([cell(100 * (place + 1), value) for place, value in enumerate(points)], sign)
        == start
    )


def test_all_cells_of_a_budget_have_to_be_won():
    assert wins_from([cell(100, 3), cell(400, 3), cell(400, 0)], 1) is None


def test_the_change_is_that_from_fewest_to_most_updates():
    first, last = cells_at_the_ends([cell(400, 0), cell(6400, -4), cell(100, 3)])
    assert (first.points, last.points) == (3, -4) and direction(first, last) == AGREES
    assert direction(last, first) == DISAGREES and direction(cell(1, 1), cell(9, -1)) == NOT_DECIDED
    assert direction(first, first) == OPEN


def test_missing_cells_are_blank_and_counted(tmp_path):
    page = page_of(two(tmp_path, [0.12, 0.20, 0.30, None], [0.18, None, 0.30, 0.42]))
    rows = rows_below(page, "All models")[2:]
    assert [row[4:] for row in rows][1] == ["20.0%", "", ""] and rows[3][4:] == ["", "42.0%", ""]
    assert "6 of 8 models are there" in page and "above in 1 of 2 cells" in page
    assert [row[0] for row in rows_below(page, "WC+CT at each budget")[2:]] == ["100", "1,600"]
    words = words_in(tmp_path / "page" / "learning.svg").split()
    assert "+6.0" in words and "+0.0" in words and sum(word[0] == "+" for word in words) == 2


def test_the_pictures_name_models_images_chance_and_differences(tmp_path):
    folder = made_up(
        tmp_path,
        {
            model: {(images, 1.0, 0): 0.1 + 0.05 * place for images in (100, 1600)}
            for place, model in enumerate(
                ("cornet_s", "cornet_s_ct", "cornet_s_wc_ct", "cornet_s_dt_it")
            )
        },
    )
    assert run(folder, "-o", tmp_path / "new") == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == FILES
    assert Image.open(tmp_path / "new" / "learning.png").width == 1050
    words = words_in(tmp_path / "new" / "learning.svg")
    for expected in (
        "chance",
        "1,600",
        "supervised synaptic updates",
        "+10.0",
        "+5.0",
        "made-up at 32 px",
        "one seed",
        "minus standard training",
        "minus KN+CT",
    ):
        assert expected in words
    page = (tmp_path / "new" / "learning.md").read_text()
    assert all(
        f"**WC+CT against {name}:**" in page
        for name in ("standard training", "KN+CT", "DT (IT alone)")
    )


@pytest.mark.parametrize("others", [("cornet_s", "cornet_s_wc_ct"), ()])
def test_the_decoder_alone_is_drawn_against_supervised_updates(tmp_path, others):
    cells = {(100, 1.0, 0): 0.1, (1600, 1.0, 0): 0.2}
    folder = made_up(tmp_path, dict.fromkeys((*others, "cornet_s_dt_decoder"), cells))
    assert run(folder, "-o", tmp_path / "new") == 0
    words = words_in(tmp_path / "new" / "learning.svg")
    assert "without synaptic updates, left only: 1 of" in words


def test_seeds_are_averaged_over_those_that_both_models_have_and_widen_the_error(tmp_path):
    folder = made_up(
        tmp_path,
        {
            "cornet_s": {(100, 1.0, seed): value for seed, value in enumerate((0.2, 0.3, 0.9))},
            "cornet_s_wc_ct": {(100, 1.0, seed): value for seed, value in enumerate((0.5, 0.4))},
        },
    )
    one = differences(read_sweep(folder), "cornet_s_wc_ct", "cornet_s")[100, 1.0]
    assert one.points == pytest.approx(20)
    binomial = (0.25 * 0.75 + 0.45 * 0.55) / HELD_OUT
    assert one.error == pytest.approx(100 * math.sqrt(binomial + 0.02 / 2))
    assert one.sign == 0  # 20 points, but the seeds differ by as much
    page = page_of(folder)
    assert "46.7 ± 37.9%" in page and "| 2 to 3 |" in page and "seeds 0, 1 and 2: 5 of 6" in page
    assert "One seed:" not in page
    assert "lines go through their means" in words_in(tmp_path / "page/learning.svg")


def test_models_of_catalogue_rows_are_one_line(tmp_path):
    folder = made_up(
        tmp_path,
        {
            "cornet_s_wc_ct_1k_images_0p2_epochs": {(1000, 0.2, 0): 0.2},
            "cornet_s_1k_images_63_epochs": {(1000, 0.2, 0): 0.1},
            "resnet50": {(1000, 0.2, 0): 0.3},
        },
    )
    assert read_sweep(folder).models == ["cornet_s", "cornet_s_wc_ct", "resnet50"]
    page = page_of(folder)
    assert "1,000 images x 0.2 epochs" in page and "| resnet50 |" in page
    assert len(set(colours(["cornet_s", "cornet_s_wc_ct", "resnet50", "alexnet"]).values())) == 6


def test_a_sweep_without_standard_training_leaves_the_paper_open(tmp_path):
    page = page_of(made_up(tmp_path, {"cornet_s_wc_ct": {(100, 1.0, 0): 0.2}}))
    assert (
        "**The paper's finding:** not testable, as no cell has both `cornet_s_wc_ct` and "
        "`cornet_s`." in page
    )
    assert "## WC+CT at each budget" not in page


def test_the_same_sweep_gives_the_same_bytes_wherever_it_lies(tmp_path):
    for name in "ab":
        write_learning(two(tmp_path / name, *FEW_HELP), tmp_path / name / "page")
    assert [(tmp_path / "a/page" / name).read_bytes() for name in FILES] == [
        (tmp_path / "b/page" / name).read_bytes() for name in FILES
    ]


@pytest.mark.parametrize("images, epochs, seeds", [(7, 12, 2), (1, 1, 1), (13, 2, 1)])
def test_any_grid_draws_on_a_page_without_anything_outside(tmp_path, images, epochs, seeds):
    rolls = random.Random(0)
    sweep = read_sweep(
        made_up(
            tmp_path,
            {
                model: {
                    (1_280_000 // 2**i, float(e + 1), s): round(rolls.uniform(0.1, 0.6), 4)
                    for i in range(images)
                    for e in range(epochs)
                    for s in range(seeds)
                }
                for model in SYNAPSES
            },
        )
    )
    page = draw_learning(sweep)
    renderer = page.canvas.get_renderer()
    for axis in page.axes:
        box, (width, height) = axis.get_tightbbox(renderer), page.get_size_inches() * page.dpi
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    with style():
        page.draw(renderer)
    found = {"cornet_s": differences(sweep, "cornet_s_wc_ct", "cornet_s")}
    assert len(learning_findings(found)) == 6


def scores_of(path: Path, rows: list[dict]) -> Path:
    columns = (
        "model",
        "benchmark",
        "status",
        "score",
        "raw",
        "ceiling",
        "error",
        "reason",
        "fingerprint",
        "weights",
        "diet",
        "seed",
    )
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


SCORE = {
    "model": "cornet_s_wc_ct",
    "benchmark": "MacaqueV1Tuning",
    "status": "scored",
    "score": "0.71249",
    "weights": "elsewhere/cornet_s_wc_ct_100_images/model_4_epochs.safetensors",
    "diet": "4 epochs of 100 made-up images at 32 px; genome from CIFAR-10",
    "seed": "0",
}


def test_scores_stand_beside_the_model_whose_file_they_are_of(tmp_path):
    path = scores_of(
        tmp_path / "scores.csv",
        [
            SCORE,
            SCORE | {"benchmark": "Kriegeskorte2008.IT-rdm.human", "score": 0.1},
            SCORE | {"model": "pixels", "weights": "none", "diet": "none", "seed": ""},
            SCORE | {"benchmark": "Kriegeskorte2008.IT-rdm", "score": ""},
        ],
    )
    assert run(two(tmp_path, *FEW_HELP), "-o", tmp_path / "new", "--scores", path) == 0
    page = (tmp_path / "new" / "learning.md").read_text()
    assert rows_below(page, "Brain scores of some of them")[2:] == [
        ["WC+CT", "100 x 4", "0", "28.0%", "0.712", "", "0.100"]
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "runs/cornet_s_wc_ct_400_images/model_4_epochs.safetensors"},
        {"diet": "4 epochs of 100 other images at 32 px"},
        {"seed": "3"},
    ],
)
def test_scores_of_another_training_are_not_taken_for_the_sweeps(tmp_path, capsys, change):
    path = scores_of(tmp_path / "scores.csv", [SCORE | change])
    assert run(two(tmp_path, *FEW_HELP), "-o", tmp_path / "new", "--scores", path) == 1
    assert (
        "has no score of a model of this sweep" in capsys.readouterr().err
        and not (tmp_path / "new").exists()
    )


@pytest.mark.parametrize(
    "rows, sentence",
    [
        (
            [SCORE, SCORE | {"score": "0.5"}],
            "has two scores of cornet_s_wc_ct_100_images/model_4_epochs.safetensors",
        ),
        ([SCORE | {"score": "much"}], "is damaged .*'much'"),
    ],
)
def test_scores_that_contradict_themselves_are_refused(tmp_path, rows, sentence):
    with pytest.raises(WiringError, match=sentence):
        write_learning(
            two(tmp_path, *FEW_HELP), tmp_path / "new", scores_of(tmp_path / "scores.csv", rows)
        )


def damaged_table(old: str, new: str, checked: bool = False):
    """The table with something replaced; unless `checked`, its rows carry no checksums."""

    def spoil(folder: Path) -> None:
        path = folder / "sweep.csv"
        assert old in path.read_text()
        text = path.read_text().replace(old, new, 1)
        path.write_text(text if checked else re.sub(r",[0-9a-f]{16}\n", ",\n", text))

    return spoil


def twice(folder: Path) -> None:
    path = folder / "sweep.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")


def damaged_record(change):
    def spoil(folder: Path) -> None:
        path = folder / "cornet_s_100_images" / "record_1_epochs.json"
        content = json.loads(path.read_text())
        path.write_text(change(content) or json.dumps(content))

    return spoil


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (lambda folder: (folder / "sweep.csv").unlink(), "There is no table"),
        (lambda folder: (folder / "sweep.csv").write_bytes(b""), "has no column model"),
        (lambda folder: (folder / "sweep.csv").write_bytes(b"\xff\x00\xfe"), "is damaged"),
        (damaged_table("accuracy", "share"), "has no column accuracy"),
        (damaged_table("0.12,", "1.2,"), "is damaged in line 2"),
        (damaged_table("0.12,", "nan,"), "is damaged in line 2"),
        (damaged_table(",100,1.0,", ",many,1.0,"), "is damaged in line 2"),
        (damaged_table("0.12,", "0.13,"), "is not of the model in the sweep's table"),
        (
            damaged_table("0.12,", "0.13,", checked=True),
            "does not fit its sha256, so it is damaged or was edited: `brainscore sweep GRID ",
        ),
        (
            lambda folder: (folder / "sweep.csv").write_text(
                (folder / "sweep.csv").read_text().splitlines()[0]
            ),
            "is cut off in its first line",
        ),
        (
            lambda folder: (folder / "sweep.csv").write_text(
                (folder / "sweep.csv").read_text().splitlines()[0] + "\n"
            ),
            "no held-out",
        ),
        (twice, "twice"),
        (
            lambda folder: (folder / "cornet_s_100_images" / "record_1_epochs.json").unlink(),
            "cannot be read",
        ),
        (damaged_record(lambda content: "{"), "is damaged (JSONDecodeError"),
        (damaged_record(lambda content: content.update(held_out=None)), "is damaged (TypeError"),
        (
            damaged_record(lambda content: content["held_out"].update(images=0)),
            "is damaged: its data",
        ),
        (damaged_record(lambda content: content.update(seed=1)), "is not of the model"),
        (
            damaged_record(lambda content: content["diet"].update(image_size=64)),
            "mixes training data",
        ),
        (
            damaged_record(lambda content: content["recipe"].update(learning_rate=1)),
            "mixes recipes or genomes",
        ),
    ],
)
def test_what_cannot_be_believed_is_one_sentence_and_leaves_nothing(
    tmp_path, capsys, spoil, sentence
):
    folder = two(tmp_path / "sweep", *FEW_HELP)
    spoil(folder)
    assert run(folder, "-o", tmp_path / "new") == 1
    said = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("brainscore: ")
    ]
    assert len(said) == 1 and sentence in said[0] and not (tmp_path / "new").exists()


def test_wrong_commands_leave_with_2_and_bad_places_with_1(tmp_path, capsys):
    folder = two(tmp_path / "sweep", *FEW_HELP)
    assert run(folder) == 2 and "-o" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert run(folder, "-o", tmp_path / "file") == 1
    assert run(folder, "-o", tmp_path / "new", "--scores", tmp_path / "none.csv") == 1
    assert "none.csv' cannot be read" in capsys.readouterr().err and not (tmp_path / "new").exists()
