"""A model's card says what is known of it, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from conftest import shared

from brainscore_wiring import folders
from brainscore_wiring.accounting import account_of_variant
from brainscore_wiring.architectures import architecture
from brainscore_wiring.architectures.layers import has_batch_norms
from brainscore_wiring.brain.load import load_wiring_model
from brainscore_wiring.cards import score_sections
from brainscore_wiring.cards.card_folder import cards
from brainscore_wiring.cards.model_card import card
from brainscore_wiring.cards.reproduce import options
from brainscore_wiring.catalogue import BIRTH_SEEDS, CATALOGUE, model_without_seed
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints import resolve as resolving
from brainscore_wiring.checkpoints.header import header_sha256, read_header
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.checkpoints.locate import checkpoint_path, packaged_genome
from brainscore_wiring.checkpoints.resolve import resolve
from brainscore_wiring.errors import WiringError, WrongUsage
from brainscore_wiring.files import safetensors_metadata
from brainscore_wiring.formatting import training_in_words
from brainscore_wiring.scoring.result import PLANNED, SCORED, Result
from brainscore_wiring.scoring.table import read_results
from brainscore_wiring.weight_compression.birth import state_sha256
from brainscore_wiring.weight_compression.genome import Genome

DOCS = Path(__file__).parents[1] / "docs"
LOADABLE = [name for name, row in CATALOGUE.items() if not resolve(row).reason]
RECORDS = {name: record for name, row in CATALOGUE.items() if (record := resolve(row).record)}


IT = "Kriegeskorte2008.IT-rdm"


def scored(name: str, score: float, fingerprint: str = "", diet: str = "none") -> Result:
    """A made-up score of the packaged weights of a model, or of weights elsewhere."""
    seed = CATALOGUE[name].seed
    if not fingerprint:
        fingerprint, diet = resolve(name).weights.fingerprint, training_in_words(RECORDS[name])
    return Result(
        name, IT, SCORED, score, score / 2, 0.5, 0.01, fingerprint=fingerprint, diet=diet, seed=seed
    )


@pytest.fixture(scope="module")
def results():
    """Scores of packaged weights, of a birth that is sampled again and of a network elsewhere."""
    births = [f"cornet_s_wc_bn_seed{seed}" if seed else "cornet_s_wc_bn" for seed in BIRTH_SEEDS]
    packaged = [*births, "cornet_s_ct", "cornet_s_wc_ct"]
    return [
        *(scored(name, 0.2 + place / 100) for place, name in enumerate(packaged)),
        scored("cornet_s_kn", 0.3, "000000aa"),
        scored("cornet_s", 0.4, "000000cc", "1 epoch of 8 visual-atoms images at 64 px"),
    ]


@pytest.fixture(scope="module")
def published():
    """The scores that the documentation's cards show."""
    return read_results(DOCS / "scores.csv")


@pytest.fixture(scope="module")
def every_card(results):
    """The cards of all variants, with the scores that there are."""
    return {name: card(name, results) for name in CATALOGUE}


def section(text: str, title: str) -> str:
    """What stands below a title of a card; empty without such a section."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip()


def opening(text: str) -> str:
    return text.partition("\n## ")[0]


def line(text: str, name: str) -> list[str]:
    """The cells of a table's line that begins with a name."""
    found = [row for row in text.splitlines() if row.startswith(f"| {name} |")]
    return [cell.strip() for cell in found[0].strip("|").split("|")[1:]] if found else []


def test_every_variant_has_a_card_with_its_name_recipe_licence_and_reference(every_card):
    for name, text in every_card.items():
        assert text.startswith(f"# {name}\n\n{CATALOGUE[name].summary}\n")
        assert "geiger2022wiring" in text and "MIT" in section(text, "How to cite, and the licence")


def test_no_section_is_empty_and_nothing_is_said_in_the_code_s_words(every_card):
    for name, text in every_card.items():
        assert not re.search(r"^## .*\n+(## |\Z)", text, re.MULTILINE), name
        assert not re.search(
            r"\bNone\b(?! of)|\bTrue\b|\bFalse\b|\bnan\b|<[a-z]|\{|\}",
            text.partition("```bibtex")[0],
        ), name


def test_every_card_states_its_rows_account_in_exact_numbers(every_card):
    for name, text in every_card.items():
        try:
            account = account_of_variant(CATALOGUE[name])
        except WiringError as error:
            assert section(text, "The account") == str(error)
            continue
        if name in RECORDS and CATALOGUE[name].at_birth:
            account = RECORDS[name].account
        stated = section(text, "The account")
        for what, number in {
            "supervised updates": account.supervised_updates,
            "supervised synaptic updates, as the paper counts": account.supervised_synaptic_updates,
            "supervised synaptic updates, all trained parameters": (
                account.supervised_synaptic_updates_true
            ),
        }.items():
            assert line(stated, what)[0] == f"{number:,}", (name, what)
        if account.genome_numbers:
            assert line(stated, "numbers in the genome")[0] == f"{account.genome_numbers:,}"


def test_a_plan_is_never_called_trained(every_card):
    for name, text in every_card.items():
        stated = section(text, "The account")
        trained = name in RECORDS and not CATALOGUE[name].at_birth
        assert ("(trained)" in stated) == trained, name
        assert ("(planned)" in stated) == (
            not CATALOGUE[name].at_birth and stated.startswith("|")
        ), name


@pytest.mark.parametrize("name", RECORDS)
def test_weights_here_are_described_by_their_own_record(name, every_card):
    text, record = section(every_card[name], "The weights here"), RECORDS[name]
    fingerprint = safetensors_metadata(checkpoint_path(CATALOGUE[name]))["sha256"][:8]
    assert line(text, "fingerprint") == [f"`{fingerprint}`"]
    assert (
        record.data.name in line(text, "training data")[0]
        and f"{record.data.image_size} px" in text
    )
    assert record.batch_norm_statistics in text and record.hardware in text
    if record.held_out:
        assert f"{record.held_out.accuracy:.1%} of {record.held_out.images:,}" in text
    if not CATALOGUE[name].at_birth:
        counts = record.account
        stated = line(
            section(every_card[name], "The account"),
            "supervised synaptic updates, as the paper counts",
        )
        assert stated[1] == f"{counts.supervised_synaptic_updates:,}"


@pytest.mark.parametrize("name", [name for name in RECORDS if not CATALOGUE[name].at_birth])
def test_a_model_that_learned_from_other_images_never_passes_for_the_papers(name, every_card):
    text, data = every_card[name], RECORDS[name].data
    assert data.name in opening(text) and f"{data.images:,}" in opening(text)
    assert "not the recipe's" in opening(text)
    assert "ImageNet-1k" not in opening(text) + section(text, "The weights here")
    assert "not on the" in section(text, "Limits") and "stands for the paper's model" in section(
        text, "Limits"
    )


def test_what_does_not_load_here_says_how_to_get_it(every_card):
    for name, row in CATALOGUE.items():
        if name not in LOADABLE:
            assert section(every_card[name], "The weights here") == resolve(row).reason
            assert "does not load" in opening(every_card[name])


def test_layers_and_degrees_are_those_that_the_model_is_recorded_with(every_card):
    for name, row in CATALOGUE.items():
        text, region_map = (
            section(every_card[name], "Layers of the regions"),
            architecture(row.architecture).region_map,
        )
        for region, module in {**region_map.regions, "behaviour": region_map.behaviour}.items():
            assert line(text, region)[0] == f"`{module}`"
        assert f"spans {region_map.visual_degrees} degrees" in text


def test_births_say_where_their_batch_norm_statistics_come_from(every_card):
    for name, row in CATALOGUE.items():
        if row.at_birth and row.birth != "none" and name in LOADABLE:
            kind = (
                "noise"
                if row.noise_images
                else "unlabelled"
                if row.unlabelled_images
                else "0 and 1"
            )
            limits = section(every_card[name], "Limits")
            assert (kind if has_batch_norms(row.architecture) else "One seed") in limits, name


@pytest.mark.parametrize(
    "name, modules",
    [
        ("cornet_s_wc_ct", "`V2.conv3`, `V4.conv3`, `IT.conv3` and `decoder`"),
        ("cornet_s", "all synapses"),
        ("cornet_s_dt_it", "`IT` and `decoder`"),
        ("cornet_s_kn", "nothing"),
        ("cornet_s_batchnorm_v4", "every batch norm, `IT` and `decoder`"),
        ("resnet50_wc_ct", "`conv3` and `bn3` of layer1.0, layer1.1,"),
        (
            "mobilenet_wc_ct",
            "`depthwise` and `depthwise_norm` of block2, block6, block12 and `classifier`",
        ),
    ],
)
def test_what_learns_is_named_by_its_modules(name, modules, every_card):
    assert modules in line(section(every_card[name], "What it is"), "trained")[0]


# Scores: those of the weights that the card describes, with all that a number needs.


def test_scores_stand_with_their_fingerprint_diet_ceiling_and_seeds(every_card, results):
    text = section(every_card["cornet_s_wc_bn_seed42"], "Scores")
    one = next(result for result in results if result.model == "cornet_s_wc_bn_seed42")
    assert f"fingerprint `{one.fingerprint}`; training data: {one.diet}" in text
    cells = line(text, f"`{IT}`")
    assert cells[1:5] == [f"{value:.3f}" for value in (one.score, one.error, one.raw, one.ceiling)]
    assert cells[5].endswith("(n = 10)")


def test_a_score_of_other_weights_never_appears(results):
    foreign = [
        replace(result, fingerprint="0000beef", score=0.98765, raw=0.98765)
        for result in results
        if result.model == "cornet_s_wc_ct"
    ]
    text = section(card("cornet_s_wc_ct", foreign), "Scores")
    assert "0.988" not in text and "another fingerprint (`0000beef`)" in text
    both = section(card("cornet_s_wc_ct", [*results, *foreign]), "Scores")
    assert "0.988" not in both and "`0000beef`" in both
    assert f"`{resolve('cornet_s_wc_ct').weights.fingerprint}`" in both


def test_scores_of_several_births_under_one_name_are_not_chosen_from(results):
    foreign = [
        replace(result, fingerprint="0000beef", score=0.98765)
        for result in results
        if result.model == "cornet_s_kn"
    ]
    text = section(card("cornet_s_kn", [*results, *foreign]), "Scores")
    assert "|" not in text and "`0000beef`" in text and "`000000aa`" in text


def test_seeds_are_taken_together_only_where_diet_and_weights_are_the_same():
    def of(seed: int, score: float, **changes) -> Result:
        name = f"cornet_s_kn_seed{seed}" if seed else "cornet_s_kn"
        return replace(
            Result(
                name,
                "MacaqueV1Tuning",
                SCORED,
                score,
                score,
                1.0,
                seed=seed,
                fingerprint=f"{seed:08}",
                diet="none",
            ),
            **changes,
        )

    seeds = [
        of(0, 0.5),
        of(12, 0.7),
        of(32, 0.9, diet="another"),
        of(42, 0.1),
        of(42, 0.2, fingerprint="other"),
        of(52, 0.0, status=PLANNED),
        of(62, 0.8, computed="stock"),
    ]
    assert (
        line(section(card("cornet_s_kn", seeds), "Scores"), "`MacaqueV1Tuning`")[5]
        == "0.600 ± 0.141 (n = 2)"
    )


def test_a_planned_account_in_the_table_is_no_score():
    planned = [
        Result(
            "cornet_s",
            "Geiger2022-supervised_synaptic_updates",
            PLANNED,
            0.0,
            2909419683840000,
            1.0,
        )
    ]
    assert section(card("cornet_s", planned), "Scores") == ""


def test_scores_of_weights_elsewhere_name_these_and_what_they_learned_from(results):
    text = section(card("cornet_s", results), "Scores")
    assert "not in their place on this machine" in text
    assert "fingerprint `000000cc`; training data: 1 epoch of 8 visual-atoms images" in text


def test_the_published_score_of_a_row_is_on_its_card_where_the_file_is(monkeypatch, tmp_path):
    shutil.copy(shared("reference/scores.sqlite"), tmp_path)
    assert section(card("cornet_s"), "The score in the paper") == ""
    monkeypatch.setenv("BRAINSCORE_WIRING_DATA", str(tmp_path))
    text = section(card("cornet_s"), "The score in the paper")
    assert (
        "| 0.224 | 0.234 | 0.579 | 0.538 | 0.549 | 0.425 | 0.692 |" in text
        and "CORnet-S_full_epoch_43" in text
    )
    assert section(card("cornet_s_kn_bn"), "The score in the paper") == ""


# Files of the user's own.


def test_a_checkpoint_file_has_a_card_of_its_own_weights(tmp_path, results):
    file = shutil.copy(
        folders.packaged() / "cornet_s_ct.safetensors", tmp_path / "mine.safetensors"
    )
    text = card(file, results)
    fingerprint = resolve("cornet_s_ct").weights.fingerprint
    assert text.startswith("# cornet_s_ct\n")
    assert f"fingerprint `{fingerprint}`" in section(text, "Scores")
    assert "from `mine.safetensors`" in text and str(tmp_path) not in text


def test_a_checkpoint_file_is_the_same_after_the_working_folder_has_changed(tmp_path, monkeypatch):
    shutil.copy(folders.packaged() / "cornet_s_ct.safetensors", tmp_path / "mine.safetensors")
    monkeypatch.chdir(tmp_path)
    model = resolve("mine.safetensors")
    assert model.provenance["weights"] == "mine.safetensors"
    before = card(model)
    monkeypatch.chdir(tmp_path.parent)
    assert card(model) == before and model.file == tmp_path / "mine.safetensors"
    assert load_wiring_model(model).fingerprint == model.fingerprint
    model.file.unlink()
    assert card(model) == before


def with_record(identifier: str, file: Path, **changes) -> Path:
    """A copy of a packaged checkpoint whose training record says something else."""
    record = (
        json.loads(read_header(folders.packaged() / f"{identifier}.safetensors").metadata["record"])
        | changes
    )
    record = {name: value for name, value in record.items() if value != "absent"}
    return with_metadata(identifier, file, record=json.dumps(record))


def with_metadata(identifier: str, file: Path, **changes: str) -> Path:
    """A copy of a packaged checkpoint whose header says something else."""
    data = (folders.packaged() / f"{identifier}.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= changes
    header["__metadata__"]["header_sha256"] = header_sha256(header["__metadata__"])
    written = json.dumps(header).encode()
    file.write_bytes(len(written).to_bytes(8, "little") + written + data[8 + length :])
    return file


def test_imported_weights_are_said_to_be_stated_and_not_observed(tmp_path):
    absent = dict.fromkeys(
        ("recipe", "loss", "hardware", "versions", "wall_seconds", "finished"), "absent"
    )
    imported = {"file": "theirs.pth", "sha256": "abc", "stated": "what learned was stated"}
    text = card(
        with_record(
            "cornet_s_wc_ct",
            tmp_path / "theirs.safetensors",
            held_out=None,
            imported=imported,
            **absent,
        )
    )
    assert re.search(
        "imported from theirs.pth .*; what learned was stated", section(text, "Limits")
    )
    assert "# the weights here" not in section(text, "How to make and use it")


@pytest.mark.parametrize("name", ["cornet_s_wc_ct", "cornet_s_ct_seed2"])
def test_the_command_that_made_the_weights_has_the_options_that_their_record_needs(
    name, every_card
):
    data = RECORDS[name].data
    options = (
        f"--data {data.name.replace(' ', '_')} --recipe small "
        f"--epochs {RECORDS[name].epochs:g} --images {data.images}"
    )
    text = section(every_card[name], "How to make and use it")
    assert f"brainscore train {name} {options} -o" in text


def test_what_no_option_can_bring_about_is_said(tmp_path):
    record = RECORDS["cornet_s_ct"]
    recipe = {**record.recipe} | {
        "learning_rate": 0.3,
        "crop_scale": (0.25, 1.0),
        "batch_size": 32,
        "precision": "fp32",
        "feedback": "skip_only",
        "frozen_layers": "cached",
    }
    text = card(with_record("cornet_s_ct", tmp_path / "mine.safetensors", recipe=recipe))
    assert (
        "--recipe small --batch-size 32 --precision fp32 --learning-rate 0.3 --smallest-crop 0.25 "
        f"--cache --epochs {record.epochs:g}"
    ) in text
    assert "no option for feedback skip_only." in text
    recipe |= {"feedback": "exact", "crop_scale": (0.25, 0.8), "warm_up": 7}
    text = card(with_record("cornet_s_ct", tmp_path / "other.safetensors", recipe=recipe))
    assert "--smallest-crop" not in text
    assert "no option for warm up 7, crop scale [0.25, 0.8]." in text


def test_weights_of_another_genome_are_not_made_again_with_the_models_own(tmp_path):
    known = RECORDS["cornet_s_wc_ct"].genome_sha256
    for genome, another in ((known, False), ("0" * 64, True)):
        path = tmp_path / f"{genome}.safetensors"
        text = card(with_record("cornet_s_wc_ct", path, genome_sha256=genome))
        made = section(text, "How to make and use it")
        assert (" --genome GENOME -o" in made) == another == ("genome `00000000`" in made)


@pytest.mark.parametrize("name", ["cornet_s_wc_ct", "mobilenet_wc_ct", "resnet50_wc_ct"])
def test_a_genome_is_the_models_own_after_its_transfer_too(name):
    row = CATALOGUE[name]
    own = replace(RECORDS["cornet_s_wc_ct"], genome_sha256=birth_of(row).genome.sha256())
    assert "GENOME" not in options(row, own)
    assert "--genome GENOME" in options(row, replace(own, genome_sha256="0" * 64))


def test_what_runs_frozen_layers_once_is_not_the_papers_recipe(tmp_path):
    counts = dict.fromkeys(("images_shown", "supervised_updates"), 29 * 1_280_000)
    counts["supervised_synaptic_updates"] = 29 * 1_280_000 * 1_376_256
    counts["supervised_synaptic_updates_true"] = 29 * 1_280_000 * 1_889_256
    diet = {"name": "ImageNet-1k", "images": 1_280_000, "classes": 1000, "image_size": 224}
    found = {}
    for layers in ("live", "cached"):
        recipe = asdict(Recipe(frozen_layers=layers))
        path = tmp_path / f"{layers}.safetensors"
        facts = {"diet": diet, "epochs": 29.0, "recipe": recipe, **counts}
        found[layers] = opening(card(with_record("cornet_s_ct", path, **facts)))
    assert "not the recipe's" in found["cached"] and "not the recipe's" not in found["live"]


def test_many_images_of_another_kind_are_not_what_the_recipe_asks_for(tmp_path):
    diet = {"name": "visual-atoms", "images": 1_280_000, "classes": 1000, "image_size": 224}
    shown = 29 * 1_280_000
    counts = {
        "images_shown": shown,
        "supervised_updates": shown,
        "supervised_synaptic_updates": shown * 1_376_256,
        "supervised_synaptic_updates_true": shown * 1_889_256,
    }
    text = card(
        with_record(
            "cornet_s_ct",
            tmp_path / "atoms.safetensors",
            diet=diet,
            epochs=29.0,
            recipe=RECORDS["cornet_s_kn_bn"].recipe,
            **counts,
        )
    )
    assert "not the recipe's" in opening(text)
    assert "not on the 29 x 1,280,000 ImageNet images" in section(text, "Limits")


def test_the_users_own_weights_come_before_the_packaged_ones_and_have_no_others_scores(
    monkeypatch, tmp_path, results
):
    (tmp_path / "weights").mkdir()
    with_metadata(
        "cornet_s_wc_ct",
        tmp_path / "weights" / "cornet_s_wc_ct.safetensors",
        sha256="01234567" + "0" * 56,
    )
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    text = card("cornet_s_wc_ct", results)
    assert "`01234567`" in section(text, "The weights here") and "|" not in section(text, "Scores")


def test_a_damaged_file_in_the_place_of_weights_is_a_reason_and_no_error(monkeypatch, tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "cornet_s_wc_ct.safetensors").write_bytes(b"no weights")
    monkeypatch.setenv("BRAINSCORE_WIRING_HOME", str(tmp_path))
    assert "damaged" in section(card("cornet_s_wc_ct"), "The weights here")


# What is committed, and the command.


def test_the_cards_in_the_documentation_are_what_the_command_writes_today(published):
    in_table = {model_without_seed(result.model) for result in published}
    names = [
        name
        for name in LOADABLE
        if name in in_table or (name in RECORDS and not CATALOGUE[name].at_birth)
    ]
    written = {
        path.name: path.read_text(encoding="utf-8") for path in (DOCS / "models").glob("*.md")
    }
    again = f"brainscore card {' '.join(names)} --scores docs/scores.csv -o docs/models"
    assert written == cards(names, published), f"written again by: {again}"


@pytest.mark.parametrize("name", ["cornet_s_wc", "pixels"])
def test_scores_in_the_documentation_are_of_the_weights_that_load_today(name):
    from brainscore_wiring import load_model

    text = (DOCS / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert f"fingerprint `{load_model(name).fingerprint}`" in section(text, "Scores")


def test_cards_are_written_without_torch_and_brain_score(tmp_path):
    code = (
        "import sys; from brainscore_wiring.commands import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print({'torch', 'brainscore_vision', 'brainscore_core', 'sklearn', 'matplotlib'} & "
        "set(sys.modules))"
    )
    arguments = ["card", "cornet_s_wc*", "--scores", DOCS / "scores.csv", "-o", tmp_path]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()" and (tmp_path / "cornet_s_wc_ct.md").is_file()


def test_scores_of_another_genome_are_not_its_own():
    model = resolve("cornet_s_wc")
    genome = model.provenance["genome_data"]
    rows = [
        Result("cornet_s_wc", "MacaqueV1Tuning", SCORED, 0.5, fingerprint=one, genome_data=one)
        for one in (genome, "my photos (7712a198)")
    ]
    assert score_sections.of_these_weights(model, rows) == {genome: rows[:1]}
    assert score_sections.of_these_weights(model, rows[1:]) == {}


def test_scores_of_another_fit_of_a_users_genome_are_not_its_own(monkeypatch):
    monkeypatch.setattr(score_sections, "has_own_genome", lambda row: True)
    model = resolve("cornet_s_wc")
    today = state_sha256(model.birth.state())[:8]
    other, own = (
        Result("cornet_s_wc", "MacaqueV1Tuning", SCORED, 0.5, fingerprint=fingerprint)
        for fingerprint in ("00000000", today)
    )
    assert score_sections.of_these_weights(model, [other]) == {}
    assert score_sections.of_these_weights(model, [other, own]) == {today: [own]}


def test_what_a_genome_was_fitted_on_is_read_again_where_its_file_has_changed(
    tmp_path, monkeypatch
):
    path, genome = tmp_path / "genome.json", Genome.read(packaged_genome())
    monkeypatch.setattr(resolving, "genome_path", lambda row: path)
    for data in ("mine", "another"):
        replace(genome, source={"diet": data}).write(path)
        for name in ("cornet_s_wc", "cornet_s_wc_seed42"):
            assert resolve(name).genome_data == data


def test_the_command_prints_plain_markdown(run):
    status, out, err = run("card", "pixels")
    assert (status, out, err) == (0, card("pixels"), "")


def test_a_pattern_writes_a_card_for_each_model_and_an_index(run, tmp_path):
    status, out, _ = run("card", "cornet_s_kn_seed?2", "pixels", "-o", tmp_path / "cards")
    names = [name for name in CATALOGUE if re.fullmatch(r"cornet_s_kn_seed.2", name)] + ["pixels"]
    files = [*(f"{name}.md" for name in names), "README.md"]
    assert status == 0 and out.split() == [str(tmp_path / "cards" / file) for file in files]
    index = (tmp_path / "cards" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\w+)\.md\)", index) == names


@pytest.mark.parametrize(
    "arguments, status, sentence",
    [
        (["card", "cornet_s_wc_c"], 2, "did you mean cornet_s_wc_ct"),
        (["card", "cornet_x*"], 2, "No model matches 'cornet_x*'"),
        (["card", "cornet_s_kn*"], 2, "add -o FOLDER"),
        (["card", "nowhere.safetensors"], 1, "There is no file 'nowhere.safetensors'"),
        (["card", "pixels", "--scores", "nowhere.csv"], 1, "nowhere.csv"),
    ],
)
def test_a_mistake_ends_in_one_sentence(arguments, status, sentence, run):
    found, out, err = run(*arguments)
    assert found == status and sentence in err and err.count("\n") == 1 and not out


def test_a_readme_that_is_no_index_of_cards_is_never_written_over(run, tmp_path):
    (tmp_path / "README.md").write_text("# My project\n")
    status, _, err = run("card", "pixels", "-o", tmp_path)
    assert (
        status == 1 and "no index of model cards" in err and not (tmp_path / "pixels.md").exists()
    )
    assert (tmp_path / "README.md").read_text() == "# My project\n"


def test_two_files_of_one_model_do_not_share_a_card(tmp_path):
    packaged = folders.packaged() / "cornet_s_ct.safetensors"
    other = shutil.copy(packaged, tmp_path)
    with pytest.raises(WrongUsage, match="cornet_s_ct was asked for more than once"):
        cards([str(packaged), str(other)])
