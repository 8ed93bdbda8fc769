"""Widgets over a fake client, and no thread of the feed that stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from jupyter_aml.kernel.widgets import live
from jupyter_aml.testing.waiting import eventually_sync
from tests.kernel.widgets.fake_client import FakeClient


@pytest.fixture
def client() -> Iterator[Any]:
    """A fake client. Every widget of the test is closed, and with the last the feed's thread."""
    found = FakeClient()
    yield found
    ipywidgets.Widget.close_all()
    # A widget that ends by itself does so in the feed's thread.
    eventually_sync(lambda: live._lives == {})
