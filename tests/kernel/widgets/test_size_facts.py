"""What the size picker says besides what sizes have: quota, usual starts, one that fits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.kernel.place import Place
from jupyter_aml.kernel.widgets import SizePicker, size_facts, size_picker
from jupyter_aml.model.compute import Usage
from jupyter_aml.model.errors import Unavailable
from jupyter_aml.model.job import CellJob, Receipt
from jupyter_aml.model.waiting import UsualStart
from tests.kernel.widgets.fake_client import MOMENT, FakeClient

NOTEBOOK = "/home/ana/cats.ipynb"
TOTAL = "Total Cluster Dedicated Regional vCPUs"
T4 = "Standard_NC4as_T4_v3"


@pytest.fixture
def in_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size_picker, "get_ipython", SimpleNamespace)
    monkeypatch.setattr(size_picker, "place_of", lambda _shell: Place(notebook=NOTEBOOK))


def ran(client: FakeClient, count: int, notebook: str = NOTEBOOK) -> None:
    """Finished runs of a notebook, which took 11 GB and two cores."""
    for number in range(count):
        name = f"{notebook[-9]}{number}"
        job = client.add(name, status="Completed", ended_at=MOMENT)
        spec = CellJob(source="1", notebook=notebook)
        receipt = Receipt(
            size="local", nodes=1, seconds=10, cpu_seconds=15, peak_memory_bytes=11_000_000_000
        )
        client.known[name] = job.__class__(
            name=name, spec=spec, status="Completed", created_at=job.created_at, receipt=receipt
        )


@pytest.mark.usefixtures("in_notebook")
def test_the_cheapest_that_fits_past_runs_is_recommended_and_chosen(client: Any) -> None:
    ran(client, 3)
    picker = SizePicker(client=client)
    assert picker.value == "Standard_DS3_v2"
    why = "Cheapest that fits the last 3 runs of this notebook: at most 11 GB"
    assert why in picker._body
    assert why in picker._repr_html_()
    assert f"Recommended: {why}." in str(picker)
    assert picker._body.count('class="badge"') == 1


@pytest.mark.usefixtures("in_notebook")
def test_it_is_silent_while_it_cannot_know(client: Any) -> None:
    ran(client, 2)
    ran(client, 4, notebook="/home/ana/dogs.ipynb")
    picker = SizePicker(client=client)
    assert "Recommended" not in picker._body
    assert picker.value == "local.2cpu-4gb"


def test_quota_and_usual_start(client: Any) -> None:
    client.usage_now = [
        Usage(name=TOTAL, current_value=8, limit=100),
        Usage(name="f Cluster Dedicated vCPUs", current_value=8, limit=32),
    ]
    client.starts_now = [
        UsualStart(size=T4, environment="kernel", situation="cold", low=180, high=290, count=9),
        UsualStart(size=T4, environment="kernel", situation="ready", low=1, high=2, count=9),
    ]
    picker = SizePicker(gpu=True, client=client)
    assert "24 of 32" in picker._body
    assert '<progress class="err" max="32" value="24"' in picker._body  # 64 cores do not fit
    assert "3 to 5 min" in picker._repr_html_()
    assert "24 of 32  3 to 5 min" in str(picker)
    picker.tier = "low_priority"
    assert "24 of 32" not in picker._body


def test_a_service_that_does_not_tell_leaves_it_out(client: Any) -> None:
    def away() -> None:
        raise Unavailable("away")

    client.compute.usage = away
    assert size_facts.read(client, NOTEBOOK) == size_facts.SizeFacts()
    assert SizePicker(client=client).value == "local.2cpu-4gb"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.2, 0.9, "about 1 s"), (3, 8, "3 to 8 s"), (10, 100, "up to 2 min"), (110, 130, "2 min")],
)
def test_usual_times(low: float, high: float, words: str) -> None:
    assert size_facts._range(low, high) == words
