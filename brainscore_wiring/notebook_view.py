"""Objects as a notebook shows them: a name, and a table of facts."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


def facts_as_html(name: str, facts: Mapping[str, object]) -> str:
    """A table of facts under a name; those that are None or empty are left out."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(what)}</th>'
        f'<td style="text-align:left">{escape(str(value))}</td></tr>'
        for what, value in facts.items()
        if value not in (None, "")
    )
    return f"<div><strong>{escape(name)}</strong><table>{rows}</table></div>"
