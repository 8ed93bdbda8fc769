"""Rows of code assets: one for each version, a `model.code.Code` as JSON.

Functions that write are called inside `Store.write`, those that read take `Store.reader`.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.code import Code

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Code).decode


def save_code(conn: Connection, code: Code) -> None:
    conn.execute(
        "INSERT INTO codes (name, version, digest, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name, version) DO UPDATE SET body = excluded.body",
        (code.name, code.version, code.digest, _encode(code)),
    )


def get_code(conn: Connection, name: str, version: str) -> Code | None:
    found = conn.execute(
        "SELECT body FROM codes WHERE name = ? AND version = ?", (name, version)
    ).fetchone()
    return _decode(found[0]) if found else None


def list_codes(conn: Connection, name: str) -> list[Code]:
    """Versions of one, or with "" every version of all; the newest first."""
    if name:
        found = conn.execute("SELECT body FROM codes WHERE name = ? ORDER BY seq DESC", (name,))
    else:
        found = conn.execute("SELECT body FROM codes ORDER BY seq DESC")
    return [_decode(body) for (body,) in found]


def codes_of_digest(conn: Connection, digest: str) -> list[Code]:
    """What holds the folder of which a client made `digest`; the newest first."""
    found = conn.execute("SELECT body FROM codes WHERE digest = ? ORDER BY seq DESC", (digest,))
    return [_decode(body) for (body,) in found]
