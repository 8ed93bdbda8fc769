"""The local workspace passes the suite of every backend, with real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.testing.backend_suite import BackendSuite


class TestLocalBackend(BackendSuite):
    @pytest.fixture
    async def backend(self, backend_parts: Any) -> AsyncIterator[LocalBackend]:
        local = LocalBackend(**backend_parts)
        await local.open()
        yield local
        await local.close(end_everything=True)
