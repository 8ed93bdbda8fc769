"""Connections as people read them; credentials are nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.connection import Connection

PROOF = {
    "PAT": "personal access token",
    "ManagedIdentity": "managed identity",
    "UsernamePassword": "user name and password",
    "None": "nothing",
    "SAS": "shared access signature",
    "AccountKey": "account key",
    "ServicePrincipal": "service principal",
    "AccessKey": "access key",
    "ApiKey": "API key",
    "CustomKeys": "keys",
    "OAuth2": "OAuth 2",
    "AAD": "Microsoft Entra ID",
}
"""What each kind of credentials is called."""


def table(found: Sequence[Connection]) -> Table:
    columns = [
        Column(title="Connection"),
        Column(title="Type"),
        Column(title="Target", flexible=True),
        Column(title="Proof", flexible=True),
    ]
    rows = [[one.name, one.category, one.target, PROOF[one.auth_type]] for one in found]
    empty = "No connections. Scripts of Azure's SDK make them: ml_client.connections."
    return Table(columns=columns, rows=rows, empty=empty)


def shown(one: Connection, *notes: str) -> Result:
    fields = [
        ("Type", one.category),
        ("Target", one.target),
        ("Proof", PROOF[one.auth_type]),
        *((key, str(value)) for key, value in one.metadata.items()),
        ("Created", phrases.local_time(one.created_at)),
        ("Changed", phrases.local_time(one.modified_at)),
    ]
    parts = [Record(fields=fields, title=one.name)]
    return Result(value=one, document=document(one), parts=parts, notes=list(notes))
