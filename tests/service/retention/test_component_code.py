"""The code of a registered component stays until the component is archived."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jupyter_aml.model.component import CommandComponent, Component
from jupyter_aml.service.store.component_rows import save_component
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.retained import is_code_needed


def component(code: str, name: str) -> Component:
    spec = CommandComponent(name=name, version="1", command="python main.py", code=code)
    return Component(name=name, version="1", spec=spec, content=code)


async def test_code_of_a_component_is_needed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    named, unnamed = component("snapshot:aa", "mine"), component("snapshot:bb", "azureml_anonymous")
    unnamed = msgspec.structs.replace(unnamed, anonymous=True)
    for one in (named, unnamed):
        await store.write(lambda conn, one=one: save_component(conn, one), durable=True)
    assert is_code_needed(store.reader, "snapshot:aa")
    assert not is_code_needed(store.reader, "snapshot:bb")
    archived = msgspec.structs.replace(named, archived=True)
    await store.write(lambda conn: save_component(conn, archived), durable=True)
    assert not is_code_needed(store.reader, "snapshot:aa")
    store.close()
