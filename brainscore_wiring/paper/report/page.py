"""Pages from templates: everything in one file, every text escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from brainscore_wiring import __version__
from brainscore_wiring.downloads import digest


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("brainscore_wiring.paper.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    environment.filters["sentence"] = _sentence
    return environment


def _sentence(text: str) -> Markup:
    """A sentence whose commands, in backticks, are set as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def _breakable(name: str) -> Markup:
    """A long identifier that may be broken behind its dots, dashes and underscores."""
    return Markup(re.sub(r"([._-])", r"\1<wbr>", str(escape(name))))


def rendered(template: str, **facts: Any) -> str:
    """A page; raises for a fact that the template needs and is not given."""
    return _templates().get_template(template).render(version=__version__, **facts)


def stated(paths: list[Path]) -> str:
    """One sentence on result tables: their names and the beginning of their SHA-256."""
    return f"Made from {', '.join(f'{path.name} (SHA-256 {digest(path)[:16]})' for path in paths)}."
