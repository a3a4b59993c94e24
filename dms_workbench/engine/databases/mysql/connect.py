"""One way to a MySQL or MariaDB server: bounded in time, nothing taken from the environment, the session's settings pinned.

**The password is only proved, not sent**, except inside TLS or on this machine (`wire`).

**TLS**: to another machine ``ssl-mode=VERIFY_IDENTITY`` holds unless the URL says otherwise; to this machine (a loopback
address or a Unix socket) ``PREFERRED``, since nobody is between.

**A dead network is noticed** within about 5 s while waiting, and 25 s after something was sent.
"""

from __future__ import annotations

import configparser
import contextlib
import getpass
import os
import re
import socket
import ssl
from typing import Any

from pymysql import err
from pymysql.constants import CR, ER

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
from .wire import READ_BYTES, Connection, FileAsked, Withheld

KEEPALIVE = {"TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}
LONG_SECONDS = 604_800
"""How long a session may be idle, or one side of a stream wait for the other: a week."""
LOCK_SECONDS = 60

READING_MODE = ""
WRITING_MODE = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
"""A value that does not fit is an error. Zero dates are values of the product: only another MySQL can have sent them."""

SETTINGS = {
    "autocommit": "1",
    "time_zone": "'+00:00'",
    "net_read_timeout": str(LONG_SECONDS),
    "net_write_timeout": str(LONG_SECONDS),
    "wait_timeout": str(LONG_SECONDS),
    "lock_wait_timeout": str(LOCK_SECONDS),
    "innodb_lock_wait_timeout": str(LOCK_SECONDS),
    "foreign_key_checks": "1",
    "unique_checks": "1",
    "sql_auto_is_null": "0",
    "sql_safe_updates": "0",
    "sql_big_selects": "1",
    "sql_select_limit": "DEFAULT",
    "sql_notes": "1",
    "max_error_count": "64",
    "lc_time_names": "'en_US'",
    "div_precision_increment": "4",
    "default_storage_engine": "InnoDB",
    "transaction_isolation": "'REPEATABLE-READ'",
    "tx_isolation": "'REPEATABLE-READ'",
    "max_statement_time": "0",
    "max_execution_time": "0",
    "idle_transaction_timeout": "0",
    "idle_readonly_transaction_timeout": "0",
    "idle_write_transaction_timeout": "0",
    "old_mode": "''",
    "explicit_defaults_for_timestamp": "1",
    "group_concat_max_len": "1048576",
    "system_versioning_alter_history": "'ERROR'",
}
"""Pinned on every session where the server knows the variable, whatever its defaults are."""

DENIED = 1045
FAILURES: dict[int, type[ConnectionFailed]] = {
    ER.DBACCESS_DENIED_ERROR: PrivilegeMissing,
    ER.BAD_DB_ERROR: DatabaseMissing,
    ER.HOST_NOT_PRIVILEGED: UserUnknown,
    1698: UserUnknown,
    3118: UserUnknown,
    4151: UserUnknown,
    1820: UserUnknown,
    1862: UserUnknown,
    ER.CON_COUNT_ERROR: TooManyConnections,
    ER.TOO_MANY_USER_CONNECTIONS: TooManyConnections,
    1226: TooManyConnections,
    ER.HOST_IS_BLOCKED: ServerNotReady,
    ER.SERVER_SHUTDOWN: ServerNotReady,
    3159: TlsFailed,
    4159: TlsFailed,
    CR.CR_SSL_CONNECTION_ERROR: TlsFailed,
    CR.CR_AUTH_PLUGIN_CANNOT_LOAD: PasswordWithheld,
    CR.CR_AUTH_PLUGIN_ERR: PasswordWithheld,
}
"""The server's and the client's numbers of what goes wrong when connecting."""


def connect(
    url: ConnectionUrl | str,
    *,
    application_name: str,
    read_only: bool = False,
    connect_timeout_seconds: float = 10,
) -> Connection:
    """Open a session with its settings pinned, in autocommit: begin transactions explicitly.

    url: hosts are tried in order, each address of each, until one takes the session.
    read_only: values of any kind can be read, and no data can be loaded; else what does not fit is an error.
    connect_timeout_seconds: for each address, the greeting included; ``connect_timeout`` in the URL wins.

    Raises HostNotFound, PortUnreachable, ConnectTimeout, TlsFailed, UserUnknown, PasswordWrong, PasswordNeeded,
    PasswordWithheld, DatabaseMissing, PrivilegeMissing, ServerNotReady, NoHostAnswers or ConnectionFailed;
    none holds the password.
    """
    url = normalise(url)
    session = {"program_name": application_name, "local_infile": not read_only}
    seconds = float(url.options.get("connect_timeout", connect_timeout_seconds))
    failures: list[ConnectionFailed] = []
    for host in url.hosts:
        try:
            connection = connect_to_host(url, host, login(url, host) | session, seconds)
            remember(connection)
            with limited(connection, seconds):
                pin(connection, url, read_only=read_only)
            return connection
        except ConnectionFailed as failure:
            failures.append(failure)
            if not failure.retryable:
                break
    if len(failures) == 1 or not failures[-1].retryable:
        raise failures[-1]
    raise NoHostAnswers(
        hosts=", ".join(str(host) for host in url.hosts),
        database=url.without_secrets,
        reason=" ".join(failure.message for failure in failures),
    )


def login(url: ConnectionUrl, host: Host) -> dict[str, Any]:
    """User, password and database for a host; a file of options that the URL names gives what the URL itself does not.

    The file's password goes to the server that the file names and to this machine only.
    """
    user, password = url.user, url.resolved_password()
    path = url.options.get("read_default_file")
    if path:
        said = client_options(path)
        user = user or said.get("user")
        if may_know(host, said, tunnelled="ssh" in url.options):
            password = password or said.get("password")
    return {"user": user or getpass.getuser(), "password": (password or "").encode(), "database": url.name}


def client_options(path: str) -> dict[str, str]:
    """What a file of options says to clients; nothing if it cannot be read."""
    parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read(os.path.expanduser(path), encoding="utf-8")
    section = parser["client"] if parser.has_section("client") else {}
    return {name: unquoted(text) or "" for name, text in section.items()}


def may_know(host: Host, said: dict[str, str], *, tunnelled: bool) -> bool:
    """Is a host the server that a file of options is for: the one it names, or without a tunnel this machine?"""
    if host.is_socket:
        return True
    named = said.get("host", "")
    if named and named.casefold() == host.name.casefold():
        return said.get("port", "") in ("", str(host.port))
    return not tunnelled and is_loopback(host.name)


def unquoted(text: str | None) -> str | None:
    """A value of an options file without the quotes around it."""
    return re.sub(r"^(['\"])(.*)\1$", r"\2", text) if text else text


def connect_to_host(url: ConnectionUrl, host: Host, arguments: dict[str, Any], seconds: float) -> Connection:
    """A session with the first address of a host that takes one."""
    failure: ConnectionFailed | None = None
    for address in [host.name] if "ssh" in url.options else addresses(host):
        line: socket.socket | None = None
        ways = contextlib.ExitStack()
        way = ways.enter_context(way_to(url, host, seconds))
        try:
            line = plain_line(
                host if way is None else Host(way.address, way.port), way.address if way else address, seconds
            )
            connection = Connection(
                local=host.is_socket or is_loopback(address),
                host=host.name,
                port=host.port,
                defer_connect=True,
                read_timeout=seconds,
                write_timeout=seconds,
                **arguments,
                **trust(url, host, address),
            )
            connection._secure = host.is_socket
            connection.connect(line)
        except (OSError, ssl.SSLError, ValueError, RuntimeError, err.Error) as error:
            if line is not None:
                line.close()
            known = (way.failure() if way else None) or explained(error, url, host, seconds, arguments["user"])
            failure = without_password(known, arguments["password"])
            if not failure.retryable:
                break
        else:
            connection._read_timeout = connection._write_timeout = None
            connection._rfile = connection._sock.makefile("rb", READ_BYTES)
            return connection
        finally:
            ways.close()
    assert failure is not None  # noqa: S101  (a host has at least one address)
    raise failure


def addresses(host: Host) -> list[str]:
    """The addresses of a host; a Unix socket's own path."""
    if host.is_socket:
        return [host.name]
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostNotFound(host=host.name) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def plain_line(host: Host, address: str, seconds: float) -> socket.socket:
    """A connected socket that notices a dead network. Raises OSError."""
    if host.is_socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(os.path.join(address, "mysqld.sock") if os.path.isdir(address) else address)
        except OSError:
            line.close()
            raise
        return line
    line = socket.create_connection((address, host.port), seconds)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return line


def trust(url: ConnectionUrl, host: Host, address: str) -> dict[str, Any]:
    """How the server proves itself."""
    local = host.is_socket or is_loopback(address)
    mode = url.options.get("ssl-mode", "PREFERRED" if local else "VERIFY_IDENTITY")
    if mode == "DISABLED" or (host.is_socket and mode == "PREFERRED"):
        return {"ssl_disabled": True}
    if mode == "PREFERRED" and not {"ssl-ca", "ssl-cert"} & set(url.options):
        return {}
    context = ssl.create_default_context(cafile=url.options.get("ssl-ca"))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = mode == "VERIFY_IDENTITY"
    proved = mode in ("VERIFY_CA", "VERIFY_IDENTITY") or "ssl-ca" in url.options
    context.verify_mode = ssl.CERT_REQUIRED if proved else ssl.CERT_NONE
    if "ssl-cert" in url.options:
        context.load_cert_chain(url.options["ssl-cert"], url.options.get("ssl-key"))
    return {"ssl": context}


def explained(error: Exception, url: ConnectionUrl, host: Host, seconds: float, user: str) -> ConnectionFailed:
    """Why a host took no session."""
    facts: dict[str, Any] = {
        "host": host.name,
        "port": host.port,
        "database": url.without_secrets,
        "user": user,
        "name": url.name,
    }
    cause = getattr(error, "original_exception", error)
    if isinstance(error, Withheld | FileAsked):
        return PasswordWithheld(reason=str(error.args[0]), **facts)
    if isinstance(cause, OSError):
        return explained_by_system(cause, facts, seconds)
    number, reason = number_and_reason(error)
    if number == DENIED:
        asked = "using password: NO" in reason
        return (PasswordNeeded if asked else PasswordWrong)(reason=reason, **facts)
    if number in (CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR) and "timed out" in reason:
        return ConnectTimeout(seconds=round(seconds), **facts)
    failure = FAILURES.get(number, ConnectionFailed)
    return failure(reason=reason, action=f"use the database {url.name}", **facts)


def explained_by_system(error: OSError, facts: dict[str, Any], seconds: float) -> ConnectionFailed:
    """Why the system gave no connection."""
    if isinstance(error, TimeoutError):
        return ConnectTimeout(seconds=round(seconds), **facts)
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason or "the server's answer is no TLS"
        return TlsFailed(reason=str(reason).lower().replace("_", " "), **facts)
    if isinstance(error, FileNotFoundError) and facts["host"] and not str(facts["host"]).startswith("/"):
        return TlsFailed(reason="the file that ssl-ca, ssl-cert or ssl-key names is not there", **facts)
    return PortUnreachable(reason=(error.strerror or type(error).__name__).lower(), **facts)


def number_and_reason(error: Exception) -> tuple[int, str]:
    """A driver error's number and the first line of its text."""
    if isinstance(error, err.Error) and len(error.args) >= 2 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1]).split("\n", maxsplit=1)[0]
    return 0, (str(error).split("\n", maxsplit=1)[0] or type(error).__name__)


def without_password(failure: ConnectionFailed, password: bytes) -> ConnectionFailed:
    """The same failure, should a server repeat the password in its message."""
    text = password.decode("utf-8", "replace")
    if len(text) > 2 and text in str(failure.facts.get("reason", "")):
        return type(failure)(
            **{**failure.facts, "reason": "(the server's message is withheld: it repeats the password)"}
        )
    return failure


def pin(connection: Connection, url: ConnectionUrl, *, read_only: bool) -> None:
    """Pin the session's settings. Raises ConnectionFailed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW SESSION VARIABLES")
            known = {name for name, _ in cursor.fetchall()}
            mode = READING_MODE if read_only else WRITING_MODE
            cursor.execute(f"SET SESSION sql_mode = '{mode}'")
            settings = ", ".join(f"SESSION {name} = {value}" for name, value in SETTINGS.items() if name in known)
            cursor.execute(f"SET {settings}")
    except (err.Error, OSError) as error:
        reason = number_and_reason(error)[1]
        connection.drop()
        raise ConnectionFailed(
            database=url.without_secrets, reason=f"the session's settings were refused: {reason}"
        ) from None
