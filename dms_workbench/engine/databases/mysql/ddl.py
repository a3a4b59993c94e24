"""MySQL's and MariaDB's DDL."""

from __future__ import annotations

from ..ddl import StandardDdl


class MysqlDdl(StandardDdl):
    """What MySQL and MariaDB say in their own way."""

    product = "MySQL"
