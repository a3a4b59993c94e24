"""MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalogue import DataType, TableName
from ..witness import Witness
from .capabilities import CAPABILITIES, qualified, quote
from .ddl import MysqlDdl
from .types import parse_type, render_type

if TYPE_CHECKING:
    from .read import MysqlSource
    from .write import MysqlTarget

__all__ = ["Mysql", "database"]


class Mysql:
    """How to reach MySQL and MariaDB and how they spell things."""

    can = CAPABILITIES
    ddl = MysqlDdl(quote, qualified)

    def open_source(
        self,
        url: str,
        *,
        options: Mapping[str, Any] | None = None,
    ) -> MysqlSource:
        """Connect for reading and take the snapshot. options: ``lanes``, how many are to read at a time."""
        from .read import open_source

        return open_source(url, lanes=int((options or {}).get("lanes", 1)))

    def open_target(
        self,
        url: str,
        *,
        create: bool = True,  # noqa: ARG002  of the protocol
        options: Mapping[str, Any] | None = None,
    ) -> MysqlTarget:
        """Connect for writing. options: ``ledger_schema``. A missing database is never created."""
        from .connect import connect
        from .write import MysqlTarget

        return MysqlTarget(
            connect(url, application_name="dms target"), url, (options or {}).get("ledger_schema", "dms_ledger")
        )

    def witness(self, url: str) -> Witness:
        """Who looks at sessions of a server from beside."""
        from .witness import MysqlWitness

        return MysqlWitness(url)

    def parse_type(self, native: str) -> DataType:
        """See `types.parse_type`."""
        return parse_type(native)

    def render_type(self, type: DataType) -> str:
        """See `types.render_type`."""
        return render_type(type)

    def quote(self, name: str) -> str:
        """An identifier, quoted."""
        return quote(name)

    def qualified(self, table: TableName) -> str:
        """Database and table, quoted; the table alone in the connection's own database."""
        return qualified(table)


database = Mysql()
