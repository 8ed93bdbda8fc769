"""Sphinx configuration. `make docs` builds with warnings as errors."""

from importlib.metadata import version as installed_version

project = "jupyter_aml"
author = "jupyter_aml contributors"
copyright = "2026, jupyter_aml contributors"
release = installed_version("jupyter-aml")
version = release

extensions = ["myst_parser", "sphinxcontrib.mermaid"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
# Links to headings, three levels deep.
myst_heading_anchors = 3
# ```mermaid is a diagram here as it is on the code hosting sites.
myst_fence_as_directive = ["mermaid"]

html_theme = "pydata_sphinx_theme"
html_title = "jupyter_aml"
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
}
html_show_sourcelink = False
