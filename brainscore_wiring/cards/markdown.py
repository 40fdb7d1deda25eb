"""The few pieces of Markdown that cards are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table whose last `numbers` columns stand to the right."""
    lines = [header, ["---"] * (len(header) - numbers) + ["---:"] * numbers, *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def paragraphs(*texts: str) -> str:
    """Those that have something to say, with a line between them."""
    return "\n\n".join(filter(None, texts))


def facts(values: Mapping[str, str]) -> str:
    """A table of names and what there is to say; what is empty is left out."""
    return table(["", ""], [[name, text] for name, text in values.items() if text])


def bullets(sentences: Iterable[str]) -> str:
    """One line for each sentence that there is."""
    return "\n".join(f"- {sentence}" for sentence in sentences if sentence)


def code(text: str, language: str = "") -> str:
    """A fenced block."""
    return f"```{language}\n{text}\n```"
