"""What the Tab key completes: names of models and benchmarks. Reads no network."""

from __future__ import annotations

from brainscore_wiring.catalogue import CATALOGUE


def models(incomplete: str) -> list[str]:
    """Models of the catalogue and of brainscore_vision that begin with what was typed.

    Those of brainscore_vision come with their first letter: there are hundreds.
    """
    return _beginning(incomplete, CATALOGUE, "models")


def benchmarks(incomplete: str) -> list[str]:
    """Benchmarks of this package, of the paper and of brainscore_vision that begin like this."""
    from brainscore_wiring.scoring.benchmarks import BENCHMARKS

    return _beginning(incomplete, BENCHMARKS, "benchmarks")


def catalogue(incomplete: str) -> list[str]:
    """Models of the catalogue alone."""
    return [name for name in CATALOGUE if name.startswith(incomplete)]


def _beginning(incomplete: str, ours, kind: str) -> list[str]:
    from brainscore_wiring.scoring.plugin_folders import STOCK, plugin_folders

    stock = plugin_folders(STOCK, kind) if incomplete else ()
    return [name for name in dict.fromkeys([*ours, *stock]) if name.startswith(incomplete)]
