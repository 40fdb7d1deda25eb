"""The training record: one class for what runs write, importers state and files hold; nothing is
lost in between.
"""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from test_accounting import RECORD

from brainscore_wiring import folders
from brainscore_wiring.catalogue import variant
from brainscore_wiring.checkpoints.header import read_record
from brainscore_wiring.checkpoints.training_record import IMAGENET, HeldOut, TrainingRecord
from brainscore_wiring.errors import WiringError

DOCS = Path(__file__).parents[1] / "docs" / "records"


def entries(name: str) -> dict:
    path = WRITTEN[name]
    return json.loads(path.read_text()) if path.suffix == ".json" else read_record(path)


WRITTEN = {
    path.name: path
    for path in [*sorted(folders.packaged().glob("*.safetensors")), *sorted(DOCS.glob("*.json"))]
}
#: Records of version 0.1 state no version.
EARLIER = [name for name in WRITTEN if "version" not in entries(name)]


def test_records_of_today_state_their_version():
    later = [entries(name) for name in WRITTEN if name not in EARLIER]
    assert later and EARLIER
    for record in later:
        record.pop("sha256", None)  # of the tensors beside it in a file
        assert json.loads(json.dumps(TrainingRecord.from_json(record).to_json())) == record


@pytest.mark.parametrize("name", EARLIER)
def test_a_record_of_an_earlier_version_is_read_and_written_again_without_loss(name):
    before = entries(name)
    after = json.loads(json.dumps(TrainingRecord.from_json(before).to_json()))
    assert after["version"] == 1
    assert {entry: after[entry] for entry in before if before[entry]} == {
        entry: value for entry, value in before.items() if value
    }
    assert TrainingRecord.from_json(after).to_json() == TrainingRecord.from_json(before).to_json()


def test_a_training_that_continues_another_one_keeps_its_record_and_counts_both():
    first = TrainingRecord.from_json(RECORD)
    both = TrainingRecord.from_json(RECORD | {"continues": RECORD | {"fingerprint": "6ec9c2b0"}})
    assert (
        both.continues.fingerprint == "6ec9c2b0"
        and both.to_json()["continues"]["variant"] == first.variant
    )
    assert both.account.supervised_updates == 2 * first.account.supervised_updates


@pytest.mark.parametrize(
    "asked, written", [((1.0, 3.0), [1.0, 3.0]), ((), None), (None, "absent")], ids=str
)
def test_a_run_until_convergence_is_told_from_a_model_along_the_way(asked, written):
    record = TrainingRecord.from_json(RECORD | ({} if asked is None else {"epochs_asked": written}))
    assert (
        record.epochs_asked == asked and record.to_json().get("epochs_asked", "absent") == written
    )


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"version": 2}, "version 2, this package reads version 1"),
        ({"held_out": 0.5}, "'held_out' is 0.5"),
        ({"held_out": {"images": 3}}, "'held_out' is not whole"),
        ({"genome_source": ["CIFAR-10"]}, "'genome_source'"),
        ({"loss": 3}, "'loss' is 3"),
        ({"continues": {"variant": "cornet_s"}}, "has no entry"),
    ],
    ids=str,
)
def test_a_damaged_part_is_refused_in_one_sentence(change, sentence):
    with pytest.raises(WiringError, match=sentence) as refused:
        TrainingRecord.from_json(RECORD | change)
    assert "\n" not in str(refused.value)


def test_no_record_is_stated_for_a_genome_of_uncounted_numbers():
    with pytest.raises(
        WiringError, match="genome that cornet_s_wc_published is initialised from are not"
    ):
        TrainingRecord.stated(variant("cornet_s_wc_published"), "ImageNet-1k")


def test_a_record_is_stated_for_the_papers_weights_and_no_others():
    [imagenet, other] = [
        TrainingRecord.stated(variant(name), "ImageNet-1k")
        for name in ("cornet_s_wc_ct_imagenet", "cornet_s_wc_ct")
    ]
    assert (imagenet.data.image_size, other.data.image_size) == (224, None)
    assert (imagenet.genome.training_data, other.genome.training_data) == (IMAGENET, "unknown")
    assert TrainingRecord.stated(variant("cornet_s_imagenet"), "ImageNet-1k").genome is None


def test_a_record_cannot_be_changed_and_says_what_it_is():
    record = TrainingRecord.stated(
        variant("cornet_s_wc_ct"), "ImageNet-1k", held_out=HeldOut(50_000, 0.5)
    )
    with pytest.raises(FrozenInstanceError):
        record.epochs = 1
    assert "38 epochs of 1,280,000 ImageNet-1k images" in repr(record)
