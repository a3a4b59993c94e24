"""One way to a PostgreSQL server: bounded in time, nothing taken from the environment, the session's settings pinned.

**What the operator has lying around never reaches a server** that a user named: the ``PG…`` variables,
``~/.pgpass``, service files, client certificates in ``~/.postgresql`` and Kerberos tickets are shut out while libpq
reads its settings. A service and a certificate are used where the URL names them (``service=``, ``sslcert=``).

**The password is only proved, not sent**: with a password ``require_auth=scram-sha-256`` is set, so a server that asks
for it in clear text or as an MD5 hash gets nothing (on this machine a server may also let everybody in).
Without a password ``require_auth=none``.

**TLS**: to another machine ``sslmode=verify-full`` holds unless the URL says otherwise; to this machine (a loopback
address or a Unix socket) ``prefer``, since nobody is between. A weaker mode in the URL is obeyed and listed by
`engine.databases.urls.warnings_of`.

**A dead network is noticed** within about 5 s while waiting, and 25 s after something was sent: keepalives alone miss the
one, ``tcp_user_timeout`` alone the other. The sessions of a run are watched more closely (`engine.databases.sockets`).
The server is asked to notice a dead client as well, so that what a killed machine had locked is free again after 25 s, and
to look for it in the middle of a statement too.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
import socket
import ssl
from pathlib import Path

import psycopg
from psycopg import pq

from ..errors import (
    ConnectionFailed,
    ConnectTimeout,
    DatabaseMissing,
    HostNotFound,
    NoHostAnswers,
    PasswordNeeded,
    PasswordWithheld,
    PasswordWrong,
    PortUnreachable,
    PrivilegeMissing,
    ServerNotReady,
    TlsFailed,
    TooManyConnections,
    UserUnknown,
)
from ..sockets import limited, remember
from ..tunnel import way_to
from ..urls import ConnectionUrl, Host, is_loopback, normalise
from .certificates import client_certificate
from .environment import clean_environment
from .pooling import refuse_lent
from .service import service_password

KEEPALIVE_IDLE_SECONDS = 1
KEEPALIVE_INTERVAL_SECONDS = 1
KEEPALIVE_COUNT = 3
TCP_USER_TIMEOUT_MILLISECONDS = 25_000
"""Not shorter: the system also counts a server that is there and takes nothing, behind a lock for example."""
LOCK_TIMEOUT_MILLISECONDS = 60_000
OLDEST_LIBPQ = 160_000
"""The first libpq with require_auth and sslcertmode."""

SETTINGS = {
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "xmloption": "content",
    "search_path": "pg_catalog",
    "row_security": "off",
    "standard_conforming_strings": "on",
    "check_function_bodies": "off",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "statement_timeout": "0",
    "lock_timeout": str(LOCK_TIMEOUT_MILLISECONDS),
    "idle_in_transaction_session_timeout": "0",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""Pinned on every session, whatever the role's or the database's defaults are.

``row_security=off`` turns rows that would be hidden into an error.
"""

SINCE = {"idle_session_timeout": 140_000, "transaction_timeout": 170_000}
"""Time limits that newer servers know besides; switched off too."""

LOOKS_FOR_CLIENT = 140_000
"""From this server version on client_connection_check_interval is known (and from there on Linux servers have it)."""
SHORTEST_EXACT_FLOATS = 120_000
"""From this server version on extra_float_digits = 1 prints the shortest text that reads back the same."""

PIN = """
select pg_catalog.set_config(key, value, false) from pg_catalog.jsonb_each_text(%s::pg_catalog.jsonb)
where pg_catalog.pg_backend_pid() = coalesce(%s::int, pg_catalog.pg_backend_pid())
"""

FAILURES: tuple[tuple[str, type[ConnectionFailed]], ...] = (
    (r"password authentication failed", PasswordWrong),
    (r'no password supplied|requirement "none" failed', PasswordNeeded),
    (r"authentication method requirement .* failed|did not complete authentication", PasswordWithheld),
    (r'role ".*" (does not exist|is not permitted to log in)|no pg_hba\.conf entry|pg_hba\.conf rejects', UserUnknown),
    (r"(peer|ident|certificate|GSSAPI|LDAP|PAM|RADIUS) authentication failed", UserUnknown),
    (r'database ".*" (does not exist|is not currently accepting)', DatabaseMissing),
    (r"permission denied for database|does not have CONNECT privilege", PrivilegeMissing),
    (r"too many (connections|clients)|connection slots|no more connections allowed", TooManyConnections),
    (r"database system is|not accepting connections|recovery mode|shutting down|starting up", ServerNotReady),
    (r"session is (not )?read-only|hot standby", ServerNotReady),
    (r"bad record mac|decryption failed|unexpected eof|SSL SYSCALL", ConnectionFailed),
    (r"SSL|TLS|certificate", TlsFailed),
)
"""What a server or libpq says when connecting fails, most special first: these errors carry no SQLSTATE."""

NEXT: dict[type[ConnectionFailed], str] = {
    TlsFailed: "Name its authority with ?sslrootcert=/path/ca.pem, or accept it unproved with ?sslmode=require.",
    PasswordWithheld: "Let the server use SCRAM, or allow its older way with ?require_auth=md5.",
    PasswordNeeded: "Write it into the URL, or name a variable: postgresql://user:${VARIABLE}@host/database",
}
"""What to do, where the message alone does not tell."""

LOST_STATES = re.compile(r"08...|57P0[1-5]|58...|25P0[34]")
"""SQLSTATEs after which the session is gone."""


def connect(
    url: ConnectionUrl | str,
    *,
    application_name: str,
    read_only: bool = False,
    connect_timeout_seconds: float = 10,
) -> psycopg.Connection[tuple[object, ...]]:
    """Open a session with its settings pinned, in autocommit: begin transactions explicitly.

    url: hosts are tried in order, each address of each, until one takes the session.
    read_only: transactions of the session are read-only by default (a source); else commits are durable (a target).
    connect_timeout_seconds: for each address; ``connect_timeout`` in the URL wins.

    Raises HostNotFound, PortUnreachable, ConnectTimeout, TlsFailed, UserUnknown, PasswordWrong, PasswordNeeded,
    PasswordWithheld, DatabaseMissing, PrivilegeMissing, ServerNotReady, TransactionPooling, NoHostAnswers or ConnectionFailed;
    none holds the password.
    """
    url = normalise(url)
    timeout_seconds = float(url.options.get("connect_timeout", connect_timeout_seconds))
    password = url.resolved_password() or service_password(url)
    failures: list[ConnectionFailed] = []
    for host in url.hosts:
        try:
            connection = _connect_to_host(url, host, _parameters(url, password, application_name), timeout_seconds)
        except ConnectionFailed as failure:
            failures.append(failure)
            if not failure.retryable:
                break
        else:
            remember(connection)
            with limited(connection, timeout_seconds):
                if not _pin(connection, read_only=read_only, unless_pooled=True):
                    own = _parameters(url, password, "dms witness")
                    refuse_lent(connection, lambda: _connect_to_host(url, host, own, timeout_seconds))  # noqa: B023
                    _pin(connection, read_only=read_only)
            return connection
    raise _together(url, failures)


def lost(error: BaseException, connection: psycopg.Connection[tuple[object, ...]] | None = None) -> bool:
    """Is the session gone, rather than a statement refused? Such errors often carry no SQLSTATE."""
    if connection is not None and (connection.closed or connection.pgconn.status != pq.ConnStatus.OK):
        return True
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError):
        return isinstance(error, ConnectionError)
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return LOST_STATES.fullmatch(error.sqlstate) is not None


def explained_while_looking(error: psycopg.Error, url: ConnectionUrl) -> ConnectionFailed:
    """Why a question of ours to a connected server failed: a missing privilege, a time limit, a lost line."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return PrivilegeMissing(user=url.user or "", action="read the catalogue", reason=_reason(error))
    if isinstance(error, psycopg.errors.QueryCanceled):
        return ServerNotReady(host=url.host, reason="it did not answer in time", database=url.without_secrets)
    return ConnectionFailed(database=url.without_secrets, reason=_reason(error))


def _parameters(url: ConnectionUrl, password: str | None, application_name: str) -> dict[str, str | int]:
    if pq.version() < OLDEST_LIBPQ:
        raise ConnectionFailed(
            database="PostgreSQL", reason="the libpq installed is older than 16; install psycopg[binary]"
        )
    return {
        "user": url.user or getpass.getuser(),
        "password": password or "",
        "dbname": url.name,
        "application_name": url.options.get("application_name", application_name)[:63],
        "passfile": f"{os.devnull}/none",
        **client_certificate(url),
        "gssencmode": "disable",
        "client_encoding": "UTF8",
        "channel_binding": url.options.get("channel_binding", "prefer"),
        "target_session_attrs": url.options.get("target_session_attrs", "any"),
        "keepalives": 1,
        "keepalives_idle": KEEPALIVE_IDLE_SECONDS,
        "keepalives_interval": KEEPALIVE_INTERVAL_SECONDS,
        "keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": TCP_USER_TIMEOUT_MILLISECONDS,
    }


def _connect_to_host(
    url: ConnectionUrl, host: Host, parameters: dict[str, str | int], timeout_seconds: float
) -> psycopg.Connection[tuple[object, ...]]:
    if "ssh" in url.options and not host.is_socket:
        return _connect_through_tunnel(url, host, parameters, timeout_seconds)
    failure: ConnectionFailed | None = None
    for address in _addresses(host):
        own = {
            **parameters,
            **trust(url, address, has_password=bool(parameters["password"])),
            "host": host.name,
            "port": host.port,
        }
        if not host.is_socket:
            own["hostaddr"] = address
        own["connect_timeout"] = max(2, round(timeout_seconds))
        try:
            with clean_environment():
                return psycopg.connect(autocommit=True, **own)  # type: ignore[arg-type]
        except psycopg.Error as error:
            failure = _explained(error, url, host, address, timeout_seconds)
            failure = _without(failure, str(parameters["password"]))
        if not failure.retryable:
            break
    assert failure is not None  # noqa: S101  (a host has at least one address)
    raise failure


def _connect_through_tunnel(
    url: ConnectionUrl, host: Host, parameters: dict[str, str | int], timeout_seconds: float
) -> psycopg.Connection[tuple[object, ...]]:
    """As to any host; its name is resolved by the bastion, and TLS proves that name, not the tunnel's near end."""
    with way_to(url, host, timeout_seconds) as way:
        assert way is not None  # noqa: S101  (the URL asks for one)
        own = {
            **parameters,
            **trust(url, host.name, has_password=bool(parameters["password"])),
            "host": host.name,
            "hostaddr": way.address,
            "port": way.port,
            "connect_timeout": max(2, round(timeout_seconds)),
        }
        try:
            with clean_environment():
                return psycopg.connect(autocommit=True, **own)  # type: ignore[arg-type]
        except psycopg.Error as error:
            failure = way.failure() or _explained(error, url, host, host.name, timeout_seconds)
            raise _without(failure, str(parameters["password"])) from None


def _addresses(host: Host) -> list[str]:
    if host.is_socket:
        return [host.name]
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostNotFound(host=host.name) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def trust(url: ConnectionUrl, address: str, *, has_password: bool) -> dict[str, str]:
    """How the server proves itself, and how the password is proved to it."""
    local = is_loopback(address)
    mode = url.options.get("sslmode", "prefer" if local else "verify-full")
    trust = {"sslmode": mode}
    if mode in {"verify-ca", "verify-full"} or "sslrootcert" in url.options:
        trust["sslrootcert"] = url.options.get("sslrootcert") or _root_certificates()
    if has_password:
        trust["require_auth"] = url.options.get("require_auth", "scram-sha-256,none" if local else "scram-sha-256")
    else:
        trust["require_auth"] = "none"
    return trust


def _root_certificates() -> str:
    """The machine's certificate authorities: the binary libpq brings an OpenSSL that does not know where they lie."""
    paths = ssl.get_default_verify_paths()
    candidates = [
        paths.cafile,
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
    ]
    return next((path for path in candidates if path and Path(path).is_file()), "system")


def _explained(
    error: psycopg.Error, url: ConnectionUrl, host: Host, address: str, timeout_seconds: float
) -> ConnectionFailed:
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return ConnectTimeout(
            host=host.name, port=host.port, seconds=round(timeout_seconds), database=url.without_secrets
        )
    reason = _reason(error)
    facts = {
        "host": host.name,
        "user": url.user or getpass.getuser(),
        "name": url.name,
        "reason": reason,
        "database": url.without_secrets,
    }
    for pattern, failure in FAILURES:
        if re.search(pattern, reason, re.IGNORECASE):
            return failure(
                port=host.port, action=f"connect to database {url.name}", next=NEXT.get(failure, ""), **facts
            )
    unreachable = None if "ssh" in url.options else _unreachable(host, address)
    return unreachable or ConnectionFailed(**facts)


def _reason(error: psycopg.Error) -> str:
    """The first line of what was said, without the address in front."""
    said = (
        re.sub(r"^.*?(port \d+|socket \".*?\") failed: ", "", str(error), flags=re.DOTALL).strip()
        or type(error).__name__
    )
    return re.sub(r"^[A-ZÄÖÜ]+: +", "", said.splitlines()[0])


def _unreachable(host: Host, address: str) -> ConnectionFailed | None:
    """Ask the operating system rather than read a message: is there anything at all?"""
    family = socket.AF_UNIX if host.is_socket else socket.AF_INET6 if ":" in address else socket.AF_INET
    where = f"{address}/.s.PGSQL.{host.port}" if host.is_socket else (address, host.port)
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(2.0)
        try:
            line.connect(where)
        except OSError as error:
            return PortUnreachable(
                host=host.name, port=host.port, reason=(error.strerror or str(error)).lower(), database=host.name
            )
    return None


def _without(failure: ConnectionFailed, password: str) -> ConnectionFailed:
    """The same failure, should a server repeat the password in its message."""
    if len(password) > 2 and password in str(failure.facts.get("reason", "")):
        return type(failure)(
            **{**failure.facts, "reason": "(the server's message is withheld: it repeats the password)"}
        )
    return failure


def _together(url: ConnectionUrl, failures: list[ConnectionFailed]) -> ConnectionFailed:
    if len(failures) == 1 or not failures[-1].retryable:
        return failures[-1]
    hosts = ", ".join(str(host) for host in url.hosts)
    return NoHostAnswers(
        hosts=hosts, database=url.without_secrets, reason=" ".join(failure.message for failure in failures)
    )


def _pin(connection: psycopg.Connection[tuple[object, ...]], *, read_only: bool, unless_pooled: bool = False) -> bool:
    """Set a session's settings. unless_pooled: only if the server calls the session as the line does; else False."""
    version = connection.info.server_version
    settings = {**SETTINGS, "extra_float_digits": "1" if version >= SHORTEST_EXACT_FLOATS else "3"}
    settings |= {name: "0" for name, since in SINCE.items() if version >= since}
    settings |= (
        {"default_transaction_read_only": "on"}
        if read_only
        else {"default_transaction_read_only": "off", "synchronous_commit": "on"}
    )
    number = connection.pgconn.backend_pid if unless_pooled else None
    host = connection.info.host
    try:
        if connection.execute(PIN, (json.dumps(settings), number), prepare=False).fetchone() is None:
            return False
        if version >= LOOKS_FOR_CLIENT:
            with contextlib.suppress(psycopg.errors.InvalidParameterValue):
                connection.execute("set client_connection_check_interval = '5s'", prepare=False)
    except psycopg.Error as error:
        connection.close()
        raise ConnectionFailed(database=host, reason=f"the session's settings were refused: {_reason(error)}") from None
    return True
