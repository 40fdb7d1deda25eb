"""Every row of the catalogue that learns does two updates on real images: what it states changes,
and nothing else.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import pytest
import torch
from image_folders import list_images

from brainscore_wiring import accounting
from brainscore_wiring.architectures import build, trained_parameters
from brainscore_wiring.catalogue import CATALOGUE, Variant, same_training
from brainscore_wiring.catalogue.training_recipe import Recipe
from brainscore_wiring.checkpoints.initial_weights import birth_of
from brainscore_wiring.training import loop, run_folder
from brainscore_wiring.training.processes import Processes
from brainscore_wiring.training.record import training_record
from brainscore_wiring.training.request import RunImages
from brainscore_wiring.weight_compression.birth import Birth

#: Small images and steps; everything else is the row's.
SMALL = dict(image_size=16, batch_size=6, schedule="constant")
GENTLE = {"sgd": 0.01, "adam": 1e-3, "adagrad": 1e-2}


def without_the_moment(row: Variant) -> tuple:
    """What rows share whose two updates here are the same: all but images, seed and the numbers
    that `SMALL` sets.
    """
    recipe = {
        name: value for name, value in row.recipe.items() if name in ("optimizer", "feedback")
    }
    return same_training(
        dataclasses.replace(row, images=0, seed=0, training_data="any", recipe=recipe)
    )


def trainings() -> list[Variant]:
    """One row for each different training, those of one birth side by side; all rows that learn are
    one of them.
    """
    rows: dict[tuple, Variant] = {}
    for row in CATALOGUE.values():
        if not (row.at_birth or row.by_others) and row.training_data == "any":
            rows.setdefault(without_the_moment(row), row)
    return sorted(
        rows.values(),
        key=lambda row: (row.architecture, row.birth, row.compressed, row.default_norms),
    )


@lru_cache(maxsize=1)
def at_birth(birth_key: tuple) -> tuple[Birth, dict[str, torch.Tensor]]:
    row = next(row for row in CATALOGUE.values() if _birth_key(row) == birth_key)
    birth = birth_of(row)
    return birth, birth.state()


def _birth_key(row: Variant) -> tuple:
    return row.architecture, row.birth, row.compressed, row.default_norms, row.mapping


@pytest.fixture(scope="module")
def images(labelled_images):
    return list_images(labelled_images / "train").subset(12, 0)


@pytest.mark.parametrize("row", trainings(), ids=lambda row: row.identifier)
def test_exactly_the_stated_parameters_change_and_the_account_matches(
    row, images, tmp_path, monkeypatch
):
    # what is saved, and the SHA-256 by which it is known again, have tests of their own
    monkeypatch.setattr(run_folder, "save", lambda *_: None)
    monkeypatch.setattr("brainscore_wiring.training.run.state_sha256", lambda state: "")
    birth, before = at_birth(_birth_key(row))
    network = build(row.architecture)
    network.load_state_dict(before)
    parameters = [name for name, _ in network.named_parameters()]
    learned = trained_parameters(row.trained, parameters, row.architecture)
    given = {**row.recipe, **SMALL}
    recipe = Recipe(**given | {"learning_rate": GENTLE[given.get("optimizer", "sgd")]})
    run = loop.Run(network, learned, images, recipe, [1], row.seed)
    processes = Processes(torch.device("cpu"))
    progress = loop.train_network(run, tmp_path, processes)
    assert progress.step == 2 and progress.images_shown == len(images) == 12

    after = network.state_dict()
    changed = [name for name in parameters if not torch.equal(after[name], before[name])]
    # a bias behind a rectifier that lets nothing through has no gradient, and weight decay leaves 0
    # at 0
    unmoved = [name for name in set(learned) - set(changed) if before[name].any()]
    assert set(changed) <= set(learned) and not unmoved
    assert all(
        not torch.equal(after[name], before[name]) for name in after if name.endswith("running_var")
    )

    record = training_record(
        row,
        birth,
        run,
        progress,
        processes,
        RunImages(images, images, None, balanced=False, damaged=()),
        last=True,
        statistics=12,
        held_out=None,
        continues=None,
        seconds=0,
    )
    synapses = accounting.trained_synapses(row)
    assert (
        record.trained_parameters == synapses.true == sum(before[name].numel() for name in learned)
    )
    account = record.account
    assert account.supervised_updates == 12
    assert account.supervised_synaptic_updates == 12 * synapses.paper


def test_every_row_that_learns_is_one_of_these_or_was_trained_by_others():
    tested = {without_the_moment(row) for row in trainings()}
    for row in CATALOGUE.values():
        if not row.at_birth:
            assert row.by_others or without_the_moment(row) in tested


def test_what_figure_6_and_the_continued_training_need_is_there():
    names = (
        "cornet_s_adam",
        "cornet_s_adagrad",
        "cornet_s_schedule_alternative",
        "cornet_s_wc_ct_continued_full",
        "cornet_s_wc_ct_skip_feedback",
    )
    assert {without_the_moment(CATALOGUE[name]) for name in names} <= {
        without_the_moment(row) for row in trainings()
    }
