"""Makes the tables and pictures of docs/development.md: `python docs/development.py`.

`python docs/development.py train IMAGES FOLDER` trains the grids and scores every moment; the same
command goes on after a stop and skips what is scored. With `--discard` weights of more than 50 MB
are removed once they are scored.
"""

import sys
from pathlib import Path

from brainscore_wiring.errors import Stopped, WiringError
from brainscore_wiring.paper.development.page import GRIDS, write_development

if __name__ == "__main__":
    docs = Path(__file__).parent
    if sys.argv[1:2] == ["train"]:
        from brainscore_wiring.commands.sweep import training_of_job
        from brainscore_wiring.paper.development.trainings import train_and_score

        images, folder, *discard = sys.argv[2:]
        grids = [docs / "development" / grid for grid in GRIDS]
        table = docs / "development" / "scores.csv"
        try:
            train_and_score(
                grids, images, Path(folder), table, training_of_job, print, bool(discard)
            )
        except Stopped as stopped:
            print(stopped)
            sys.exit(stopped.status)
        except WiringError as error:
            sys.exit(str(error))
    write_development(docs)
