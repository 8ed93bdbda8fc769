"""A VirtualMachine in ARM's words: an attached machine that SSH reaches.

Azure knows the address of a machine by its resource id. Here there is no Azure to ask: the
properties' own ``address`` is taken, else the last part of the id as a name that ``ssh`` knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model import compute
from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.model.names import check_name
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import convert
from jupyter_aml.service.private_files import write_private

TYPE = "VirtualMachine"
_PATH = "$.properties.properties"


class _Account(msgspec.Struct, rename="camel"):
    username: str | None = None
    password: str | None = None
    private_key_data: str | None = None


class _Machine(msgspec.Struct, rename="camel"):
    address: str | None = None
    ssh_port: int | None = None
    administrator_account: _Account | None = None


async def put(
    context: Context,
    name: str,
    resource_id: str | None,
    inside: dict[str, Any],
    description: str,
    tags: dict[str, str],
) -> None:
    """Attach what a PUT describes, or find that it is attached. Raises what forbids it."""
    check_name("compute", name)  # it becomes the name of a file
    machine = convert(inside, _Machine, _PATH)
    account = machine.administrator_account or _Account()
    if account.password:
        raise Invalid(
            "A machine is not attached with a password here.",
            target=f"{_PATH}.administratorAccount.password",
            hint="Give ssh_private_key_file, or leave both out and let ssh-agent or ~/.ssh/config "
            "open it. Nothing was attached.",
        )
    host = machine.address or (resource_id or "").rstrip("/").rpartition("/")[2]
    config: dict[str, Any] = {"host": host}
    if account.username:
        config["user"] = account.username
    if machine.ssh_port not in (None, 22):
        config["port"] = machine.ssh_port
    key = context.home / "attached" / f"{name}.key"
    if account.private_key_data:
        config["identity_file"] = str(key)
    spec = compute.AttachedCompute(
        name=name,
        config=config,
        resource_id=resource_id or "",
        description=description,
        tags=tags,
    )
    await _attach(context, spec, key, account.private_key_data)


async def _attach(
    context: Context, spec: compute.AttachedCompute, key: Path, content: str | None
) -> None:
    """With the key in a file of its own, which goes again where nothing was attached."""
    is_new = content is not None and not key.exists()
    if is_new and content is not None:
        key.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(key, content.encode())
    try:
        await context.compute.attach(body=spec)
    except BaseException:
        if is_new:
            key.unlink(missing_ok=True)
        raise


def same(known: compute.ComputeSpec) -> None:
    """Raise `Conflict` unless what has the name already is attached too."""
    if not isinstance(known, compute.AttachedCompute):
        raise Conflict(f"There is a compute {known.name!r} of another kind.", target=known.name)


def properties(spec: compute.AttachedCompute) -> dict[str, Any]:
    """Its login without what opens it: Azure's own answer holds the user's name alone too."""
    found: dict[str, Any] = {
        "address": spec.config.get("host", ""),
        "sshPort": spec.config.get("port") or 22,
        "isNotebookInstanceCompute": False,
    }
    if user := spec.config.get("user"):
        found["administratorAccount"] = {"username": user}
    return found
