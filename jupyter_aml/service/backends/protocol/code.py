"""Folders of code: snapshots of them, and code assets."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from jupyter_aml.model import api, code, job


class SnapshotsFacet(Protocol):
    async def create(self, *, body: api.TakeSnapshot) -> job.Snapshot: ...


class CodesFacet(Protocol):
    """Code assets: see `model.code`. Registered and read by the Azure-compatible API."""

    async def list(self, name: str = "") -> code.CodeList: ...
    async def get(self, name: str, version: str) -> code.Code: ...
    async def find(self, digest: str) -> code.Code | None:
        """Whichever version holds the folder of which a client made `digest`."""
        ...

    async def create(self, *, body: code.CreateCode) -> code.Code:
        """Copy the folder; durable before it returns. The same files again are the same version,
        others are a Conflict."""
        ...

    def folder(self, code: code.Code) -> Path:
        """Where its files lie."""
        ...
