"""What can go wrong with a database connection: one class a cause, so that a test of a connection names it."""

from __future__ import annotations

from ...kernel.errors import WorkbenchError


class DatabaseError(
    WorkbenchError, code="database-error", status=502, next="dms logs RUN_ID shows where, if a run had begun."
):
    """{database} reported: {reason}"""


class ConnectionFailed(
    WorkbenchError,
    code="connection-failed",
    status=502,
    retryable=True,
    next="dms connections test NAME says more of a saved connection.",
):
    """Cannot connect to {database}: {reason}"""


class ThreadsUsedUp(
    WorkbenchError,
    code="threads-used-up",
    status=503,
    safe="What was committed stays, and is in the ledger.",
    next="Raise that limit (ulimit -u, TasksMax= of a service, --pids-limit of a container), or use fewer lanes; "
    "then repeat the command.",
):
    """This process may start no further thread: the limit of processes and threads is reached{limit}."""


class UnknownDatabase(
    WorkbenchError, code="unknown-database", status=422, exit_code=2, next="Check the spelling of the URL or path."
):
    """{url} names no database this workbench knows. Write postgresql://, mysql://, sqlite:/// or duckdb:///, or the path of a .sqlite, .db or .duckdb file."""


class InvalidUrl(
    WorkbenchError,
    code="invalid-url",
    status=422,
    exit_code=2,
    next="Write it like postgresql://user@host:5432/name, sqlite:///file.sqlite or duckdb:///file.duckdb.",
):
    """{url} is not a usable connection URL: {reason}"""


class OptionNotAllowed(
    WorkbenchError, code="option-not-allowed", status=422, exit_code=2, next="Take the option out of the URL."
):
    """The connection option {option} is not allowed for {database}. Allowed: {allowed}."""


class DriverMissing(
    WorkbenchError, code="driver-missing", status=422, exit_code=2, next="Install it with: pip install '{package}'"
):
    """{database} cannot be reached from here: the Python package {module} is not installed."""


class HostNotFound(ConnectionFailed, code="host-not-found", next="Check the host in the URL, and the network."):
    """The host {host} is not known: its name does not resolve."""


class PortUnreachable(
    ConnectionFailed, code="port-unreachable", next="Check host and port in the URL, and that the server runs."
):
    """Nothing answers on {host} port {port}: {reason}"""


class ConnectTimeout(
    ConnectionFailed, code="connect-timeout", next="Check host, port and firewall, then repeat the command."
):
    """{host} port {port} did not answer within {seconds} s."""


class TlsFailed(
    ConnectionFailed, code="tls-failed", retryable=False, next="Check the options of the URL that speak of ssl."
):
    """No secure connection to {host}: {reason}"""


class UserUnknown(
    ConnectionFailed,
    code="user-unknown",
    retryable=False,
    next="Check the user in the URL, and what the server's pg_hba.conf lets in.",
):
    """{host} does not know the user {user}, or does not let it in: {reason}"""


class PasswordWrong(
    ConnectionFailed,
    code="password-wrong",
    retryable=False,
    next="Check user and password in the URL; write special characters percent-encoded.",
):
    """{host} refuses user {user} with this password: one of the two is wrong, the server does not say which."""


class PasswordNeeded(PasswordWrong, code="password-needed"):
    """{host} asks user {user} for a password, and the connection has none."""


class PasswordWithheld(ConnectionFailed, code="password-withheld", retryable=False):
    """{host} did not let user {user} prove the password without giving it away, so nothing was sent: {reason}"""


class ServerNotReady(ConnectionFailed, code="server-not-ready"):
    """{host} takes no connection at the moment: {reason}"""


class NoHostAnswers(ConnectionFailed, code="no-host-answers"):
    """None of the hosts {hosts} took the connection: {reason}"""


class DatabaseMissing(
    ConnectionFailed, code="database-missing", retryable=False, next="Check the name, or create the database."
):
    """There is no database {name} on {host}."""


class PrivilegeMissing(
    ConnectionFailed,
    code="privilege-missing",
    status=403,
    retryable=False,
    next="Ask the database's owner to grant it, or connect as another user.",
):
    """User {user} may not {action}: {reason}"""


class FileMissing(ConnectionFailed, code="file-missing", status=404, retryable=False, next="Check the path."):
    """There is no file {path}."""


class FileUnreadable(
    ConnectionFailed, code="file-unreadable", retryable=False, next="Check the path and its permissions."
):
    """The file {path} cannot be read: {reason}"""


class FileNotADatabase(
    ConnectionFailed,
    code="file-not-a-database",
    retryable=False,
    next="Check the path, or name the product: sqlite:///path or duckdb:///path.",
):
    """The file {path} is not a {database} database: {reason}"""


class FileReadOnly(
    ConnectionFailed,
    code="file-read-only",
    retryable=False,
    next="Make file and folder writable, or name another target.",
):
    """{path} cannot be written: {reason}"""


class DatabaseBusy(
    ConnectionFailed, code="database-busy", status=409, next="Close the other program, then repeat the command."
):
    """{path} is in use by another process: {reason}"""


class SchemaMissing(
    WorkbenchError, code="schema-missing", status=404, next="Name one of them with --source-schema or --target-schema."
):
    """There is no schema {schema} in {database}. There are: {known}."""


class RowsHidden(WorkbenchError, code="rows-hidden", status=409, next="Connect as a role that sees all rows."):
    """Row-level security hides rows of {table} from this user, so they could be neither copied nor counted.

    Use a role with BYPASSRLS, the table's owner, or a policy that shows all rows.
    """


class RunLocked(
    WorkbenchError,
    code="run-locked",
    status=409,
    retryable=True,
    next="Wait for the other worker, then repeat the command.",
):
    """Another worker holds the run's lock {lock} on the target; it was not released within {seconds} s."""


class ConnectionLost(
    WorkbenchError,
    code="connection-lost",
    status=502,
    retryable=True,
    safe="What was committed stays, and is in the ledger.",
    next="Repeat the command: it goes on after the last commit.",
):
    """The connection to {database} was lost: {reason}"""


class SnapshotLost(ConnectionLost, code="snapshot-lost"):
    """The snapshot that rows of {database} were read under is lost: {reason}"""


class TryAgain(
    DatabaseError,
    code="try-again",
    status=503,
    retryable=True,
    safe="The open chunk was rolled back. What was committed stays, and is in the ledger.",
    next="Repeat the command: it goes on after the last commit.",
):
    """{database} could not do it at this moment: {reason}"""


class Deadlock(TryAgain, code="deadlock"):
    """{database} ended this session's transaction to resolve a deadlock with another one: {reason}"""


class SerializationFailed(TryAgain, code="serialization-failed"):
    """{database} could not bring this transaction into an order with others: {reason}"""


class LockTimeout(
    TryAgain,
    code="lock-timeout",
    next="Let the other session end its transaction, then repeat the command: it goes on after the last commit.",
):
    """{database} did not get a lock in time: {reason}"""


class StatementCancelled(
    TryAgain,
    code="statement-cancelled",
    next="If it was a time limit (statement_timeout, max_statement_time): raise it for this user, or lower --chunk-rows.",
):
    """{database} ended a statement before it was done: {reason}"""


class DiskFull(
    TryAgain,
    code="disk-full",
    status=507,
    next="Make room on the disk of the server, then repeat the command: it goes on after the last commit.",
):
    """{database} has no room left on its disk: {reason}"""


class TooManyConnections(
    ServerNotReady,
    code="too-many-connections",
    next="Use fewer lanes (--lanes), or let the server take more connections (max_connections).",
):
    """{host} takes no further connection: {reason}"""


class TransactionPooling(
    ConnectionFailed,
    code="transaction-pooling",
    retryable=False,
    next="Connect to the server itself, or to a pool whose pool_mode is session.",
):
    """{host} hands each transaction to another session of the server (a pooler in transaction mode).

    Locks, settings and snapshots of a session do not hold there, so nothing could be copied exactly once.
    """


def is_transient(error: BaseException) -> bool:
    """Can the same work succeed a moment later, without anybody's correction?"""
    kinds = (ConnectionLost, ConnectionFailed, TryAgain)
    return isinstance(error, kinds) and error.retryable
