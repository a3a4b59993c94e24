"""The client certificate of a connection: proved usable before libpq sees it, so that what is wrong has a name."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import TlsFailed
from ..urls import REFERENCE, ConnectionUrl, VariableMissing


class ClientCertificateUnusable(TlsFailed, code="client-certificate-unusable", retryable=False):
    """The client certificate for {host} cannot be used: {reason}"""


def client_certificate(url: ConnectionUrl, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What libpq is told of the certificate; without one it shows none. Raises ClientCertificateUnusable, VariableMissing."""
    certificate, key = url.options.get("sslcert"), url.options.get("sslkey")
    if certificate is None and key is None:
        return {"sslcertmode": "disable"}
    if certificate is None or key is None:
        lacking = "sslkey" if key is None else "sslcert"
        raise unusable(
            url, f"{lacking} is not named", f"Name both: ?sslcert=/path/me.crt&sslkey=/path/me.key ({lacking} lacks)."
        )
    certificate, key = os.path.expanduser(certificate), os.path.expanduser(key)
    check_readable(url, certificate)
    check_readable(url, key)
    check_private(url, key)
    told = {"sslcertmode": "allow", "sslcert": certificate, "sslkey": key}
    found = REFERENCE.fullmatch(url.options.get("sslpassword", ""))
    if found is None:
        return told
    try:
        return {**told, "sslpassword": (os.environ if environment is None else environment)[found[1]]}
    except KeyError:
        raise VariableMissing(variable=found[1]) from None


def unusable(url: ConnectionUrl, reason: str, advice: str) -> ClientCertificateUnusable:
    """The refusal."""
    return ClientCertificateUnusable(host=url.host, database=url.without_secrets, reason=reason, next=advice)


def check_readable(url: ConnectionUrl, path: str) -> None:
    """Can the file be read by the user this runs as?"""
    try:
        with Path(path).open("rb"):
            return
    except OSError as error:
        reason = f"{path}: {(error.strerror or str(error)).lower()}"
        raise unusable(url, reason, "Check the path, and that this user may read the file.") from None


def check_private(url: ConnectionUrl, key: str) -> None:
    """Is the key's file closed to others? libpq refuses it otherwise."""
    if sys.platform == "win32":
        return
    found = os.stat(key)
    allowed = 0o640 if found.st_uid == 0 else 0o600
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o177 & ~allowed:
        reason = f"others may read the key {key} (its mode is {mode:04o})"
        raise unusable(url, reason, f"chmod 600 {key}")
