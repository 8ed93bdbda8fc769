"""Widgets of a cell that runs elsewhere: a picture that moves, never a view that nobody draws."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runner.driver import Node

VIEW = "application/vnd.jupyter.widget-view+json"


def frames(node: Node, source: str) -> list[dict[str, Any]]:
    job = node.cell(source)
    assert job.wait()["code"] == 0, job.stderr()
    found = job.frames()
    assert not any(VIEW in frame.get("data", {}) for frame in found)
    return [frame for frame in found if frame["k"] not in ("mark", "done")]


def test_a_bar_of_tqdm_notebook_moves_and_is_the_jobs_progress(node: Node) -> None:
    first, *rest = frames(
        node, "from tqdm.notebook import tqdm\nfor _ in tqdm(range(50), desc='epoch'): pass"
    )
    assert first["k"] == "display_data"
    assert first["data"]["text/plain"].startswith("epoch:   0%|")
    updates = [frame for frame in rest if frame["k"] == "update_display_data"]
    assert {frame["transient"]["display_id"] for frame in (first, *updates)} == {
        first["transient"]["display_id"]
    }
    last = updates[-1]["data"]
    assert "50/50" in last["text/plain"]
    assert '<progress max="50" value="50"' in last["text/html"]
    progress = [frame for frame in rest if frame["k"] == "progress"][-1]
    assert (progress["value"], progress["total"], progress["text"]) == (50.0, 50.0, "epoch")


def test_a_bar_that_is_not_to_be_left_leaves(node: Node) -> None:
    code = "from tqdm.notebook import tqdm\nfor _ in tqdm(range(3), leave=False): pass"
    shown = [frame["data"] for frame in frames(node, code) if "data" in frame]
    assert shown[-1] == {"text/plain": ""}


BOX = """
import ipywidgets as w
bar = w.IntProgress(max=4, description="a <b>")
late = w.Label("")
box = w.VBox([bar])
display(box)
box.children = [bar, late]
late.value = "x < y"
bar.value = 3
"""


def test_what_boxes_hold_is_drawn_also_what_came_later_and_escaped(node: Node) -> None:
    drawn = [frame["data"]["text/html"] for frame in frames(node, BOX) if "data" in frame][-1]
    assert "flex-flow:column" in drawn
    assert "a &lt;b&gt;" in drawn
    assert 'value="3"' in drawn
    assert "x &lt; y" in drawn


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("w.IntSlider(3)", "execute_result", "IntSlider(value=3)"),
        ("display(w.Button(description='go'))", "display_data", "Button(description='go'"),
    ],
)
def test_what_a_person_would_press_is_text(node: Node, source: str, kind: str, text: str) -> None:
    [shown] = frames(node, f"import ipywidgets as w\n{source}")
    assert shown["k"] == kind
    assert shown["data"]["text/plain"].startswith(text)


def test_a_widget_of_a_session_goes_on_in_its_next_cell(node: Node) -> None:
    start = "import ipywidgets as w\nbar = w.FloatProgress(max=2.0)\ndisplay(bar)"
    job = node.cell(start, session="s", session_idle=60)
    job.wait()
    [shown] = [frame for frame in job.frames() if frame["k"] == "display_data"]
    after = node.cell("bar.value = 1.5", session="s", session_idle=60)
    after.wait()
    [moved] = [frame for frame in after.frames() if frame["k"] == "update_display_data"]
    assert moved["transient"] == shown["transient"]
    assert 'value="1.5"' in moved["data"]["text/html"]
