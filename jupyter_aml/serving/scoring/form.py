"""Multipart forms, as scripts with raw HTTP get their pictures."""

from __future__ import annotations

import email.parser
import email.policy
import io
import os
import shutil


class UploadedFile(io.BytesIO):
    """One file of a form, as Flask's FileStorage is used: read, save, filename."""

    def __init__(self, content: bytes, *, name: str, filename: str, content_type: str) -> None:
        super().__init__(content)
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.stream = self

    def save(self, target: str | os.PathLike[str]) -> None:
        """Write the file's content, from its present position on, to a path."""
        with open(target, "wb") as file:
            shutil.copyfileobj(self, file)


def multipart(
    content_type: str, body: bytes
) -> tuple[dict[str, list[str]], dict[str, list[UploadedFile]]]:
    """Fields and files of a multipart/form-data body, by name; what is no part is left out."""
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(
        b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body
    )
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadedFile]] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        filename = part.get_filename()
        if filename is None:
            fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
        else:
            kind = part.get_content_type()
            file = UploadedFile(content, name=name, filename=filename, content_type=kind)
            files.setdefault(name, []).append(file)
    return fields, files
