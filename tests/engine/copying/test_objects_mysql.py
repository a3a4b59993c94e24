"""Objects of MariaDB in other products, and the other way round, where DDL ends every transaction."""

from __future__ import annotations

import pytest

from dms_workbench.engine.control import Control
from tests.engine.copying.conftest import run_sql
from tests.mariadb import MariadbServer

TABLES = """
create table parent (id int unsigned auto_increment primary key, name varchar(20) not null default 'it''s', kind enum('a', 'b') not null,
  moment timestamp not null default current_timestamp on update current_timestamp, key named (name));
create table child (id int primary key, parent int unsigned, price decimal(8, 2) check (price > 0),
  twice decimal(9, 2) as (price * 2) persistent,
  constraint own foreign key (parent) references parent (id) on delete set null, unique key head (parent, price));
create view names as select name, count(*) as many from parent group by name;
insert into parent (id, kind, moment) values (7, 'b', '2020-01-01 00:00:00');
insert into child (id, parent, price) values (1, 7, 1.50);
"""


class Killer(Control):
    """Ends the run at an object."""

    def report(self, progress) -> None:
        if progress.phase == "finish" and progress.message.startswith("index"):
            raise KeyboardInterrupt


@pytest.fixture
def shop(mariadb: MariadbServer, mariadb_url: str) -> str:
    """A database with keys, checks, a view and a column that an UPDATE sets."""
    mariadb.run_script(TABLES, mariadb_url.rsplit("/", 1)[1])
    return mariadb_url


def test_a_database_arrives_in_postgres_and_its_update_column_goes_on_working(shop, new_database, migrate):
    aim = new_database("postgres")
    result = migrate(shop, aim)
    assert result.status == "succeeded", result.error
    left = {(item.kind, item.name) for item in result.objects if item.outcome == "left_out" and item.kind != "owner"}
    assert {kind for kind, _ in left} == {"collation"}
    assert run_sql(aim, "select moment::text from parent") == [("2020-01-01 00:00:00+00",)]
    run_sql(aim, "update parent set name = 'new'")
    assert run_sql(aim, "select moment > now() - interval '1 hour' from parent") == [(True,)]
    run_sql(aim, "update parent set name = 'newer', moment = '2021-01-01 00:00+00'")
    assert run_sql(aim, "select moment::text from parent") == [("2021-01-01 00:00:00+00",)]
    assert run_sql(aim, "insert into parent (kind) values ('a') returning id, name") == [(8, "it's")]
    assert run_sql(aim, "select twice::text from child") == [("3.00",)]
    with pytest.raises(Exception, match="parent_kind_check"):
        run_sql(aim, "insert into parent (kind) values ('c')")


def test_a_run_killed_between_two_objects_goes_on_without_transactions_around_ddl(shop, new_database, migrate, mariadb):
    middle = new_database("postgres")
    migrate(shop, middle)
    aim = mariadb.create_database()
    try:
        with pytest.raises(KeyboardInterrupt):
            migrate(middle, aim, control=Killer())
        result = migrate(middle, aim)
        assert result.status == "succeeded", result.error
        made = {(item.kind, item.name): item.outcome for item in result.objects}
        assert made["index", "parent.named"] == "created"
        assert made["foreign key", "child.own"] == "created"
        assert made["next number", "parent.id"] == "created"
    finally:
        mariadb.drop_database(aim)
