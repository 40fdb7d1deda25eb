"""What damaged and hostile input, kills and requests to stop do: a table of counts.

    python speed/kills.py [--trials 20] [--kills 2] [--only KIND ...]

Each trial ends in one of four ways. *Silent*: something else than from sound input came out, or
another exit status than is promised, and nothing was said. *Traceback*. *One sentence*: it was
refused in one, or read as a file of version 0.1, which is said to carry no checksum. *Right
result*: what sound input, or a command that was not killed, gives.

Damaged files: a bit flipped, cut off, a block of zeros, bytes appended, or nothing left. Servers:
answers that are none. Killed: a command at toy size ends by SIGKILL at a random instant of its
processor time, so that a busy machine changes nothing, and the same command is given again; its
files are compared with those of one that was not killed. Asked to stop: SIGTERM, SIGINT, SIGUSR1
or SIGHUP at a random instant of a training or a sweep; its exit status is compared with what is
promised.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import logging
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "test"))

import numpy as np
import torch
from answering import answering
from brainscore_core.metrics import Score
from PIL import Image
from safetensors import safe_open

from brainscore_wiring import checksums, folders, public_files, saved
from brainscore_wiring.checkpoints.record_file import read_training_record
from brainscore_wiring.checkpoints.state_dicts import read_state_dict
from brainscore_wiring.checkpoints.wiring_checkpoint import read_checkpoint
from brainscore_wiring.commands import main as command_line
from brainscore_wiring.downloads import download
from brainscore_wiring.errors import WiringError
from brainscore_wiring.paper.frontier.columns import MEASURED
from brainscore_wiring.paper.frontier.scores_file import ScoresFile
from brainscore_wiring.paper.learning.sweep_points import read_sweep
from brainscore_wiring.paper.report.runs import read_runs
from brainscore_wiring.public_files import PublicFile
from brainscore_wiring.scoring import kept_scores
from brainscore_wiring.scoring.table import RESULT_COLUMNS, read_results
from brainscore_wiring.stopping import INTERRUPTED, SIGNALS, TRY_AGAIN
from brainscore_wiring.tables import csv_text, read_rows
from brainscore_wiring.training.data.damage import SKIP, without_damaged
from brainscore_wiring.training.data.listing import training_and_held_out
from brainscore_wiring.training.job import Job
from brainscore_wiring.training.run_folder import CHECKPOINT, IMAGES_FILE, STATE_FILE
from brainscore_wiring.training.sweep import read_grid, row_of, write_table
from brainscore_wiring.weight_compression.birth import state_sha256
from brainscore_wiring.weight_compression.genome import Genome

ROOT = Path(__file__).parents[1]
SILENT, TRACEBACK, SENTENCE, RIGHT = "silent", "traceback", "one sentence", "right result"
OUTCOMES = (SILENT, TRACEBACK, SENTENCE, RIGHT)
TOY = ("--size", "40", "--batch-size", "8", "--precision", "fp32", "--schedule", "constant")
EVERY_LAYER = ("stem", *(f"block{number}" for number in range(1, 14)), "classifier")
#: Entries of records and tables that say when and how fast, and the checksum of all.
CLOCKS = ("wall_seconds", "seconds_waiting_for_images", "finished", "seconds", "minutes", "sha256")


#: Beginnings of the kinds that were asked for.
ONLY: list[str] = []


def asked_for(kind: str) -> bool:
    return kind.startswith(tuple(ONLY))


def judged(work: Callable[[], Any], expected: Any) -> str:
    """How reading something ended."""
    with warnings_said() as said:
        try:
            found = work()
        except WiringError as error:
            return SENTENCE if "\n" not in str(error) else TRACEBACK
        except Exception:
            return TRACEBACK
    return RIGHT if found == expected else SENTENCE if said else SILENT


@contextlib.contextmanager
def warnings_said() -> Iterator[list[str]]:
    """What the package's reading of files says meanwhile."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logger = logging.getLogger(checksums.__name__)
    checksums.say_once.cache_clear()
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = True


# ---------------------------------------------------------------------------------- damaged files


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A file's content after one of five kinds of damage."""
    place = chance.randrange(len(content))
    changed = bytearray(content)
    changed[place] ^= 1 << chance.randrange(8)
    zeros = content[:place] + bytes(min(64, len(content) - place)) + content[place + 64 :]
    return chance.choice([bytes(changed), content[:place], zeros, content + b"\0" * 9, b""])


def images_in(path: Path) -> Any:
    """What a training would see of a folder or archive."""
    training, _ = training_and_held_out(path)
    _, left_out = without_damaged(training, SKIP)
    if left_out:
        raise WiringError(f"{left_out[0]} is damaged")
    return [training.picture(number).tobytes() for number in range(len(training))]


def readers(work: Path, run: Path) -> dict[str, tuple[Path, Callable[[Path], Any]]]:
    """Kind of file -> a sound one and what reads one of its name that lies in a folder alone."""
    made = work / "made"
    made.mkdir()
    model = run / "model.safetensors"
    torch.save({"state_dict": read_checkpoint(model).state}, made / "weights.pth")
    (made / "grid.toml").write_text(GRID)
    shutil.make_archive(str(made / "images"), "tar", work / "images")
    genome, table = folders.packaged() / "cornet_s.genome.json", ROOT / "docs" / "scores.csv"
    (made / genome.name).write_text(Genome.read(genome).to_json())
    record = read_training_record(model)
    (made / "record.json").write_text(json.dumps(record.to_json()))
    (made / table.name).write_text(csv_text(RESULT_COLUMNS, read_rows(table, ())))
    write_table(made, [row_of(Job(record.variant, None, (3,), 0), Path("run", model.name), record)])
    saved.write(saved.CEILINGS, "key", ceiling := kept_scores.as_json(Score(0.7)))
    (made / "published").write_bytes(PUBLISHED)
    published = PublicFile("published", "", hashlib.sha256(PUBLISHED).hexdigest(), None, "")
    public_files.register_group("kills", published)
    images_in(work / "images")
    image_list, damaged_images, kept_ceiling = (
        max((folders.cache() / kind).iterdir(), key=lambda path: path.stat().st_mtime)
        for kind in (saved.LISTS, saved.DAMAGED, saved.CEILINGS)
    )

    def swept(path: Path) -> Any:
        (path.parent / "run").symlink_to(run)
        return read_sweep(path.parent).points

    def fetched(path: Path) -> Any:
        os.environ[public_files.FOLDER_VARIABLE] = str(path.parent)
        return public_files.locate("published").read_bytes()

    def found(path: Path) -> Any:
        """What is found in the images with another kept finding."""
        shutil.copy(path, image_list if path.name == image_list.name else damaged_images)
        return images_in(work / "images")

    def ceiling_in(path: Path) -> Any:
        shutil.copy(path, kept_ceiling)
        return saved.read(saved.CEILINGS, "key") or ceiling  # made again

    return {
        "wiring checkpoint": (model, lambda path: state_sha256(read_checkpoint(path).state)),
        "PyTorch checkpoint": (
            made / "weights.pth",
            lambda path: state_sha256(read_state_dict(path, "mobilenet_v1")),
        ),
        "genome": (genome, lambda path: Genome.read(path).sha256()),
        "genome of version 0.1": (made / genome.name, lambda path: Genome.read(path).sha256()),
        "training record": (
            run / "record.json",
            lambda path: read_training_record(path.with_name(model.name)),
        ),
        "training record of version 0.1": (
            made / "record.json",
            lambda path: read_training_record(path.with_name(model.name)),
        ),
        "log of a training": (run / "log.csv", lambda path: read_runs([path.parent])[0].losses),
        "grid of a sweep": (made / "grid.toml", lambda path: read_grid(str(path))),
        "table of a sweep": (made / "sweep.csv", swept),
        "result table": (table, read_results),
        "result table of version 0.1": (made / table.name, read_results),
        "table of the frontier": (
            ROOT / "docs" / "frontier" / "scores.csv",
            lambda path: ScoresFile(path.parent, MEASURED).read(),
        ),
        "image (PNG)": (
            next((work / "images").rglob("*.png")),
            lambda path: images_in(path.parent.parent),
        ),
        "archive (tar)": (made / "images.tar", images_in),
        "public file": (made / "published", fetched),
        "kept list of images": (image_list, found),
        "kept list of damaged images": (damaged_images, found),
        "kept ceiling": (kept_ceiling, ceiling_in),
    }


def damage(work: Path, run: Path, trials: int) -> Iterator[tuple[str, Counter]]:
    for kind, (sound, read) in readers(work, run).items():
        if not asked_for(f"damaged {kind}"):
            continue
        chance, outcomes, content = random.Random(kind), Counter(), sound.read_bytes()
        with alone(work, sound.name, content) as path:
            expected = read(path)
        for _ in range(trials):
            with alone(work, sound.name, damaged(content, chance)) as path:
                outcomes[judged(lambda: read(path), expected)] += 1
        yield f"damaged {kind}", outcomes


@contextlib.contextmanager
def alone(work: Path, name: str, content: bytes) -> Iterator[Path]:
    """A file in a folder that is alone in a folder."""
    folder = Path(tempfile.mkdtemp(dir=work))
    path = folder / "it" / name
    path.parent.mkdir()
    path.write_bytes(content)
    yield path
    shutil.rmtree(folder)


def damaged_runs(work: Path, run: Path, trials: int) -> Iterator[tuple[str, Counter]]:
    """A damaged file of a run, which the same command should go on from or write again."""

    def left(folder: Path) -> dict[str, Any]:
        # the list of images stays as it is: it matters where images are lost meanwhile
        return {name: found for name, found in content(folder).items() if name != IMAGES_FILE}

    expected = left(run)
    for kind, name, finished in (
        ("saved state", STATE_FILE, False),
        ("list of a run's images", IMAGES_FILE, False),
        ("record beside its checkpoint", "record.json", True),
    ):
        if not asked_for(f"damaged {kind}"):
            continue
        chance, outcomes = random.Random(kind), Counter()
        for number in range(trials):
            folder = work / f"{kind} {number}"
            shutil.copytree(run, folder)
            if not finished:
                (folder / CHECKPOINT).unlink()
            (folder / name).write_bytes(damaged((folder / name).read_bytes(), chance))
            skip = ("--damaged", "skip") if name == IMAGES_FILE else ()
            status, said = in_process(["train", *CRITICAL(work), *skip, "-o", str(folder)])
            outcomes[ended(status, said, lambda: left(folder), expected)] += 1
            shutil.rmtree(folder)
        yield f"damaged {kind}", outcomes


# ---------------------------------------------------------------------------------------- servers

PUBLISHED = hashlib.shake_128(b"a published file").digest(200_000)
OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = [
    b"",
    b"SSH-2.0-OpenSSH\r\n",
    b"HTTP/1.1 abc\r\n\r\n",
    b"HTTP/1.1 500 Broken\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: ftp://nowhere/x\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n",
    b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 9-/3\r\n\r\n" + PUBLISHED[9:],
    OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
    OK + b"Content-Encoding: gzip\r\n\r\nnone",
    OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    OK + b"Content-Length: abc\r\n\r\n" + PUBLISHED,
    OK + b"Content-Length: -5\r\n\r\n" + PUBLISHED,
    OK + b"Content-Length: 10\r\n\r\n" + PUBLISHED,
    OK + b"Content-Length: 900000\r\n\r\n" + PUBLISHED,
    OK + b"\r\n" + PUBLISHED[:1000],
    OK + b"\r\n" + PUBLISHED[::-1],
    OK + b"\r\n" + PUBLISHED * 2,
    OK + b"\r\n" + PUBLISHED,
]


def servers(work: Path, *_: Any) -> Iterator[tuple[str, Counter]]:
    if not asked_for("answers of servers"):
        return
    outcomes, sha256 = Counter(), hashlib.sha256(PUBLISHED).hexdigest()
    for number, (answer, scheme) in enumerate(
        [*((one, "http") for one in ANSWERS), (b"x", "https")]
    ):
        path = work / "files" / str(number)
        with answering(answer) as address:
            outcomes[
                judged(
                    lambda: (
                        download(
                            f"{scheme}://{address}/f",
                            path,
                            sha256,
                            size=len(PUBLISHED),
                            advice="x",
                        )
                        and path.read_bytes()
                    ),
                    PUBLISHED,
                )
            ] += 1
    yield "answers of servers", outcomes


# --------------------------------------------------------------------------------------- commands

GRID = """
models = ["mobilenet_wc_ct"]
images = [8]
epochs = [1, 2]
seeds = [0, 1]

[train]
size = 40
batch-size = 8
schedule = "constant"
"""


def CRITICAL(work: Path) -> list[str]:
    return ["mobilenet_wc_ct", "--data", str(work / "images"), "--epochs", "1,3", *TOY]


def in_process(arguments: list[str]) -> tuple[int | None, str]:
    """Exit status (None: a traceback) and what was said."""
    import io

    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            command_line(arguments)
        except SystemExit as left:
            return int(left.code or 0), said.getvalue()
        except Exception:
            return None, said.getvalue()
    return 0, said.getvalue()


def ended(status: int | None, said: str, found: Callable[[], Any], expected: Any) -> str:
    """How a command ended that should have left `expected`."""
    if status is None or "Traceback" in said:
        return TRACEBACK
    if status:
        return SENTENCE if said.rpartition("brainscore: ")[1] else SILENT
    return RIGHT if found() == expected else SILENT


def content(folder: Path) -> dict[str, Any]:
    """What a command has left, without clocks and the records of what was printed."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix == ".safetensors":
            with safe_open(path, "pt") as file:
                found[name] = {
                    key: hashlib.sha256(file.get_tensor(key).numpy().tobytes()).hexdigest()
                    for key in file.keys()
                }
        elif path.suffix == ".json":
            entries = json.loads(path.read_text())
            found[name] = {key: entries[key] for key in entries if key not in CLOCKS}
        elif path.suffix == ".csv":
            table = [line.split(",") for line in path.read_text().splitlines()]
            kept = [number for number, column in enumerate(table[0]) if column not in CLOCKS]
            rows = [[row[number] for number in kept if number < len(row)] for row in table]
            found[name] = sorted(rows)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found[name] = {entry: archive.read(entry) for entry in archive.namelist()}
        elif path.suffix not in (".txt", ".svg", ".md"):
            found[name] = path.read_bytes()
    return found


@dataclass
class Command:
    """A command at toy size that writes below a folder of its own."""

    kind: str
    arguments: Callable[[Path], list[str]]

    def start(self, folder: Path) -> subprocess.Popen:
        folder.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "brainscore_wiring", *self.arguments(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def run(self, folder: Path) -> tuple[int, str]:
        process = self.start(folder)
        _, said = process.communicate()
        return process.returncode, said


def commands(work: Path, run: Path) -> list[Command]:
    images, model = str(work / "images"), str(run / "model.safetensors")
    (work / "sweep.toml").write_text(GRID)
    return [
        Command("train, critical", lambda at: ["train", *CRITICAL(work), "-o", str(at)]),
        Command(
            "train, full",
            lambda at: [
                *("train", "mobilenet_random", "--trainable", *EVERY_LAYER, "--data", images),
                *("--epochs", "1,2", *TOY, "-o", str(at)),
            ],
        ),
        Command(
            "sweep",
            lambda at: ["sweep", str(work / "sweep.toml"), "--data", images, "-o", str(at)],
        ),
        Command(
            "score --csv",
            lambda at: [
                *("score", "--model", model, "--model", "mobilenet_random", "--model", "pixels"),
                *("--benchmark", "Kriegeskorte2008.IT-rdm", "--csv", str(at / "scores.csv")),
            ],
        ),
        Command(
            "frontier",
            lambda at: ["frontier", "--state", "cornet_s_kn", "--seeds", "1", "-o", str(at)],
        ),
        Command("export", lambda at: ["export", "mobilenet_random", "-o", str(at / "s.zip")]),
        Command(
            "compress",
            lambda at: [
                *("compress", str(folders.packaged() / "cornet_s_ct.safetensors")),
                *("--as", "derivative_bank", "-o", str(at / "cornet_s.genome.json")),
            ],
        ),
    ]


def runs_here(command: Command, folder: Path) -> bool:
    """Whether a command ends well undisturbed; one that does not (for want of data) is named."""
    status, said = command.run(folder)
    if status:
        print(f"{command.kind} is left out: {said.strip().splitlines()[-1]}", file=sys.stderr)
    return not status


def kills(work: Path, run: Path, trials: int) -> Iterator[tuple[str, Counter]]:
    for command in commands(work, run):
        if not asked_for(f"killed {command.kind}"):
            continue
        spent = processor_seconds_of_children()
        if not runs_here(command, work / command.kind / "whole"):
            continue
        seconds = processor_seconds_of_children() - spent
        expected, outcomes = content(work / command.kind / "whole"), Counter()
        chance = random.Random(command.kind)
        number = 0
        while outcomes.total() < trials:
            folder, number = work / command.kind / str(number), number + 1
            process = command.start(folder)
            instant = chance.uniform(0.2, 1) * seconds
            while process.poll() is None and processor_seconds(process.pid) < instant:
                time.sleep(0.02)
            process.kill()
            process.communicate()
            if process.returncode != -signal.SIGKILL:  # it had ended: no kill
                continue
            status, said = command.run(folder)
            outcomes[ended(status, said, lambda: content(folder), expected)] += 1
        yield f"killed {command.kind}", outcomes


def processor_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processor_seconds(process: int) -> float:
    """What a process and all below it have used: its progress, however busy the machine is."""
    ticks, below = Counter(), {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            _, _, facts = status.read_text().rpartition(") ")
            number, cells = int(status.parent.name), facts.split()
            below.setdefault(int(cells[1]), []).append(number)
            ticks[number] = sum(map(int, cells[11:15]))  # its own, and of children that ended
    found = [process]
    for one in found:
        found += below.get(one, [])
    return sum(ticks[one] for one in found) / os.sysconf("SC_CLK_TCK")


def requests(work: Path, run: Path, trials: int) -> Iterator[tuple[str, Counter]]:
    for command in commands(work, run)[:5]:
        if not asked_for(f"asked to stop: {command.kind}"):
            continue
        started = time.monotonic()
        if not runs_here(command, work / "asked" / command.kind / "whole"):
            continue
        seconds, outcomes = time.monotonic() - started, Counter()
        chance = random.Random(command.kind)
        for number in range(trials):
            process = command.start(work / "asked" / command.kind / str(number))
            wait_for_the_interpreter(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 1) * seconds)
            sent = chance.choice(SIGNALS)
            process.send_signal(sent)
            _, said = process.communicate()
            promised = INTERRUPTED if sent == signal.SIGINT else TRY_AGAIN
            right = process.returncode in (0, promised)  # 0: it was done already
            outcomes[TRACEBACK if "Traceback" in said else RIGHT if right else SILENT] += 1
        yield f"asked to stop: {command.kind}", outcomes


def wait_for_the_interpreter(process: int) -> None:
    """Until a process has a handler for SIGTERM, or has ended."""
    for _ in range(3000):
        with open(f"/proc/{process}/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        if "SigCgt" not in lines or int(lines["SigCgt"], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)


# ------------------------------------------------------------------------------------------- main


def make_images(folder: Path) -> None:
    """24 pictures of noise in 3 classes, and 6 held-out ones."""
    generator = np.random.default_rng(0)
    for number in range(30):
        place = folder / ("train" if number < 24 else "val") / f"class {number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(256, size=(44, 44, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20, help="damaged files of each kind")
    parser.add_argument("--kills", type=int, default=2, help="kills and signals of each command")
    parser.add_argument("--only", nargs="*", default=[""], help="kinds by their beginnings")
    given = parser.parse_args()
    torch.set_num_threads(1)
    ONLY.extend(given.only)
    print("| kind | trials | silent | traceback | one sentence | right result |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # nothing of the user's is read or written
        os.environ.update(BRAINSCORE_WIRING_HOME=str(work / "home"), OMP_NUM_THREADS="1")
        make_images(work / "images")
        run = work / "run"
        assert in_process(["train", *CRITICAL(work), "-o", str(run)])[0] == 0
        for trial, trials in (
            (damage, given.trials),
            (damaged_runs, max(1, given.trials // 4)),
            (servers, 1),
            (kills, given.kills),
            (requests, given.kills),
        ):
            for kind, outcomes in trial(work, run, trials):
                counts = " | ".join(str(outcomes[one]) for one in OUTCOMES)
                print(f"| {kind} | {outcomes.total()} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
