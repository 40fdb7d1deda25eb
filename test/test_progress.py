"""Progress: sentences for who asks for them, bars for people who look, nothing twice."""

from __future__ import annotations

import io
import sys
from collections import OrderedDict

import pytest
from PIL import Image
from torch import nn

from brainscore_wiring import progress
from brainscore_wiring.architectures import Preprocessing
from brainscore_wiring.brain.extraction import ActivationsModel
from brainscore_wiring.progress import counting, reported, silent


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def watch(monkeypatch):
    """Puts a terminal in the place of standard error."""

    def put():
        monkeypatch.setattr(sys, "stderr", Terminal())
        return sys.stderr

    return put


def test_a_sentence_for_every_tenth_with_the_time_that_is_left(monkeypatch):
    seconds = iter([0.0, *(float(n) for n in range(1, 100))])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    said = []
    with reported(said.append, "pixels on V1"), counting("gratings", 1_000) as advance:
        for _ in range(100):
            advance(10)
    assert len(said) == 10 and said[0] == "pixels on V1: 100 of 1,000 images, 9 s left"
    assert said[-1] == "pixels on V1: 1,000 of 1,000 images"


def test_work_inside_counted_work_is_not_counted_again(watch):
    said, terminal = [], watch()
    with reported(said.append, "model"), counting("outer", 2) as outer:
        with counting("inner", 1) as inner:
            inner(1)
        assert said == []
        outer(2)
    assert said == ["model: 2 of 2 images"] and terminal.getvalue() == ""


def test_a_terminal_has_a_bar_and_a_file_nothing(watch, monkeypatch):
    terminal = watch()
    with reported(silent, "model"), counting("V1 gratings", 4) as advance:
        advance(4)
    assert "V1 gratings: 100%" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    with counting("V1 gratings", 4) as advance:
        advance(4)
    assert sys.stderr.getvalue() == ""


def test_a_notebook_has_a_bar_though_it_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    with counting("92 objects", 4) as advance:
        advance(4)
    assert "92 objects: 100%" in sys.stderr.getvalue()


def test_a_recording_says_how_many_images_a_network_has_seen(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(10)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
    network = nn.Sequential(OrderedDict(logits=nn.Conv2d(3, 2, 8)))
    model = ActivationsModel("small@0", network, "logits", Preprocessing(image_size=8))
    said = []
    with reported(said.append, "small on ten images"):
        model([str(path) for path in paths], ["logits"])
    assert said[-1] == "small on ten images: 10 of 10 images" and "8 of 10" in said[0]
