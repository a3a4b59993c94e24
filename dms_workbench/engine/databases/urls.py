"""Connection URLs: one normal form, options from an allow-list, and a password that no message ever shows.

Accepted are URLs as SQLAlchemy writes them (``postgresql://``, ``postgresql+psycopg://``, ``postgres://``,
``mysql://``, ``mariadb://``, both also with ``+pymysql``, ``sqlite:///relative``, ``sqlite:////absolute``,
``duckdb:///…``, ``csv:///folder``, ``parquet:///folder``) and plain paths of files and folders; `schemes` lists what they may say.
A password may be a reference to an environment variable, ``postgresql://me:${PGPASS_SHOP}@host/db``: it stays a
reference until a connection is opened.

A URL that cannot be read is never repeated in a message, since any part of it may be a piece of a password.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import quote, unquote

from ...kernel.errors import WorkbenchError
from .base import Database
from .errors import DriverMissing, InvalidUrl, OptionNotAllowed, UnknownDatabase
from .schemes import (
    AMBIGUOUS,
    DEFAULT_PORT,
    DEFAULT_PORTS,
    DEFAULT_TLS,
    DRIVERS,
    FILE_KIND,
    OPTIONS,
    SCHEME_OF,
    SCHEMES,
    SERVERS,
    SUFFIXES,
    UNENCRYPTED,
    UNPROVED,
    option_named,
    shown_option,
    spelled_normally,
)


class VariableMissing(WorkbenchError, code="variable-missing", status=422, exit_code=2, next="export {variable}=…"):
    """The password is in the environment variable {variable}, which is not set here."""


REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
HARMLESS = re.compile(r"[^@=;?#\s:]{1,200}")
ENCODE = "percent-encode special characters in user and password: @ is %40, / is %2F, ? is %3F, # is %23, % is %25"


@dataclass(frozen=True, slots=True)
class Host:
    """One server of a list: a name, an IP address or a Unix socket (its folder; MySQL: its file), and a port."""

    name: str
    port: int = DEFAULT_PORT

    @property
    def is_socket(self) -> bool:
        """Is this a Unix socket?"""
        return self.name.startswith("/")

    def __str__(self) -> str:
        bare = quote(self.name, safe="") if self.is_socket else self.name
        return f"[{bare}]:{self.port}" if ":" in bare else f"{bare}:{self.port}"


@dataclass(frozen=True, slots=True)
class ConnectionUrl:
    """A connection URL in parts; its ``str`` and ``repr`` show no secret.

    database: the folder of the database (``postgres``, ``mysql``, ``sqlite``, ``duckdb``, ``files``).
    name: the database on the server; empty for files. path: the file, absolute; empty for servers.
    password: the password itself or a reference ``${VARIABLE}``.
    """

    database: str
    hosts: tuple[Host, ...] = ()
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    name: str = ""
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def host(self) -> str:
        """The first host, for messages; empty for files."""
        return self.hosts[0].name if self.hosts else ""

    @property
    def port(self) -> int | None:
        """The first host's port; None for files."""
        return self.hosts[0].port if self.hosts else None

    @property
    def is_file(self) -> bool:
        """Is the database a file?"""
        return not self.hosts

    @property
    def without_secrets(self) -> str:
        """The normal form without the password: equal for equal connections, and a URL that can be read again."""
        return self._text(None)

    @property
    def with_secrets(self) -> str:
        """The normal form with the password, or its reference: only to be sealed or connected with."""
        return self._text(self.password)

    @property
    def password_variable(self) -> str | None:
        """The environment variable that holds the password, if it is a reference."""
        found = REFERENCE.fullmatch(self.password or "")
        return found.group(1) if found else None

    def resolved_password(self, environment: Mapping[str, str] | None = None) -> str | None:
        """The password itself. environment: where references are looked up (os.environ). Raises VariableMissing."""
        variable = self.password_variable
        if variable is None:
            return self.password
        try:
            return (os.environ if environment is None else environment)[variable]
        except KeyError:
            raise VariableMissing(variable=variable) from None

    def with_password(self, password: str | None) -> ConnectionUrl:
        """The same connection with another password (None: without one)."""
        return replace(self, password=password or None)

    def _text(self, password: str | None) -> str:
        scheme = SCHEME_OF[self.database]
        if self.is_file:
            scheme = self.options.get(FILE_KIND, scheme)
            said = {key: value for key, value in sorted(self.options.items()) if key != FILE_KIND}
            query = "&".join(f"{key}={quote(value, safe='')}" for key, value in said.items())
            return f"{scheme}:///{quote(self.path, safe='/:~@,+=')}{query and '?' + query}"
        login = quote(self.user, safe="") if self.user else ""
        if password:
            shown = password if REFERENCE.fullmatch(password) else quote(password, safe="")
            login += f":{shown}"
        options = "&".join(f"{key}={quote(value, safe='/')}" for key, value in sorted(self.options.items()))
        servers = ",".join(str(host) for host in self.hosts)
        return f"{scheme}://{login and login + '@'}{servers}/{quote(self.name, safe='')}{options and '?' + options}"

    def __str__(self) -> str:
        return self.without_secrets


def database_for(url: str | ConnectionUrl) -> Database:
    """The database a URL or path belongs to; its folder is imported only now. Raises UnknownDatabase, InvalidUrl, DriverMissing."""
    parsed = url if isinstance(url, ConnectionUrl) else normalise(url)
    module, product, package = DRIVERS.get(parsed.database, ("", "", ""))
    if module and find_spec(module) is None:
        raise DriverMissing(database=product, module=module, package=package)
    return cast(Database, import_module(f".{parsed.database}", __package__).database)


def normalise(text: str | ConnectionUrl) -> ConnectionUrl:
    """Read a URL or a path.

    Raises UnknownDatabase for a product or file this workbench does not know, InvalidUrl for what cannot be read,
    OptionNotAllowed for an option that is not on the list; none of their messages holds a piece of the password.
    """
    if isinstance(text, ConnectionUrl):
        return text
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _from_path(text)
    database = SCHEMES.get(scheme.lower())
    if database is None:
        raise UnknownDatabase(url=f"{scheme}://…" if re.fullmatch(r"[A-Za-z0-9+.-]{1,30}", scheme) else "The given URL")
    if UNPRINTABLE.search(rest):
        raise _invalid(database, "it holds control characters")
    if database == "postgres" and "service=" in rest:
        from .postgres.service import filled_in

        rest = filled_in(rest)
    if database in SERVERS:
        return _from_server_url(database, rest)
    url = _from_file_url(database, rest)
    if database == "files" and scheme.lower() != "files":
        return replace(url, options={**url.options, FILE_KIND: scheme.lower()})
    return url


def is_loopback(address: str) -> bool:
    """Does an address (or the name ``localhost``, or a Unix socket's folder) stay on this machine?"""
    if address == "localhost" or address.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def warnings_of(url: ConnectionUrl) -> tuple[str, ...]:
    """What a URL gives up that is on by default, one sentence each; shown beside the connection."""
    if url.is_file or all(is_loopback(host.name) for host in url.hosts):
        return ()
    found = []
    option, default = DEFAULT_TLS[url.database]
    mode = url.options.get(option, default)
    if mode in UNENCRYPTED:
        found.append(f"{option}={mode}: data and queries may travel unencrypted and can be read on the way.")
    if mode in UNPROVED:
        found.append(f"{option}={mode}: encrypted, but it is not checked that {url.host} is the server it says it is.")
    if url.options.get("require_auth") in {"md5", "none"}:
        found.append(
            f"require_auth={url.options['require_auth']}: the server does not have to prove that it knows the password."
        )
    return tuple(found)


def _from_path(text: str) -> ConnectionUrl:
    if not text:
        raise InvalidUrl(url="The empty text", reason="it names nothing")
    if UNPRINTABLE.search(text):
        raise InvalidUrl(url="The given path", reason="it holds control characters")
    path = Path(text).expanduser()
    database = _kind_of(path)
    if database is None or ("@" in text and ":" in text and not path.exists()):
        shown = f"…{path.suffix}" if path.is_file() else text
        raise UnknownDatabase(url=shown if HARMLESS.fullmatch(shown) else "The given text")
    return ConnectionUrl(database, path=_absolute(path))


def _kind_of(path: Path) -> str | None:
    """The database of a path: by its suffix where that is certain, else by what the file is.

    SQLite files are looked at through SQLite only: closing another handle would drop locks this process holds on them.
    """
    suffix = path.suffix.lower()
    suffix = "".join(path.suffixes[-2:]).lower() if suffix == ".gz" else suffix
    certain = suffix in SUFFIXES and suffix not in AMBIGUOUS
    if path.is_dir() and not certain:
        return "files"
    if certain or not path.is_file() or not path.stat().st_size:
        return SUFFIXES.get(suffix)
    return "sqlite" if _is_sqlite(path) else _magic(path)


def _is_sqlite(path: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as found:
            found.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return True


def _magic(path: Path) -> str | None:
    """What the first bytes of a file say it is; the suffix where they cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return SUFFIXES.get(path.suffix.lower())
    return "duckdb" if head[8:12] == b"DUCK" else SUFFIXES.get(path.suffix.lower())


def _absolute(path: Path) -> str:
    return Path(os.path.abspath(path)).as_posix()


def _from_file_url(database: str, rest: str) -> ConnectionUrl:
    path, _, query = rest.partition("?")
    options = _checked(database, _options(database, query)) if query else {}
    if not path.startswith("/"):
        raise _invalid(
            database, f"write {SCHEME_OF[database]}:///relative/path or {SCHEME_OF[database]}:////absolute/path"
        )
    path = _decoded(database, path[1:])
    if path in {"", ":memory:"} or (path == "." and database != "files") or path.startswith(":memory:"):
        raise _invalid(database, "a database in memory ends with its connection: name a file")
    if path.lower().startswith("file:"):
        raise _invalid(database, "SQLite's own file: URIs are not accepted: name the path alone")
    return ConnectionUrl(database, path=_absolute(Path(path)), options=options)


def _from_server_url(database: str, rest: str) -> ConnectionUrl:
    if "#" in rest:
        raise _invalid(database, f"it holds a #: {ENCODE}")
    address, _, query = rest.partition("?")
    authority, _, name = address.partition("/")
    login, at, servers = authority.rpartition("@")
    if "@" in login or "@" in name or "@" in query:
        raise _invalid(
            database, f"it holds more than one @: {ENCODE}" if at else f"it holds an @ behind a /, ? or #: {ENCODE}"
        )
    if "/" in name:
        raise _invalid(database, f"the database's name holds a /: {ENCODE}")
    if not name:
        raise _invalid(database, "it names no database: add /NAME")
    _hosts(database, servers, "")  # before any option is named: what looks like one may be the rest of a password
    options = _options(database, query)
    user, _, password = login.partition(":")
    return ConnectionUrl(
        database,
        hosts=_hosts(database, servers, options.pop("host", "")),
        user=_decoded(database, user) or None,
        password=_decoded(database, password) or None,
        name=_decoded(database, name),
        options=_checked(database, options),
    )


def _hosts(database: str, servers: str, socket_folder: str) -> tuple[Host, ...]:
    if socket_folder:
        name, _, port = servers.rpartition(":") if ":" in servers else (servers, "", "")
        if name or not socket_folder.startswith("/"):
            raise OptionNotAllowed(option="host", database=database, allowed=_allowed(database))
        return (Host(socket_folder, _port(database, port)),)
    return tuple(_host(database, server) for server in servers.split(","))


def _host(database: str, server: str) -> Host:
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+(?:%25[\w.-]+)?)\]|([^:\[\]]*))(?::([^:]*))?", server)
    if found is None:
        raise _invalid(database, f"its host cannot be read: {ENCODE}, and write an IPv6 address in brackets")
    name = _decoded(database, found.group(1) or found.group(2) or "localhost")
    if not re.fullmatch(r"/.*|[\w.:%-]+", name):
        raise _invalid(database, f"its host holds characters that a name or address cannot have: {ENCODE}")
    return Host(name if name.startswith("/") else name.lower(), _port(database, found.group(3) or ""))


def _port(database: str, text: str) -> int:
    if not text:
        return DEFAULT_PORTS[database]
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65_536:
        raise _invalid(
            database, f"its port is no number from 1 to 65535 (or the password holds a special character: {ENCODE})"
        )
    return int(text)


def _options(database: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        written, _, value = part.partition("=")
        key = option_named(database, written)
        if key not in OPTIONS[database] and not (key == "host" and database in SERVERS):
            raise OptionNotAllowed(option=shown_option(written), database=database, allowed=_allowed(database))
        if key in options:
            raise _invalid(database, f"it gives the option {key} twice")
        options[key] = _decoded(database, value)
    return spelled_normally(options)


def _checked(database: str, options: dict[str, str]) -> dict[str, str]:
    for key, value in options.items():
        pattern = OPTIONS[database][key]
        if not re.fullmatch(pattern, value):
            listed = pattern.replace("|", ", ") if "|" in pattern else "another value"
            raise _invalid(database, f"the option {key} may be {listed}")
    return options


def _allowed(database: str) -> str:
    return ", ".join(OPTIONS[database]) or "none"


def _decoded(database: str, text: str) -> str:
    if BROKEN_PERCENT.search(text):
        raise _invalid(database, f"it holds a % that is not followed by two hexadecimal digits: {ENCODE}")
    decoded = unquote(text, errors="replace")
    if "�" in decoded or "\x00" in decoded:
        raise _invalid(database, "a percent-encoded part of it is no UTF-8 text")
    return decoded


def _invalid(database: str, reason: str) -> InvalidUrl:
    return InvalidUrl(url=f"{SCHEME_OF[database]}://…", reason=reason)
