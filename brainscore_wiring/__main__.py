"""The `brainscore` command; torchrun starts it as a module: `torchrun ... -m brainscore_wiring`."""

from __future__ import annotations

import contextlib
import sys

from brainscore_wiring import stopping


def main() -> None:
    """Run the command line. A request to stop is answered from the first moment on."""
    with stopping.handled(leaving=True):
        try:
            from brainscore_wiring.commands import main as command

            command()
        except KeyboardInterrupt:  # while the commands were being imported
            with contextlib.suppress(OSError):
                print("brainscore: stopped.", file=sys.stderr)
            sys.exit(stopping.status())


if __name__ == "__main__":
    main()
