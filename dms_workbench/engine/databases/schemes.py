"""What a connection URL may say: the schemes of each database, file suffixes, ports and the options that are let through."""

from __future__ import annotations

from difflib import get_close_matches

DEFAULT_PORT = 5432
DEFAULT_PORTS = {"postgres": DEFAULT_PORT, "mysql": 3306}
"""Folder of a database with servers -> the port where none is named."""

SERVERS = frozenset(DEFAULT_PORTS)
"""Databases that are reached over a network; the others are files."""

SCHEMES = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "postgresql+psycopg": "postgres",
    "postgresql+psycopg2": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mysql+pymysql": "mysql",
    "mariadb+pymysql": "mysql",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "duckdb": "duckdb",
    "csv": "files",
    "parquet": "files",
    "files": "files",
}
"""Scheme of a URL -> folder of the database."""

SCHEME_OF = {"postgres": "postgresql", "mysql": "mysql", "sqlite": "sqlite", "duckdb": "duckdb", "files": "files"}
"""Folder of a database -> scheme of the normal form."""

FILE_KIND = "kind"
"""The option of a connection to files that says which ones are meant: the scheme ``csv`` or ``parquet``. No URL can give it."""

SUFFIXES = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".db3": "sqlite",
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".csv": "files",
    ".tsv": "files",
    ".tab": "files",
    ".csv.gz": "files",
    ".tsv.gz": "files",
    ".parquet": "files",
    ".pq": "files",
}

AMBIGUOUS = {".db", ".db3"}
"""Suffixes that both products are found under: the file itself is asked."""

SECONDS = "[1-9][0-9]{0,2}"

TUNNEL = {
    "ssh": r"[A-Za-z0-9](?:[\w.-]*\w)?(?::\d{1,5})?",
    "ssh_user": r"[A-Za-z_][\w.-]*",
    "ssh_config": r"[/~].+",
}
"""A way through a bastion: ``host[:port]`` as ssh knows it, who logs in there, and another file than ~/.ssh/config."""

OPTIONS: dict[str, dict[str, str]] = {
    "postgres": {
        **TUNNEL,
        "sslmode": "disable|allow|prefer|require|verify-ca|verify-full",
        "sslrootcert": ".+",
        "sslcert": ".+",
        "sslkey": ".+",
        "sslpassword": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
        "service": r"[^\[\]]{1,80}",
        "channel_binding": "disable|prefer|require",
        "require_auth": "none|md5|scram-sha-256",
        "connect_timeout": SECONDS,
        "application_name": r"[\x20-\x7e]{1,63}",
        "target_session_attrs": "any|read-write|read-only|primary|standby",
    },
    "mysql": {
        **TUNNEL,
        "ssl-mode": "DISABLED|PREFERRED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY",
        "ssl-ca": ".+",
        "ssl-cert": ".+",
        "ssl-key": ".+",
        "connect_timeout": SECONDS,
        "charset": "utf8mb4",
        "read_default_file": ".+",
    },
    "sqlite": {},
    "duckdb": {},
    "files": {
        "delimiter": ".|tab|comma|semicolon|pipe|space",
        "quote": ".|none",
        "escape": ".",
        "encoding": "[A-Za-z0-9-]{3,20}",
        "header": "yes|no|true|false",
        "null": ".{0,40}",
        "decimal": "[.,]",
        "thousands": ".|none|space",
        "types": "text|auto",
        "format": "csv|text",
    },
}
"""Options a URL may hold and the pattern of their values; every other is refused (``options``, ``passfile``, …)."""

OPERATORS_OWN = frozenset(
    (*TUNNEL, "service", "read_default_file", "sslcert", "sslkey", "sslpassword", "ssl-cert", "ssl-key")
)
"""Options that use keys, passwords and programs of whoever runs the workbench: not for everybody to name in a shared one."""

SPELLINGS: dict[str, dict[str, str]] = {
    "mysql": {
        "ssl_mode": "ssl-mode",
        "ssl_ca": "ssl-ca",
        "ssl_cert": "ssl-cert",
        "ssl_key": "ssl-key",
        "unix_socket": "host",
    },
}
"""Other names of an option -> its name in the normal form."""

DEFAULT_TLS = {"postgres": ("sslmode", "verify-full"), "mysql": ("ssl-mode", "VERIFY_IDENTITY")}
"""Folder of a database -> the option that says how safe the connection is, and what holds without it, to another machine."""

UNENCRYPTED = {"disable", "allow", "prefer", "DISABLED", "PREFERRED"}
UNPROVED = {"require", "verify-ca", "REQUIRED", "VERIFY_CA"}

DRIVERS = {"mysql": ("pymysql", "MySQL and MariaDB", "dms-workbench[mysql]")}
"""Folder of a database -> the module that not every installation has, the product's name, and what to install."""


def spelled_normally(options: dict[str, str]) -> dict[str, str]:
    """Options with the values of the normal form."""
    if "ssl-mode" in options:
        options = {**options, "ssl-mode": options["ssl-mode"].upper().replace("-", "_")}
    return options


def option_named(database: str, key: str) -> str:
    """The name of an option in the normal form."""
    return SPELLINGS.get(database, {}).get(key, key)


ELSEWHERE = frozenset((
    "options", "passfile", "password", "user", "dbname", "port", "hostaddr", "client_encoding", "charset",
    "collation", "gssencmode", "keepalives", "sslcrl", "sslcompression", "ssl_min_protocol_version", "requirepeer",
    "krbsrvname", "replication", "init_command", "local_infile", "read_default_group", "compress", "autocommit",
    "vfs", "mode", "cache", "immutable", "nolock", "psow", "threads", "memory_limit", "access_mode", "timeout",
    "isolation_level", "pool_size", "schema", "currentschema", "usessl", "allowpublickeyretrieval", "servertimezone",
))  # fmt: skip
"""Options that drivers know and this workbench does not take; their names tell no secret."""


def shown_option(key: str) -> str:
    """An option's name for a message, if it is one that some driver has or is like one; any other could be a piece of a password."""
    known = ELSEWHERE.union(*OPTIONS.values(), *(set(names) for names in SPELLINGS.values()))
    return key if get_close_matches(key.lower(), known, 1, 0.75) else "with that name"
