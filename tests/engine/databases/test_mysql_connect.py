"""The way to MySQL and MariaDB: one class for each reason, and nothing given to a server that asks for too much."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from pymysql import err

from dms_workbench.engine.databases.errors import (
    ConnectionFailed,
    ConnectTimeout,
    DatabaseMissing,
    HostNotFound,
    NoHostAnswers,
    PasswordWithheld,
    PasswordWrong,
    PortUnreachable,
    PrivilegeMissing,
    TlsFailed,
)
from dms_workbench.engine.databases.mysql.connect import connect
from dms_workbench.engine.databases.mysql.packets import fields, only_field
from dms_workbench.engine.databases.mysql.wire import FileAsked
from tests.servers import free_port

pytestmark = pytest.mark.mariadb
GREETING = (
    b"\x0a8.0.0-test\x00\x01\x00\x00\x00abcdefgh\x00"
    + (0xF7FF & ~0x0800).to_bytes(2, "little")
    + b"\x2d\x02\x00"
    + (0x0008 | 0x0001 << 0).to_bytes(2, "little")
    + b"\x15"
    + bytes(10)
    + b"ijklmnopqrst\x00mysql_native_password\x00"
)
OK = b"\x00\x00\x00\x02\x00\x00\x00"


def packet(number: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


@contextmanager
def server_that_answers(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends these packets, one for each that it gets; what it got."""
    got: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.settimeout(5)
            line.sendall(packet(0, GREETING))
            for answer in answers:
                data = line.recv(65536)
                got.append(data)
                line.sendall(packet((data[3] + 1) % 256 if data else 0, answer))
            try:
                while more := line.recv(65536):
                    got.append(more)
            except OSError:
                return

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"mysql://me:secret@127.0.0.1:{listener.getsockname()[1]}/shop?ssl-mode=DISABLED", got
        thread.join(5)


def failure(url: str, **options: Any) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as raised:
        connect(url, application_name="test", **options)
    assert "secret" not in str(raised.value.as_dict())
    return raised.value


def test_the_session_is_pinned(mariadb, mariadb_url):
    with closing(connect(mariadb_url, application_name="test")) as connection, connection.cursor() as cursor:
        cursor.execute("select @@sql_mode, @@time_zone, @@autocommit, @@character_set_results, @@tx_isolation")
        modes, *others = cursor.fetchone() or ()
    assert "STRICT_ALL_TABLES" in modes
    assert "NO_AUTO_VALUE_ON_ZERO" in modes
    assert "ANSI_QUOTES" not in modes
    assert "NO_BACKSLASH_ESCAPES" not in modes
    assert others == ["+00:00", 1, "utf8mb4", "REPEATABLE-READ"]


def test_each_reason_has_its_class(mariadb, mariadb_url):
    mariadb.execute("create or replace user apart identified by 'secret'")
    apart = mariadb.url("mysql", user="apart", password="secret")
    assert isinstance(failure(mariadb.url("missing")), DatabaseMissing)
    assert isinstance(failure(mariadb.url("mysql", password="secret")), PasswordWrong)
    assert failure(mariadb.url("mysql", user="apart", password="")).code == "password-needed"
    assert isinstance(failure(apart), PrivilegeMissing)
    assert isinstance(failure("mysql://me:secret@nowhere.invalid/shop"), HostNotFound)
    assert isinstance(failure(f"mysql://me:secret@127.0.0.1:{free_port()}/shop"), PortUnreachable)
    assert isinstance(failure(mariadb_url + "?ssl-mode=REQUIRED"), TlsFailed)


def test_a_password_may_hold_any_character(mariadb, mariadb_url):
    mariadb.execute("create or replace user odd identified by 'pä$$ wörd€'")
    mariadb.execute("grant all on *.* to odd")
    connect(mariadb.url("mysql", user="odd", password="pä$$ wörd€"), application_name="test").close()


def test_a_server_that_says_nothing_is_left_after_the_time_limit():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"mysql://me:secret@127.0.0.1:{listener.getsockname()[1]}/shop"
        assert isinstance(failure(url, connect_timeout_seconds=0.3), ConnectTimeout)


def test_the_next_host_of_a_list_is_tried(mariadb, mariadb_url):
    behind = mariadb_url.replace("@127.0.0.1", f"@127.0.0.1:{free_port()},127.0.0.1")
    connect(behind, application_name="test").close()
    dead = f"mysql://me:secret@127.0.0.1:{free_port()},127.0.0.1:{free_port()}/shop"
    assert isinstance(failure(dead), NoHostAnswers)


@pytest.mark.parametrize("plugin", [b"dialog", b"mysql_old_password"])
def test_a_password_is_never_given_in_a_form_that_shows_it(plugin):
    with server_that_answers(b"\xfe" + plugin + b"\x00" + b"Password: \x00") as (url, got):
        assert isinstance(failure(url), PasswordWithheld)
    assert b"secret" not in b"".join(got)


def test_a_server_that_asks_for_a_file_gets_nothing():
    with server_that_answers(OK, b"\xfb/etc/passwd") as (url, got):
        assert isinstance(failure(url), ConnectionFailed)
    assert b"root:" not in b"".join(got)


def test_a_load_sends_the_data_it_was_given_and_no_file(mariadb, mariadb_url, tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("5\n")
    with closing(connect(mariadb_url, application_name="test")) as connection:
        connection.query("create table t (a int)")
        assert connection.load(f"load data local infile '{path}' into table t", [b"1\n2\n", b"3\n"]) == 3
        with pytest.raises(FileAsked):
            connection.query(f"load data local infile '{path}' into table t")
        with connection.cursor() as cursor:
            cursor.execute("select group_concat(a order by a) from t")
            assert cursor.fetchone() == ("1,2,3",)


def test_a_source_does_not_even_offer_to_send_files(mariadb_url):
    with closing(connect(mariadb_url, application_name="test", read_only=True)) as connection:
        connection.query("create table t (a int)")
        with pytest.raises(err.Error):
            connection.load("load data local infile 'x' into table t", [b"1\n"])


@pytest.mark.parametrize("size", [0, 250, 251, 70_000])
def test_the_fields_of_a_packet_are_found_whatever_their_length(size):
    head = {0: b"\x00", 250: b"\xfa", 251: b"\xfc\xfb\x00", 70_000: b"\xfd\x70\x11\x01"}[size]
    field = head + b"x" * size
    assert only_field(field) == b"x" * size
    assert fields(field + b"\xfb" + b"\x01y") == [b"x" * size, None, b"y"]
