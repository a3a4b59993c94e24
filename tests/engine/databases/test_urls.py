"""Connection URLs: normal form, what is refused, and that no message holds a piece of a password."""

from __future__ import annotations

import pickle
import sqlite3
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dms_workbench.engine.databases.errors import InvalidUrl, OptionNotAllowed, UnknownDatabase
from dms_workbench.engine.databases.urls import (
    ConnectionUrl,
    Host,
    VariableMissing,
    database_for,
    normalise,
    warnings_of,
)
from dms_workbench.kernel.errors import WorkbenchError

texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="�"), min_size=1, max_size=20)
words = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "PostgreSQL"])
def test_every_spelling_of_postgresql_means_the_same(scheme: str) -> None:
    assert normalise(f"{scheme}://me@Host/shop").without_secrets == "postgresql://me@host:5432/shop"


@given(user=texts, password=texts, host=words, port=st.integers(1, 65_535), name=texts)
def test_a_percent_encoded_url_gives_its_parts_back(user: str, password: str, host: str, port: int, name: str) -> None:
    url = normalise(
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(name, safe='')}"
    )

    assert (url.user, url.password, url.hosts, url.name) == (user, password, (Host(host, port),), name)


@given(user=texts, password=texts, name=texts)
def test_the_normal_form_can_be_read_again(user: str, password: str, name: str) -> None:
    url = ConnectionUrl("postgres", (Host("db.example.org"),), user, password, name)

    assert normalise(url.without_secrets) == url.with_password(None)
    assert normalise(url.with_secrets) == url


@given(name=st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="�/\\"), min_size=1, max_size=20))
def test_the_normal_form_of_any_file_can_be_read_again(name: str) -> None:
    url = ConnectionUrl("sqlite", path=f"/data/x{name}")

    assert normalise(url.without_secrets) == url


@given(
    password=st.text(st.sampled_from("@:/?#%&= abcXYZ019"), min_size=1, max_size=12),
    rest=st.sampled_from(["@host/db", "@host:x/db", "@/db", "@host", "@host/db?a=b", ""]),
)
@example(password="/0?", rest="")
@example(password=":/0?", rest="")
@example(password="@/0?", rest="")
def test_no_message_holds_an_unescaped_password(password: str, rest: str) -> None:
    canary = f"Qq{password}Zz"
    try:
        normalise(f"postgresql://me:{canary}{rest}")
    except WorkbenchError as error:
        shown = f"{error} {error!r} {error.as_dict()} {pickle.dumps(error)!r}"
        assert "Qq" not in shown
        assert "Zz" not in shown


@pytest.mark.parametrize("password", ["p@ss", "p/ss@x", "p?ss", "p#ss", "50%", "p@s/s?"])
def test_a_password_that_is_not_encoded_is_refused_with_the_remedy(password: str) -> None:
    with pytest.raises(InvalidUrl, match="percent-encode"):
        normalise(f"postgresql://me:{password}@host/db")


def test_repr_and_str_show_no_password() -> None:
    url = normalise("postgresql://me:canary@host/db")

    assert "canary" not in f"{url} {url!r} {url.without_secrets}"
    assert url.with_secrets == "postgresql://me:canary@host:5432/db"


def test_a_password_by_reference_is_looked_up_when_it_is_needed() -> None:
    url = normalise("postgresql://me:${PGPASS_SHOP}@host/db")

    assert (url.password_variable, url.with_secrets) == ("PGPASS_SHOP", "postgresql://me:${PGPASS_SHOP}@host:5432/db")
    assert url.resolved_password({"PGPASS_SHOP": "s@cret"}) == "s@cret"
    with pytest.raises(VariableMissing, match="PGPASS_SHOP"):
        url.resolved_password({})


def test_several_hosts_are_kept_in_order() -> None:
    url = normalise("postgresql://me@one,two:5433,[::1]:6000/db")

    assert url.hosts == (Host("one"), Host("two", 5433), Host("::1", 6000))
    assert url.without_secrets == "postgresql://me@one:5432,two:5433,[::1]:6000/db"


@pytest.mark.parametrize("text", ["postgresql://me@%2Ftmp%2Fpg/db", "postgresql://me@/db?host=/tmp/pg"])
def test_a_unix_socket_is_its_folder(text: str) -> None:
    url = normalise(text)

    assert url.hosts == (Host("/tmp/pg"),)
    assert url.without_secrets == "postgresql://me@%2Ftmp%2Fpg:5432/db"


@pytest.mark.parametrize(
    "option",
    ["passfile=/x", "krbsrvname=x", "options=-cx", "host=evil", "password=x", "hostaddr=1.2.3.4", "user=x"],
)
def test_dangerous_options_are_refused_by_name(option: str) -> None:
    with pytest.raises(OptionNotAllowed, match="sslmode"):
        normalise(f"postgresql://me@host/db?{option}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://me@host", "names no database"),
        ("postgresql://me@host:0/db", "port"),
        ("postgresql://me@host:99999/db", "port"),
        ("postgresql://me@ho st/db", "host"),
        ("postgresql://me@::1/db", "brackets"),
        ("postgresql://me@host/db?sslmode=maybe", "verify-full"),
        ("postgresql://me@host/db?sslmode=require&sslmode=disable", "twice"),
        ("postgresql://me@host/a/b", "holds a /"),
        ("postgresql://me@host/%ff", "UTF-8"),
        ("postgresql://me@host/d\nb", "control characters"),
        ("sqlite://", "sqlite:///relative"),
        ("sqlite://x.db", "sqlite:///relative"),
        ("sqlite:///", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///file:/etc/passwd", "file:"),
        ("", "names nothing"),
    ],
)
def test_what_is_wrong_with_a_url_is_said(url: str, reason: str) -> None:
    with pytest.raises(InvalidUrl, match=reason):
        normalise(url)


@pytest.mark.parametrize("option", ["vfs=x", "mode=rwc", "config=x", "nolock=1"])
@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_files_take_no_options(scheme: str, option: str) -> None:
    with pytest.raises(OptionNotAllowed):
        normalise(f"{scheme}:///x.db?{option}")


@pytest.mark.parametrize(
    "text", ["oracle://me:canary@host/db", "me:canary@host/db", "host=x password=canary", "canary@host", "x.unknown"]
)
def test_what_is_no_known_database_is_not_repeated_where_it_may_be_secret(text: str) -> None:
    with pytest.raises(UnknownDatabase) as refused:
        normalise(text)

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "database"),
    [("a.sqlite", "sqlite"), ("a.sqlite3", "sqlite"), ("a.DB", "sqlite"), ("a.duckdb", "duckdb"), ("a.ddb", "duckdb")],
)
def test_a_path_is_known_by_its_suffix(tmp_path: Path, name: str, database: str) -> None:
    url = normalise(str(tmp_path / name))

    assert (url.database, url.path) == (database, (tmp_path / name).as_posix())


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    for text in ("sqlite:///x/../a.db", "a.db", "./a.db", f"sqlite:///{tmp_path}/a.db"):
        assert normalise(text).path == (tmp_path / "a.db").as_posix()


@pytest.mark.parametrize("name", ["shop.data", "shop.db", "shop"])
def test_a_file_is_known_by_what_it_is(tmp_path: Path, name: str) -> None:
    with sqlite3.connect(tmp_path / name) as connection:
        connection.execute("create table t (a)")
    connection.close()
    (tmp_path / "duck").mkdir()
    duckdb.connect(tmp_path / "duck" / name).close()

    assert normalise(str(tmp_path / name)).database == "sqlite"
    assert normalise(str(tmp_path / "duck" / name)).database == "duckdb"


def test_looking_at_a_file_keeps_the_locks_that_this_process_holds_on_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("create table t (a)")
    holder.execute("begin exclusive")

    assert normalise(str(path)).database == "sqlite"
    lock = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0x40000000)"
    assert run_python(lock, str(path)) != 0
    holder.close()


def run_python(code: str, *arguments: str) -> int:
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False).returncode


def test_weaker_protection_to_another_machine_is_listed_and_to_this_one_is_not() -> None:
    assert warnings_of(normalise("postgresql://me@db.example.org/x")) == ()
    assert "unencrypted" in warnings_of(normalise("postgresql://me@db.example.org/x?sslmode=disable"))[0]
    assert "not checked" in warnings_of(normalise("postgresql://me@db.example.org/x?sslmode=require"))[0]
    assert "prove" in warnings_of(normalise("postgresql://me@db.example.org/x?require_auth=md5"))[0]
    assert warnings_of(normalise("postgresql://me@localhost/x?sslmode=disable")) == ()
    assert warnings_of(normalise("/data/x.sqlite")) == ()


def test_the_database_of_a_url_knows_its_product() -> None:
    assert database_for("postgresql://me@host/db").can.placeholder == "%s"
    assert database_for("sqlite:////data/x.db").can.placeholder == "?"
