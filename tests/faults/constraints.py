"""What stands in the target table's way: constraints, triggers, row-level security; and rows that the source hides."""

from __future__ import annotations

from typing import Any

from tests import servers
from tests.faults.registry import Pair, scenario
from tests.faults.scene import Scene
from tests.faults.servers import PASSWORD
from tests.faults.tables import anew, brief, expect_exact_books, expect_message, rows_of

PAIRS: tuple[Pair, ...] = (("postgres", "postgres"), ("mariadb", "postgres"), ("postgres", "mariadb"))
BAD = 12
ROWS = 400
ITEMS = {
    "postgres": "create table items (id int primary key, code int, size int, owner int);"
    "insert into items select i, case when i % 100 = 0 then 1 else i end, case when i % 100 = 50 then -1 else i end,"
    " case when i % 100 <> 25 then i end from generate_series(1, 400) i",
    "mariadb": "create table items (id int primary key, code int, size int, owner int);"
    "insert into items select seq, if(seq % 100 = 0, 1, seq), if(seq % 100 = 50, -1, seq), if(seq % 100 <> 25, seq, null)"
    " from seq_1_to_400",
}
FUSSY = {
    "postgres": "create table items (id int primary key, code int unique, size int check (size > 0), owner int not null)",
    "mariadb": "create table items (id int primary key, code int unique, size int check (size > 0), owner int not null)",
}


@scenario(PAIRS, filled=False)
def rows_against_constraints(scene: Scene) -> None:
    """Unique, check and NOT NULL of the target table refuse some rows: those lie in quarantine by key, the books are exact."""
    anew(scene, ITEMS[scene.source_product])
    scene.in_target(FUSSY[scene.target_product])
    result = scene.start(chunk_rows=scene.dice.choice((50, 400))).wait()
    tables = expect_exact_books(scene, result)
    assert result["status"] == "succeeded_with_quarantine", brief(result)
    assert tables["items"]["quarantined"] == BAD, tables
    keys = {row["key"]["id"] for row in result["quarantine"]}
    assert keys == {at + offset for at in (0, 100, 200, 300) for offset in (25, 50, 100)}, keys
    assert {row["code"] for row in result["quarantine"]} == {"unique", "check", "not-null"}, result["quarantine"]


CYCLE = {
    "postgres": "create table a (id int primary key, b int); create table b (id int primary key, a int references a (id));"
    "alter table a add foreign key (b) references b (id) deferrable initially deferred; begin;"
    "insert into a select i, i from generate_series(1, 300) i; insert into b select i, i from generate_series(1, 300) i; commit;"
    "create table tree (id int primary key, parent int references tree (id));"
    "insert into tree select i, nullif(i / 2, 0) from generate_series(1, 300) i",
    "mariadb": "create table a (id int primary key, b int); create table b (id int primary key, a int, foreign key (a)"
    " references a (id)); insert into a select seq, seq from seq_1_to_300; insert into b select seq, seq from seq_1_to_300;"
    "alter table a add foreign key (b) references b (id);"
    "create table tree (id int primary key, parent int, foreign key (parent) references tree (id));"
    "insert into tree select seq, nullif(seq div 2, 0) from seq_1_to_300",
}


@scenario((*PAIRS, ("postgres", "sqlite")), filled=False, kills=True)
def foreign_keys_in_circles(scene: Scene) -> None:
    """Tables refer to each other and to themselves: killed in between, all rows arrive and the foreign keys hold."""
    anew(scene, CYCLE[scene.source_product])
    worker = scene.start(chunk_rows=40)
    worker.until_copying(scene.dice.randrange(1, 300))
    scene.kills += worker.kill()
    scene.finish(chunk_rows=40)
    if scene.target_product == "postgres":
        assert scene.in_target("select count(*) from pg_constraint where contype = 'f' and convalidated")[0][0] == 3


@scenario((("postgres", "postgres"), ("mariadb", "postgres"), ("postgres", "mariadb")), filled=False)
def trigger_that_alters_rows(scene: Scene) -> None:
    """A trigger of the target alters or drops rows as they are written: the verification names them; it is never a success."""
    anew(scene, ITEMS[scene.source_product])
    scene.in_target("create table items (id int primary key, code int, size int, owner int)")
    drops = scene.target_product == "postgres" and scene.dice.random() < 0.5
    if scene.target_product == "postgres":
        scene.in_target(
            "create function meddle() returns trigger language plpgsql as $$ begin if new.id = 7 then "
            f"{'return null;' if drops else 'new.code := 0;'} end if; return new; end $$;"
            "create trigger meddle before insert on items for each row execute function meddle()"
        )
    else:
        scene.in_target(
            "create trigger meddle before insert on items for each row set new.code = if(new.id = 7, 0, new.code)"
        )
    result = scene.start().wait()
    scene.facts |= {"drops": drops, "result": brief(result)}
    assert result.get("status") in ("differences", "failed", "refused"), brief(result)
    if result["status"] == "differences":
        findings = [finding for table in result["tables"] for finding in table["findings"]]
        assert [finding["key"] for finding in findings] == [{"id": "7"}], findings
    else:
        expect_message(result, "items")


@scenario((("postgres", "postgres"), ("postgres", "mariadb")))
def rows_hidden_from_the_reader(scene: Scene) -> None:
    """Row-level security hides rows of the source from the account: refused, never a success with fewer rows."""
    name = f"reader_{scene.dice.randrange(10**9)}"
    scene.in_source(
        f"create role {name} login password '{PASSWORD}'; grant select on all tables in schema public to {name};"
        "alter table words enable row level security; create policy few on words using (number % 2 = 0)"
    )
    drop_role(scene, name)
    url = scene.source.replace(f"//{servers.SUPERUSER}:", f"//{name}:")
    result = scene.start(source=url).wait()
    assert result.get("status") != "succeeded", brief(result)
    expect_message(result, "words")
    code = (result.get("error") or {}).get("code")
    assert code == "rows-hidden", result.get("error")


@scenario((("postgres", "postgres"), ("mariadb", "postgres")))
def rows_hidden_from_the_writer(scene: Scene) -> None:
    """Row-level security of the target hides rows that are there, or refuses new ones: refused, or named; never a success."""
    name = f"writer_{scene.dice.randrange(10**9)}"
    scene.in_target(
        f"create role {name} login password '{PASSWORD}'; grant all on schema public to {name};"
        f"grant create on database {scene.name(scene.target)} to {name};"
        "create table loose (n int, word varchar(20)); alter table loose enable row level security;"
        f"create policy few on loose using (n % 2 = 0); grant all on loose to {name}"
    )
    drop_role(scene, name, "target")
    url = scene.target.replace(f"//{servers.SUPERUSER}:", f"//{name}:")
    result = scene.start(target=url).wait()
    assert result.get("status") != "succeeded", brief(result)
    expect_message(result, "loose")


def drop_role(scene: Scene, name: str, side: str = "source") -> None:
    """Let a role be gone at the end of the play."""
    server, url = (scene.source_server, scene.source) if side == "source" else (scene.target_server, scene.target)
    scene.stack.callback(lambda: server.execute(f"drop role if exists {name}"))
    scene.stack.callback(lambda: server.execute(f"drop owned by {name} cascade", scene.name(url)))


MADE = {
    "postgres": "create table made (id int generated always as identity primary key, price numeric(10, 2),"
    " double numeric(12, 2) generated always as (price * 2) stored);"
    "insert into made (price) select i / 4.0 from generate_series(1, 300) i",
    "mariadb": "create table made (id int auto_increment primary key, price decimal(10, 2),"
    " doubled decimal(12, 2) generated always as (price * 2) stored);"
    "insert into made (price) select seq / 4 from seq_1_to_300",
}


@scenario(PAIRS, filled=False)
def columns_made_by_the_server(scene: Scene) -> None:
    """Identity and generated columns arrive with the source's values, and the next row gets a number of its own."""
    anew(scene, MADE[scene.source_product].replace("double ", "doubled "))
    scene.finish()
    scene.in_target("insert into made (price) values (1)")
    last: tuple[Any, ...] = rows_of(scene, "target", "select max(id), count(*) from made")[0]
    assert int(last[0]) >= 301, last
    assert int(last[1]) == 301, last
