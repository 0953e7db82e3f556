"""How Sphinx builds these pages; the tables of the reference are made from the code first."""

from __future__ import annotations

import logging
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from generate import write_tables  # noqa: E402  # found beside this file

logging.getLogger("reno").setLevel(logging.WARNING)  # it tells of every note that it reads
write_tables(HERE / "reference" / "generated")

project = "tripleo_gitops"
author = "The tripleo_gitops founders"
project_copyright = author
try:
    release = metadata.version("tripleo-gitops")
except metadata.PackageNotFoundError:  # built from a work tree that nobody installed
    release = "unreleased"

extensions = ["myst_parser", "reno.sphinxext", "sphinx_click"]
exclude_patterns = ["_build", "reference/generated"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "tripleo_gitops"
html_show_sourcelink = False
