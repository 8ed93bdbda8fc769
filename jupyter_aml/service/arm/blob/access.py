"""Who asks for a blob, and whether he may: a SAS, the account key, or a bearer token of ours."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from jupyter_aml.model.errors import Unauthorized
from jupyter_aml.service.arm.blob import account, signature
from jupyter_aml.service.arm.blob.refusal import Refusal
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request
from jupyter_aml.service.arm.tokens import ARM_AUDIENCES, STORAGE

EVERYTHING = "racwdxltmei"
_AUDIENCES = ARM_AUDIENCES | {STORAGE}
_SKEW_SECONDS = 900.0
"""How old, or how far in the future, a signed request may be; Azure's own limit."""
_CALLER = ipaddress.ip_address("127.0.0.1")
_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class Grant:
    """What the caller may do. ``whole`` says that it is for the container, not one blob."""

    permissions: str
    whole: bool = True

    def need(self, *any_of: str) -> None:
        """Raise `Refusal` unless one of these letters is granted."""
        if not any(letter in self.permissions for letter in any_of):
            raise Refusal(
                403,
                "AuthorizationPermissionMismatch",
                f"The token grants {self.permissions!r}; this needs {' or '.join(any_of)}.",
            )

    def need_container(self) -> None:
        """Raise `Refusal` for a token that is for one blob only."""
        if not self.whole:
            raise Refusal(403, "AuthorizationResourceTypeMismatch", "The token is for a blob only.")


def check(request: Request, context: Context, container: str, blob: str) -> Grant:
    """What the caller of `request` may do with `blob`, "" for the container. Raises `Refusal`."""
    if "sig" in request.query:
        return _of_sas(request, context, container, blob)
    scheme, _, rest = request.header("Authorization").partition(" ")
    if scheme.lower() == "sharedkey":
        _check_key(request, context, rest)
    elif scheme.lower() == "bearer":
        _check_token(request, context)
    else:
        raise Refusal(
            401, "NoAuthenticationInformation", "The request has neither SAS, key nor token."
        )
    return Grant(EVERYTHING)


def _check_token(request: Request, context: Context) -> None:
    try:
        now = context.clock.time()
        context.tokens.check(request.header("Authorization"), now, _AUDIENCES)
    except Unauthorized as error:
        raise Refusal(401, "InvalidAuthenticationInfo", error.message) from None


# -- the account key ------------------------------------------------------------------------


def _check_key(request: Request, context: Context, given: str) -> None:
    named, _, signed = given.rpartition(":")
    if named not in account.spellings(context):
        raise _refused("The request is signed for another account.")
    _check_date(request, context)
    text = signature.of_request(request.method, request.path, request.query, request.headers, named)
    if not _same(signed, signature.sign(account.key(context), text)):
        raise _refused("The signature of the request is not this account's.")


def _check_date(request: Request, context: Context) -> None:
    said = request.header("x-ms-date") or request.header("Date")
    try:
        moment = parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError, IndexError):  # TypeError and IndexError: older Pythons
        raise _refused("The request has no date.") from None
    if abs(moment - context.clock.time()) > _SKEW_SECONDS:
        raise _refused("The request was signed too long ago.")


# -- shared access signatures ---------------------------------------------------------------


def _of_sas(request: Request, context: Context, container: str, blob: str) -> Grant:
    fields = request.query
    kind = fields.get("sr", "")
    version = fields.get("sv", "")
    if kind not in ("b", "c") or version < signature.OLDEST or "si" in fields or "skoid" in fields:
        raise _refused("Of SAS tokens a service's own for a blob or a container is understood.")
    below = f"{container}/{blob}" if kind == "b" else container
    if not any(
        _same(
            fields["sig"],
            signature.sign(
                account.key(context), signature.of_sas(fields, f"/blob/{spelt}/{below}")
            ),
        )
        for spelt in account.spellings(context)
    ):
        raise _refused("The signature of the SAS is not this account's, or not for this.")
    _check_time(fields.get("st", ""), fields.get("se", ""), context.clock.time())
    _check_caller(fields.get("sip", ""))
    return Grant(fields.get("sp", ""), whole=kind == "c")


def _check_time(begins: str, ends: str, now: float) -> None:
    if begins and _moment(begins) > now + _SKEW_SECONDS:
        raise _refused("The SAS does not hold yet.")
    if not ends or _moment(ends) <= now:
        raise _refused("The SAS has expired.")


def _moment(text: str) -> float:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    raise _refused("A time of the SAS cannot be read.")


def _check_caller(allowed: str) -> None:
    """Everybody who reaches us has the address of loopback."""
    if not allowed:
        return
    first, _, last = allowed.partition("-")
    try:
        begin, end = ipaddress.ip_address(first), ipaddress.ip_address(last or first)
    except ValueError:
        raise _refused("The addresses of the SAS cannot be read.") from None
    if begin.version != 4 or end.version != 4 or not int(begin) <= int(_CALLER) <= int(end):
        raise _refused("The SAS is for another address.")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _refused(why: str) -> Refusal:
    return Refusal(403, "AuthenticationFailed", f"The request is refused. {why}")
