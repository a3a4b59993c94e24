"""``?service=NAME``: a connection from the operator's ``pg_service.conf``, read only where a URL asks for it.

What the URL does not say itself (host, port, database, user, TLS) comes from the file when the URL is read and is part
of its normal form. The password does not: it stays in the file, is read when a connection opens, and goes only to the
server, database and user that the file names beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from ....kernel.errors import WorkbenchError
from ..schemes import DEFAULT_PORT, OPTIONS
from .environment import variable

if TYPE_CHECKING:
    from ..urls import ConnectionUrl

NOT_FROM_FILE = {"service", "ssh", "ssh_user", "ssh_config"}
SERVICE = re.compile(r"(?:^|&)service=([^&]*)")


class ServiceMissing(
    WorkbenchError,
    code="service-missing",
    status=404,
    exit_code=2,
    next="Name the file with PGSERVICEFILE, or write the URL in full.",
):
    """There is no service {service} in {path}. There are: {known}."""


class ServiceFileUnreadable(
    WorkbenchError, code="service-file-unreadable", status=422, exit_code=2, next="Check PGSERVICEFILE and the file."
):
    """The service file {path} cannot be read: {reason}"""


def filled_in(rest: str) -> str:
    """What stands behind ``postgresql://``, with the parts that the service's entry adds. Raises ServiceMissing.

    A URL that says host and database itself can be read without the file.
    """
    address, _, query = rest.partition("?")
    asked = SERVICE.search(query)
    if asked is None:
        return rest
    authority, _, name = address.partition("/")
    login, _, servers = authority.rpartition("@")
    try:
        entry = service_entry(unquote(asked[1]))
    except (ServiceMissing, ServiceFileUnreadable):
        if servers and name:
            return rest
        raise
    login = login or quote(entry.get("user", ""), safe="")
    servers = servers or ",".join(hosts_of(entry))
    name = name or quote(entry.get("dbname") or entry.get("user", ""), safe="")
    said = {part.partition("=")[0] for part in query.split("&")}
    taken = OPTIONS["postgres"].keys() - NOT_FROM_FILE - said
    added = "".join(f"&{key}={quote(entry[key], safe='/')}" for key in sorted(taken & entry.keys()))
    return f"{login}{'@' if login else ''}{servers}/{name}?{query}{added}"


def hosts_of(entry: dict[str, str]) -> Iterator[str]:
    """The servers of an entry as a URL has them."""
    hosts = (entry.get("host") or entry.get("hostaddr") or "localhost").split(",")
    ports = entry.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports + [""] * len(hosts)
    for host, port in zip(hosts, ports, strict=False):
        name = quote(host, safe="") if host.startswith("/") else f"[{host}]" if ":" in host else host
        yield f"{name}:{port}" if port else name


def service_password(url: ConnectionUrl) -> str | None:
    """The password that the file keeps for a URL's service, if the URL goes where the file says."""
    service = url.options.get("service")
    if service is None:
        return None
    try:
        entry = service_entry(service)
    except (ServiceMissing, ServiceFileUnreadable):
        return None
    written = tuple((host, port or str(DEFAULT_PORT)) for host, _, port in map(split_port, hosts_of(entry)))
    meant = tuple(((quote(host.name, safe="") if host.is_socket else host.name), str(host.port)) for host in url.hosts)
    same_place = [(host.lower(), port) for host, port in written] == [(host.lower(), port) for host, port in meant]
    same_name = entry.get("dbname", url.name) == url.name and entry.get("user", url.user) == url.user
    return entry.get("password") or None if same_place and same_name else None


def split_port(host: str) -> tuple[str, str, str]:
    """Host and port of a URL, an IPv6 address without its brackets."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        return host.strip("[]"), "", ""
    return name.strip("[]"), colon, port


def service_entry(service: str) -> dict[str, str]:
    """The settings of a service. Raises ServiceMissing, ServiceFileUnreadable; neither holds a setting."""
    path = Path(variable("PGSERVICEFILE") or Path.home() / ".pg_service.conf")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ServiceMissing(service=service, path=path, known="no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ServiceFileUnreadable(path=path, reason=reason) from None
    entries: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            current = entries.setdefault(line[1:-1], {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            current.setdefault(key.strip(), value.strip())
    if service not in entries:
        raise ServiceMissing(service=service, path=path, known=", ".join(entries) or "none")
    return entries[service]
