"""Write a plugin to begin with: a distribution of its own that works, with its tests and sample records."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from pathlib import Path

from refolio.errors import RequestRefused

NAME = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,47}")
SERVICE = "server"  # refolio-server is the service itself, which installing the plugin would put out of its place
# file of the template → where it goes
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "__init__.py.txt": "{package}/__init__.py",
    "plugin.py.txt": "{package}/plugin.py",
    "samples.json.txt": "{package}/samples.json",
    "test_contract.py.txt": "tests/test_contract.py",
}


def write(name: str, folder: Path) -> Path:
    """Write the plugin ``name`` into a new ``folder`` and return it.

    The package is called like the plugin, with ``refolio_`` before it. Raises RequestRefused for a name that cannot be
    used and for a folder that exists already; then nothing was written.
    """
    if not NAME.fullmatch(name):
        raise RequestRefused(f"“{name}” is no name. Use lower-case letters, digits and hyphens, like campus-exports.")
    if name == SERVICE:
        raise RequestRefused(f"“{name}” is taken: refolio-{name} is the service. Choose another name.")
    if folder.exists():
        raise RequestRefused(f"{folder} exists already. Choose another name, or another folder with --folder.")
    package = f"refolio_{name.replace('-', '_')}"
    words = {
        "name": name,
        "package": package,
        "distribution": f"refolio-{name}",
        "class": _class_of(name),
    }
    for file, place in FILES.items():
        text = _template(file)
        target = folder / place.format(package=package)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], text), "utf-8")
    return folder


def _template(file: str) -> str:
    return resources.files("refolio.testing").joinpath("plugin_template", file).read_text("utf-8")


def _class_of(name: str) -> str:
    """``campus-exports`` → ``CampusExports``; with Plugin behind it where the module has the word already."""
    class_ = "".join(part.capitalize() for part in name.split("-"))
    taken = keyword.iskeyword(class_) or re.search(rf"\b{class_}\b", _template("plugin.py.txt"))
    return f"{class_}Plugin" if taken else class_
