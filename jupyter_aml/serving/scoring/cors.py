"""`AML_CORS_ORIGINS`: pages of which other addresses may read the answers."""

from __future__ import annotations

from .request import Request


class Cors:
    """Made from the comma-separated list; an empty one adds no header."""

    def __init__(self, origins: str) -> None:
        self._origins = {origin.strip() for origin in origins.split(",") if origin.strip()}
        self.is_on = bool(self._origins)

    def lines(self, request: Request) -> bytes:
        """The header lines for one request."""
        origin = request.headers.get("origin")
        if not origin or not ("*" in self._origins or origin in self._origins):
            return b""
        allowed = "*" if "*" in self._origins else origin
        lines = [f"access-control-allow-origin: {allowed}"]
        if allowed != "*":
            lines.append("vary: Origin")
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            lines.append("access-control-allow-methods: GET, POST")
            asked = request.headers.get("access-control-request-headers")
            if asked:
                lines.append(f"access-control-allow-headers: {asked}")
        return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
