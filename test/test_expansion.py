"""The expansion network: its first layer is fixed, its account is zero."""

import numpy as np
import torch

from brainscore_wiring.accounting import account_of_variant
from brainscore_wiring.architectures import architecture, build
from brainscore_wiring.catalogue import CATALOGUE
from brainscore_wiring.networks.curved_wavelets import CurvedWavelets, curved_wavelets
from brainscore_wiring.weight_compression.births import BIRTH_STATES


def test_nothing_is_stored_or_trained():
    row = CATALOGUE["expansion_kn"]
    account = account_of_variant(row)
    assert account.supervised_updates == account.supervised_synaptic_updates == 0
    assert row.at_birth and not BIRTH_STATES[row.birth].sampled


def test_it_widens_and_shrinks_as_the_authors_do():
    with torch.device("meta"):
        network = architecture("expansion").network()
        shapes, images = [], torch.empty(1, 3, 224, 224)
        for name, module in network.named_children():
            images = module(images) if name != "wavelets" else images.new_empty(1, 108, 222, 222)
            if name.startswith("pool"):
                shapes.append(tuple(images.shape[1:]))
    assert shapes == [(108, 111, 111), (100, 52, 52), (300, 24, 24), (500, 11, 11), (3000, 2, 2)]


def test_the_first_layer_has_no_parameter_and_is_not_sampled():
    assert not list(CurvedWavelets().parameters())
    assert {name.partition(".")[0] for name, _ in build("expansion").named_parameters()} == {
        "conv2",
        "conv3",
        "conv4",
        "conv5",
    }


def test_wavelets_have_no_mean_and_the_least_curved_is_a_grating_across_its_direction():
    filters = curved_wavelets()
    assert filters.shape == (36, 15, 15)
    assert np.abs(filters.mean(axis=(1, 2))).max() < 1e-6
    straight, bent = filters[0], filters[24]
    assert (straight[7] > 0).all() and straight[:, 7].min() < -0.05
    # only a curved stripe differs from its mirror image across the stripes
    asymmetry = [np.abs(one - one[::-1]).max() / np.abs(one).max() for one in (straight, bent)]
    assert asymmetry[0] < 0.3 < asymmetry[1]


def test_each_colour_is_filtered_alone():
    image = torch.zeros(1, 3, 31, 31)
    image[0, 1, 15, 15] = 1
    response = CurvedWavelets()(image)[0]
    assert response.shape == (108, 29, 29)
    assert [bool(part.any()) for part in response.split(36)] == [False, True, False]
