"""Pages of the site that stand at the top of the repository."""

from pathlib import Path

from mkdocs.structure.files import File

TOP = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "license.txt": "LICENSE",
    "citation.cff": "CITATION.cff",
}


def on_files(files, config):
    """Add the pages, with links as they are seen from docs/."""
    top = Path(config["config_file_path"]).parent
    for page, source in TOP.items():
        text = (top / source).read_text(encoding="utf-8").replace("](docs/", "](")
        for other, its_source in TOP.items():
            text = text.replace(f"]({its_source})", f"]({other})")
        files.append(File.generated(config, page, content=text))
    return files
