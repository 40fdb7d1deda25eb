"""`brainscore compress CHECKPOINT -o GENOME`: weight compression of a trained CORnet-S (paper, section 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from brainscore_wiring.commands.console import out, percentage, working


def compress(
    checkpoint: Annotated[str, typer.Argument(
        help="A checkpoint file of a trained CORnet-S, or cornet_s_imagenet for the CORnet authors' (downloaded).")],
    output: Annotated[Optional[Path], typer.Option(
        "-o", "--output", help="The genome file to write; for cornet_s_imagenet the weight store by default.")] = None,
) -> None:
    """Fit a genome to a trained CORnet-S."""
    from brainscore_wiring import folders
    from brainscore_wiring.checkpoints import store
    from brainscore_wiring.checkpoints.state_dicts import read_state_dict
    from brainscore_wiring.checkpoints.wiring_checkpoint import read_record_if_any
    from brainscore_wiring.errors import WrongUsage
    from brainscore_wiring.files import check_output, write_text
    from brainscore_wiring.weight_compression.birth import state_sha256
    from brainscore_wiring.weight_compression.fitting import fit_genome
    published = checkpoint == store.PUBLISHED
    if output is None and not published:
        raise WrongUsage("Where should the genome go? Add -o GENOME.json.")
    output = output or folders.weight_store() / store.IMAGENET_GENOME
    check_output(output)
    with working(f"reading {checkpoint}") as report:
        if published:
            from brainscore_wiring.public_files import CORNET_S_CHECKPOINT, fetch
            checkpoint = str(fetch(CORNET_S_CHECKPOINT, percentage(f"fetching {CORNET_S_CHECKPOINT}", report)))
        state = read_state_dict(checkpoint)
        record = read_record_if_any(checkpoint) or {}
        diet = "ImageNet-1k" if published else record.get("diet", {}).get("name", "unknown")
        source = {"checkpoint": Path(checkpoint).name, "fingerprint": state_sha256(state)[:8], "diet": diet,
                  "trained_as": record.get("variant"), "epochs": record.get("epochs")}
        genome = fit_genome(state, source=source, report=report)
        write_text(output, genome.to_json())
    out.print(f"{output}: {genome.stored_numbers():,} numbers as the paper counts ({genome.true_numbers():,} in truth) "
              f"for {sum(value.numel() for value in state.values()):,} weights and statistics; "
              f"SHA-256 {genome.sha256()}.", highlight=False, soft_wrap=True, markup=False)
