"""A request to stop is honoured at every moment, and a command that was asked says so by its
status.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from brainscore_wiring import stopping
from brainscore_wiring.commands import main


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_request_is_raised_where_it_arrives_and_handlers_come_back(number):
    before = signal.getsignal(number)
    with pytest.raises(stopping.StopRequested), stopping.handled():
        signal.raise_signal(number)
        pytest.fail("the request was not raised")
    assert signal.getsignal(number) is before and not stopping.received()


def test_what_comes_when_the_work_is_done_does_not_change_the_status():
    """PyTorch takes a while to end, in which a scheduler may still send its warning."""
    code = (
        "import os, signal, atexit; from brainscore_wiring import stopping\n"
        "for number in stopping.SIGNALS: atexit.register(os.kill, os.getpid(), number)\n"
        "with stopping.handled(leaving=True): pass"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_has_begun_is_finished_first():
    done = []
    with pytest.raises(stopping.StopRequested), stopping.handled():
        with stopping.noted(), stopping.noted():
            signal.raise_signal(signal.SIGTERM)
            assert stopping.received() == signal.SIGTERM and stopping.status() == 75
            done.append("saved")
        done.append("not reached")
    assert done == ["saved"]


def test_a_request_that_code_swallows_is_made_again(monkeypatch):
    monkeypatch.setattr(stopping, "REMINDER", 0.05)
    with stopping.handled():
        with contextlib.suppress(BaseException):  # as a destructor's error is
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(stopping.StopRequested):
            time.sleep(2)
        stopping.answered()
        time.sleep(0.1)
        assert stopping.status() == 130


def test_a_module_is_imported_first_and_not_waited_for_without_end(tmp_path, monkeypatch):
    """A request that is raised while PyTorch's compiled code starts up aborts the process."""
    (tmp_path / "heavy.py").write_text(
        "import signal, time\nsignal.raise_signal(signal.SIGTERM)\ntime.sleep(0.2)\n"
    )
    (tmp_path / "endless.py").write_text((tmp_path / "heavy.py").read_text() + "time.sleep(60)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(stopping.StopRequested), stopping.handled():
        importlib.import_module("heavy")
        time.sleep(2)
    assert "heavy" in sys.modules
    monkeypatch.setattr(stopping, "IMPORT_PATIENCE", 0.1)
    with pytest.raises(stopping.StopRequested), stopping.handled():
        importlib.import_module("endless")
    assert "endless" not in sys.modules


def test_signals_of_one_request_are_one_and_later_ones_are_new(monkeypatch):
    with stopping.handled():
        with pytest.raises(stopping.StopRequested):
            signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGTERM)  # to the group, after the process
        monkeypatch.setattr(stopping, "ONE_REQUEST", 0)
        with pytest.raises(stopping.StopRequested):
            signal.raise_signal(signal.SIGTERM)


def test_nohup_is_respected_and_other_threads_are_left_alone():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping.handled():
            signal.raise_signal(signal.SIGHUP)
            assert not stopping.received()
    finally:
        signal.signal(signal.SIGHUP, before)
    seen = []

    def elsewhere() -> None:
        with stopping.handled():
            seen.append(stopping.received())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [0]


def test_a_child_that_inherits_the_handlers_dies_of_the_signal():
    with stopping.handled():
        child = os.fork()
        if not child:
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM


@pytest.mark.parametrize(
    "number, status",
    [(signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGHUP, 75)],
)
@pytest.mark.parametrize("turned_into", [None, ImportError("numpy failed to import")])
def test_every_command_leaves_with_the_status_of_the_request(
    monkeypatch, capsys, number, status, turned_into
):
    def load(*_args, **_more):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            if turned_into is not None:  # C code that imports makes another error of it
                raise turned_into from None
            raise

    monkeypatch.setattr("brainscore_wiring.checkpoints.resolve.resolve", load)
    with pytest.raises(SystemExit) as left:
        main(["show", "cornet_s"])
    assert left.value.code == status and capsys.readouterr().err.strip() == "brainscore: stopped."


@pytest.mark.parametrize("after", [0.15, 0.4, 0.8, 1.5])
def test_a_training_is_asked_to_stop_in_its_first_seconds(labelled_images, tmp_path, after):
    arguments = ["train", "mobilenet_wc_ct", "--data", str(labelled_images), "-o", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", "brainscore_wiring", *arguments],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _wait_for_handlers(process.pid)
        time.sleep(after)
        process.terminate()
        told = process.stderr.read()
    assert process.returncode == 75 and "brainscore: stopped" in told and "Traceback" not in told


def _wait_for_handlers(process: int) -> None:
    """Until the interpreter runs the command, which takes a moment on a loaded machine."""
    for _ in range(1000):
        with open(f"/proc/{process}/status", encoding="ascii") as file:
            caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)
    pytest.fail("no signal is handled")
