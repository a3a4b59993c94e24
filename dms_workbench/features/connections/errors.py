"""What can go wrong with saved connections."""

from __future__ import annotations

from ...kernel.errors import NotFound, Refused, UsageError


class ConnectionNameTaken(Refused, code="connection-name-taken", next="dms connections get {name}"):
    """There is already a connection {name} in this project."""


class InvalidConnectionName(UsageError, code="invalid-connection-name"):
    """{name} is not a connection name: write 1 to 100 letters A-Z a-z, digits, dots, hyphens, underscores or spaces, a letter or digit first."""


class ConnectionNameAmbiguous(UsageError, code="connection-name-ambiguous", next="dms connections list"):
    """Several projects have a connection {name}: write the id of the one you mean."""


class UnknownConnection(NotFound, code="unknown-connection", next="dms connections list"):
    """There is no connection {name} in this project."""


class ConnectionIncomplete(UsageError, code="connection-incomplete"):
    """The connection is not clear: {reason}"""


class OwnStoreRefused(Refused, code="own-store-refused"):
    """{place} belongs to the workbench itself: no connection may lead there."""


class OperatorsOption(
    Refused, code="operators-option", status=403, next="Ask an administrator to create the connection."
):
    """The options {options} use keys, passwords or programs of the machine the workbench runs on: only an administrator may name them."""


class PasswordAgain(UsageError, code="password-again"):
    """Connection {name} leads to another server or user now: give the password again, the stored one is not sent there."""


class PasswordUseless(UsageError, code="password-useless"):
    """Connection {name} is a file: it has no password."""


class VariableRefused(UsageError, code="variable-refused"):
    """The environment variable {variable} is not for connections. Use one whose name does not begin with DMS_, or begins with DMS_URL_ or DMS_PASSWORD_."""


class ConnectionChanged(Refused, code="connection-changed", next="dms connections get {name}"):
    """Connection {name} is at version {version} now, not {expected}: somebody else changed it in between."""


class KeyOpensRows(
    Refused,
    code="key-opens-rows",
    safe="The key is kept.",
    next="Replay the rows (dms runs quarantine RUN_ID), or give them up for good with --with-quarantine.",
):
    """Master key {key_id} opens rows in quarantine that nobody could read, replay or verify without it: {rows}."""


class RowsNotLookedFor(
    Refused,
    code="rows-not-looked-for",
    safe="The key is kept.",
    next="Repeat the command when targets answer and runs have ended, or give up what may be there with --with-quarantine.",
):
    """Whether master key {key_id} still opens rows in quarantine is not known of: {places}."""


class ConnectionInUse(Refused, code="connection-in-use"):
    """Connection {name} cannot be deleted: schemas, plans or runs refer to it."""
