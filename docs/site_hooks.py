"""Pages of the site that are made of other files: those at the top of the repository, and the
tutorial.
"""

import json
from pathlib import Path

from mkdocs.structure.files import File

TOP = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "license.txt": "LICENSE",
    "citation.cff": "CITATION.cff",
}
NOTEBOOK, TUTORIAL = "tutorial.ipynb", "tutorial.md"


def on_files(files, config):
    """Add the pages, with links as they are seen from docs/."""
    top = Path(config["config_file_path"]).parent
    for page, source in TOP.items():
        text = (top / source).read_text(encoding="utf-8").replace("](docs/", "](")
        for other, its_source in (*TOP.items(), (TUTORIAL, NOTEBOOK)):
            text = text.replace(f"]({its_source})", f"]({other})")
        files.append(File.generated(config, page, content=text))
    notebook = json.loads((top / "docs" / NOTEBOOK).read_text(encoding="utf-8"))
    cells = (cell_as_markdown(cell) for cell in notebook["cells"])
    files.append(File.generated(config, TUTORIAL, content="\n\n".join(cells)))
    return files


def cell_as_markdown(cell):
    """A cell of a notebook with its stored outputs: HTML and pictures where it has them, else
    text.
    """
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    shown = [f"```python\n{source}\n```"]
    for output in cell["outputs"]:
        data = {kind: "".join(text) for kind, text in output.get("data", {}).items()}
        text = "".join(output.get("text", "")) or data.get("text/plain", "")
        if "text/html" in data:
            shown.append(data["text/html"])
        elif "text/markdown" in data:
            shown.append(data["text/markdown"])
        elif "image/png" in data:
            picture = data["image/png"].replace("\n", "")
            shown.append(f"![What the cell draws](data:image/png;base64,{picture})")
        elif text.strip():
            shown.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(shown)
