"""What stays where no widget runs: nbconvert, GitHub, a terminal; and what importing costs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.widgets import CostMeter, JobMonitor, SizePicker, style
from jupyter_aml.kernel.widgets.markup import GLYPHS

ROOT = Path(__file__).parents[3]


def test_shapes_are_those_of_the_side_panel() -> None:
    source = (ROOT / "src" / "glyphs.ts").read_text(encoding="utf-8")
    panel = dict(re.findall(r"(\w+):\s*'([^']*)'", source))
    assert {name: panel.get(name) for name in GLYPHS} == GLYPHS


def test_a_picture_holds_the_rules_that_it_uses_and_no_other(client: Any) -> None:
    html = CostMeter(client=client)._repr_html_()
    sheet, _, body = html.partition("</style>")
    assert ".aml-cost" in sheet
    assert "--aml-fg2:" in sheet
    assert ".aml-sizes" not in sheet
    assert "<script" not in html
    assert "url(" not in sheet
    assert len(sheet) < 8000
    assert body.startswith('<div class="aml aml-widget')


def test_what_the_widgets_are_made_of_has_its_rules(client: Any) -> None:
    for name in ("aml-stages", "aml-cost", "aml-sizes", "aml-filter", "aml-msg", "badge", "btn"):
        assert f".{name}" in style.whole(), name


def test_every_sheet_is_scoped() -> None:
    rules = style._rules()
    assert len(rules) > 20
    for selectors, _ in rules:
        for selector in selectors:
            assert "aml" in selector


def test_text_and_html_lie_beside_the_view(client: Any) -> None:
    data = SizePicker(client=client)._repr_mimebundle_()[0]
    assert list(data) == ["text/plain", "text/html", "application/vnd.jupyter.widget-view+json"]


@pytest.mark.parametrize("status", ["Running", "Completed"])
def test_nbconvert_shows_the_picture(client: Any, status: str) -> None:
    import nbformat
    from nbconvert import HTMLExporter

    data = JobMonitor(client.add(status=status), client=client)._bundle()
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("monitor", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "train &lt;b&gt;" in page
    assert 'class="aml-stages"' in page
    assert f">{status}<" in page


def test_nothing_of_ipywidgets_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, jupyter_aml\n"
        "assert 'widgets' in dir(jupyter_aml)\n"
        "assert 'ipywidgets' not in sys.modules\n"
        "from jupyter_aml import widgets\n"
        "assert widgets is jupyter_aml.widgets\n"
        "assert 'ipywidgets' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
