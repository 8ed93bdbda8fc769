"""The computes and what they cost: up to date, asked about before they stop, escaped."""

from __future__ import annotations

from typing import Any

import ipywidgets
import msgspec
import pytest
from traitlets import TraitError

from jupyter_aml.kernel.widgets import ComputePanel, CostMeter
from jupyter_aml.model.compute import AmlCompute, Compute
from jupyter_aml.model.money import CostSummary, Guard
from jupyter_aml.testing.waiting import eventually_sync
from tests.kernel.widgets.fake_client import change


def test_computes_come_and_go(client: Any) -> None:
    panel = ComputePanel(client=client)
    assert panel.options == ["c<1>", "dev-box", "local"]
    assert panel.selected == "local"
    panel.selected = "c<1>"
    assert panel.compute is not None
    assert panel.compute.current_nodes == 2
    stream = client.stream()
    new = Compute(
        spec=AmlCompute(name="new", max_instances=4),
        state="Resizing",
        current_nodes=1,
        target_nodes=2,
    )
    stream.lines.put(change("node", "n", {}))
    stream.lines.put(change("compute", "new", new))
    # What is drawn is drawn after the traits are set.
    eventually_sync(lambda: "Scaling 1 to 2 of 4" in panel._body)
    assert "new" in panel.options
    stream.lines.put(change("compute", "c<1>", None))
    eventually_sync(lambda: "c&lt;1&gt;" not in panel._body)
    assert "c<1>" not in panel.options
    assert panel.selected == "local", "what was deleted is chosen no more"


def test_what_costs_is_said_and_names_are_escaped(client: Any) -> None:
    panel = ComputePanel(selected="c<1>", client=client)
    assert "$0.59 per hour" in panel._body
    assert "would be, in Azure" in panel._body
    assert "c&lt;1&gt;" in panel._body
    assert "<1>" not in panel._body
    assert " * c<1>" in str(panel)
    assert "<button" not in panel._repr_html_()
    with pytest.raises(TraitError, match="There is no compute 'x'"):
        panel.selected = "x"


def test_a_stop_is_asked_about_and_says_what_it_ends(client: Any) -> None:
    panel = ComputePanel(client=client)
    assert 'data-do="ask"' in panel._body
    panel._heard(panel, {"do": "ask", "name": "dev-box"}, [])
    assert "Stop, cancel 2 jobs" in panel._body
    assert client.asked == []
    panel._heard(panel, {"do": "keep", "name": "dev-box"}, [])
    assert "Stop, cancel" not in panel._body
    panel._heard(panel, {"do": "ask", "name": "dev-box"}, [])
    panel._heard(panel, {"do": "stop", "name": "dev-box"}, [])
    panel._heard(panel, {"do": "stop", "name": "none"}, [])
    assert client.asked == [("stop", "dev-box")]
    assert "Stopping" in panel._body


def test_a_lost_service_makes_states_old(client: Any) -> None:
    panel = ComputePanel(client=client)
    stream = client.stream()
    client.is_away = True
    stream.close()
    eventually_sync(lambda: "Unknown, was Idle" in panel._body, seconds=30)
    assert 'data-do="ask"' not in panel._body


def test_costs_are_traits_that_follow_the_service(client: Any) -> None:
    meter = CostMeter(client=client)
    assert (meter.rate, meter.spent, meter.budget) == (2.22, 9.31, 20.0)
    assert meter.value == pytest.approx(0.4655)
    assert "$2.22 per hour" in meter._body
    assert "$9.31 of $20.00 today, would be" in meter._body
    bar = ipywidgets.FloatProgress(max=1.0)
    ipywidgets.dlink((meter, "value"), (bar, "value"))
    more = CostSummary(
        rate_per_hour=1,
        spent_today=19,
        budget_per_day=20,
        rehearsal=False,
        guard=Guard(state="holding", message="No new paid work <today>."),
    )
    client.stream().lines.put(change("costs", "costs", more))
    eventually_sync(lambda: "$19.00 of $20.00 today<" in meter._body)
    assert bar.value == 0.95
    assert "No new paid work &lt;today&gt;." in meter._body
    assert "no new paid work" in meter._body
    assert 'class="warn"' in meter._body


def test_without_a_budget_nothing_is_measured_against_one(client: Any) -> None:
    client.costs_now = msgspec.structs.replace(
        client.costs_now, budget_per_day=None, rate_per_hour=0.0
    )
    meter = CostMeter(client=client)
    assert (meter.budget, meter.value) == (None, 0.0)
    assert "<progress" not in meter._body
    assert str(meter) == "Free, $9.31 today, would be"
