"""CORnet-S: names, numbers and arithmetic of the public reference."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from brainscore_wiring.architectures import build
from brainscore_wiring.errors import WrongUsage
from brainscore_wiring.networks.recording import record
from brainscore_wiring.weight_compression.birth import birth_state


@pytest.fixture(scope="module")
def network():
    network = build("cornet_s")
    network.load_state_dict(birth_state(network, seed=3))
    return network


def straightforward(network, images):
    """The published description of CORnet-S, step by step with functional calls on the state dict
    (evaluation mode).
    """
    weights = network.state_dict()

    def norm(x, name):
        return F.batch_norm(
            x,
            weights[f"{name}.running_mean"],
            weights[f"{name}.running_var"],
            weights[f"{name}.weight"],
            weights[f"{name}.bias"],
        )

    x = F.relu(norm(F.conv2d(images, weights["V1.conv1.weight"], stride=2, padding=3), "V1.norm1"))
    x = F.max_pool2d(x, 3, 2, 1)
    x = F.relu(norm(F.conv2d(x, weights["V1.conv2.weight"], padding=1), "V1.norm2"))
    for area, times in (("V2", 2), ("V4", 4), ("IT", 2)):
        x = F.conv2d(x, weights[f"{area}.conv_input.weight"])
        for t in range(times):
            if t == 0:
                skip = norm(
                    F.conv2d(x, weights[f"{area}.skip.weight"], stride=2), f"{area}.norm_skip"
                )
            else:
                skip = x
            x = F.relu(norm(F.conv2d(x, weights[f"{area}.conv1.weight"]), f"{area}.norm1_{t}"))
            x = F.conv2d(x, weights[f"{area}.conv2.weight"], stride=2 if t == 0 else 1, padding=1)
            x = F.relu(norm(x, f"{area}.norm2_{t}"))
            x = F.relu(
                norm(F.conv2d(x, weights[f"{area}.conv3.weight"]), f"{area}.norm3_{t}") + skip
            )
    return F.linear(
        x.mean((2, 3)), weights["decoder.linear.weight"], weights["decoder.linear.bias"]
    )


def test_has_the_parameters_and_entries_of_the_public_reference(network):
    assert sum(parameter.numel() for parameter in network.parameters()) == 53_416_616
    assert len(network.state_dict()) == 164


def test_computes_what_the_paper_it_comes_from_describes(network):
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(
            network(images), straightforward(network, images), rtol=1e-4, atol=1e-5
        )


def test_keeps_no_state_between_two_forward_passes(network):
    first, second = torch.randn(2, 1, 3, 64, 64, generator=torch.Generator().manual_seed(1)).unbind(
        0
    )
    with torch.inference_mode():
        alone = network(second)
        network(first)
        assert torch.equal(network(second), alone)


def test_records_every_recurrent_step_of_a_shared_module(network):
    outputs = record(
        network,
        torch.zeros(1, 3, 64, 64),
        ["V1.output", "V2.output", "V4.conv2", "V4.output", "IT.norm3_1"],
    )
    assert [len(outputs[name]) for name in outputs] == [1, 2, 4, 4, 1]


def test_what_is_recorded_is_what_flows_on(network):
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    outputs = record(network, images, ["IT.output", "decoder.avgpool"])
    torch.testing.assert_close(
        outputs["IT.output"][-1].mean((2, 3)), outputs["decoder.avgpool"][0].flatten(1)
    )


def test_computes_nothing_deeper_than_asked_for(network):
    called = []
    handles = [
        module.register_forward_hook(
            lambda module, _inputs, _output, name=name: called.append(name)
        )
        for name, module in network.named_modules()
        if name
    ]
    try:
        record(network, torch.zeros(1, 3, 64, 64), ["V1.output"])
    finally:
        for handle in handles:
            handle.remove()
    assert called and all(name.startswith("V1.") for name in called)


def test_an_unknown_layer_is_refused_with_the_nearest_name(network):
    with pytest.raises(WrongUsage, match="V4.output"):
        record(network, torch.zeros(1, 3, 64, 64), ["V4.outputs"])
