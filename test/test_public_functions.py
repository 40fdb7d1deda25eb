"""The public functions: few, annotated, quick to import, and their examples run."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import brainscore_vision
import pytest
from fresh_process import run

import brainscore_wiring
from brainscore_wiring.errors import WrongUsage

PUBLIC = [
    getattr(brainscore_wiring, name) for name in brainscore_wiring.__all__ if name != "__version__"
]


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__name__)
def test_the_examples_of_a_public_function_run(function, monkeypatch):
    # what `enable` replaces
    monkeypatch.setattr(brainscore_vision, "import_plugin", brainscore_vision.import_plugin)
    examples = [
        test
        for test in doctest.DocTestFinder().find(function, globs=vars(brainscore_wiring).copy())
        if test.examples
    ]
    assert examples, f"{function.__name__} has no example"
    for example in examples:
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__name__)
def test_every_argument_and_result_of_a_public_function_is_annotated(function):
    signature = inspect.signature(function)
    annotations = [parameter.annotation for parameter in signature.parameters.values()]
    assert inspect.Signature.empty not in [*annotations, signature.return_annotation]


def test_the_page_of_the_functions_lists_each_as_its_docstring_begins():
    page = (Path(__file__).parents[1] / "docs/api.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `")]
    starts = {one.__name__: inspect.getdoc(one).partition("\n\n")[0] for one in PUBLIC}
    assert listed == [f"| `{name}` | {' '.join(said.split())} |" for name, said in starts.items()]


def test_an_unknown_hyper_parameter_is_refused_with_its_neighbour(tmp_path):
    with pytest.raises(WrongUsage, match="'image_sise': did you mean image_size?"):
        brainscore_wiring.train("mobilenet_wc_ct", "visual-atoms", tmp_path, image_sise=64)
    assert not list(tmp_path.iterdir())


def test_nothing_is_said_of_brain_scores_score_class_that_a_user_could_not_mend():
    done = run(
        "import brainscore_wiring, torch\n"
        "network = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3))\n"
        "print(brainscore_wiring.brain_model(network, {'V1': '0'}, labelled_images=0))"
    )
    assert (done.stdout[:23], done.stderr) == ("<WiringModel Sequential", "")


def test_what_pages_call_is_there_after_the_import_of_the_package():
    root = Path(__file__).parents[1]
    pages = [root / "README.md", *(root / "docs").glob("*.md")]
    calls = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"brainscore_wiring\.([\w.]+)\(", page.read_text(encoding="utf-8"))
    }
    assert len(calls) > 10
    assert {call for call in calls if call[1] not in brainscore_wiring.__all__} == set()
