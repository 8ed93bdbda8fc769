"""The local backend passes the suite that strangers' backends pass: real processes and all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.testing import leaks
from jupyter_aml.testing.backend_suite import BackendSuite
from jupyter_aml.testing.clock import MovableClock


@pytest.mark.slow
# Nodes are meant to outlive whoever started them: nobody waits for them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestLocalBackend(BackendSuite):
    @pytest.fixture
    async def backend(
        self, backend_parts: dict[str, Any], aml_home: Path
    ) -> AsyncIterator[LocalBackend]:
        backend = LocalBackend(**backend_parts)
        await backend.open()
        yield backend
        await backend.close(end_everything=True)
        left = leaks.end(leaks.processes_of(aml_home))
        assert not left, f"left running: {left}"

    @pytest.fixture
    def clock(self, backend_parts: dict[str, Any]) -> MovableClock:
        return backend_parts["clock"]
