"""Pages from templates, HTML with every text escaped, and pages whose generated parts lie between
marks.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup, escape

from brainscore_wiring import __version__
from brainscore_wiring.downloads import digest
from brainscore_wiring.files import write_text
from brainscore_wiring.formatting import count


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("brainscore_wiring.paper"),
        autoescape=select_autoescape(["html.j2"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    # {{ number | form(",.1f") }}: as f-strings have it
    environment.filters |= {
        "breakable": _breakable,
        "sentence": _sentence,
        "form": format,
        "in_words": count,
    }
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


def sentence(template: str, **facts: Any) -> str:
    """A text that is a template itself."""
    return _compiled(template).render(**facts)


@cache
def _compiled(template: str) -> Template:
    return _templates().from_string(template)


def markdown(template: str, **facts: Any) -> str:
    """A page in Markdown, ended by one newline."""
    return rendered(template, **facts).rstrip() + "\n"


def stated(paths: list[Path]) -> str:
    """One sentence on result tables: their names and the beginning of their SHA-256."""
    return f"Made from {', '.join(f'{path.name} (SHA-256 {digest(path)[:16]})' for path in paths)}."


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[Any]], sides: str) -> str:
    """A Markdown table; `sides`: for each column l (to the left) or r (numbers, to the right)."""
    marks = {"l": "---|", "r": "---:|"}
    lines = [
        "|" + "".join(f" {head} |" if head else " |" for head in heads),
        "|" + "".join(marks[side] for side in sides),
        *(f"| {' | '.join(map(str, row))} |" for row in rows),
    ]
    return "\n".join(lines)


def mean_and_spread(values: Sequence[float]) -> str:
    """The mean over seeds, and the standard deviation where there are several."""
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.3f}{spread}"


def filled(text: str, parts: Mapping[str, str]) -> str:
    """A page's text with each part between `<!-- name -->` and `<!-- end of name -->`."""
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        text = f"{text[: text.index(begin)]}{begin}\n{part}\n{text[text.index(end) :]}"
    return text


def fill(page: Path, parts: Mapping[str, str]) -> None:
    """Write a page again with these parts."""
    write_text(page, filled(page.read_text(encoding="utf-8"), parts))
