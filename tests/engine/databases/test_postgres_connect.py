"""Connecting to PostgreSQL: pinned settings, time limits, nothing from the environment, one class for each cause."""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dms_workbench.engine.databases.errors import (
    ConnectionFailed,
    ConnectTimeout,
    DatabaseMissing,
    HostNotFound,
    NoHostAnswers,
    PasswordNeeded,
    PasswordWithheld,
    PasswordWrong,
    PortUnreachable,
    PrivilegeMissing,
    ServerNotReady,
    TlsFailed,
    UserUnknown,
)
from dms_workbench.engine.databases.postgres.connect import (
    connect,
    lost,
    trust,
)
from dms_workbench.engine.databases.urls import VariableMissing, normalise
from dms_workbench.kernel.errors import WorkbenchError
from tests.engine.databases.rogue import Certificate, certificate, rogue
from tests.servers import PostgresServer

CANARY = "canary-5e1f"


def setting(connection: psycopg.Connection[tuple[object, ...]], name: str) -> object:
    row = connection.execute("select current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return row[0]


def test_the_session_is_pinned_whatever_the_role_says(postgres: PostgresServer, postgres_url: str) -> None:
    name = normalise(postgres_url).name
    postgres.execute(f"alter database {name} set datestyle = 'SQL, DMY'", name)
    postgres.execute(f"alter database {name} set search_path = public", name)
    postgres.execute(f"alter database {name} set statement_timeout = '1s'", name)
    postgres.execute(f"alter database {name} set extra_float_digits = 0", name)
    with closing(connect(postgres_url, application_name="test", read_only=True)) as connection:
        found = {
            name: setting(connection, name)
            for name in ("DateStyle", "search_path", "statement_timeout", "extra_float_digits", "TimeZone")
        }
        assert found == {
            "DateStyle": "ISO, YMD",
            "search_path": "pg_catalog",
            "statement_timeout": "0",
            "extra_float_digits": "1",
            "TimeZone": "UTC",
        }
        assert setting(connection, "row_security") == "off"
        assert setting(connection, "application_name") == "test"
        assert connection.autocommit


def test_a_source_cannot_write_and_a_target_commits_durably(postgres_url: str) -> None:
    with (
        closing(connect(postgres_url, application_name="test", read_only=True)) as source,
        closing(connect(postgres_url, application_name="test")) as target,
    ):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            source.execute("create table public.t (a int)")
        assert setting(target, "synchronous_commit") == "on"
        target.execute("create table public.t (a int)")


def test_every_connection_has_keepalives_and_a_limit_for_unanswered_data(postgres_url: str) -> None:
    with (
        closing(connect(postgres_url, application_name="test")) as connection,
        socket.socket(fileno=os.dup(connection.pgconn.socket)) as line,
    ):
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 1
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 1
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 25_000


def test_the_environment_of_the_operator_is_not_read_and_stays_as_it_was(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        for name, value in {"PGSERVICE": "none", "PGOPTIONS": "-c geqo=nonsense", "PGSSLMODE": "verify-full"}.items():
            environment.setenv(name, value)

        connect(postgres_url, application_name="test").close()

        assert os.environ["PGSERVICE"] == "none"
        assert os.environ["PGOPTIONS"] == "-c geqo=nonsense"


def test_threads_that_connect_at_a_time_leave_the_environment_whole(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[Exception] = []

    def once() -> None:
        try:
            connect(postgres_url, application_name="test").close()
        except ConnectionFailed as error:
            failed.append(error)

    with monkeypatch.context() as environment:
        environment.setenv("PGSERVICE", "none")
        threads = [threading.Thread(target=once) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert not failed
        assert os.environ["PGSERVICE"] == "none"


CLEAR_TEXT = b"R" + struct.pack("!II", 8, 3)
MD5 = b"R" + struct.pack("!II4s", 12, 5, b"salt")


@pytest.mark.parametrize("question", [CLEAR_TEXT, MD5], ids=["clear text", "md5"])
def test_a_rogue_server_gets_neither_our_password_nor_the_operators(
    question: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:*:{CANARY}\n")
    passfile.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passfile))
    monkeypatch.setenv("PGPASSWORD", CANARY)
    heard = bytearray()
    with rogue(question, heard) as port:
        for _ in range(50):
            with pytest.raises(PasswordNeeded):
                connect(f"postgresql://me@127.0.0.1:{port}/db", application_name="test")
            with pytest.raises(PasswordWithheld, match="without giving it away"):
                connect(f"postgresql://me:{CANARY}@127.0.0.1:{port}/db", application_name="test")

    assert not heard


def test_a_server_that_repeats_the_password_is_not_quoted() -> None:
    fields = b"SFATAL\0C28000\0M" + f"what, {CANARY}?".encode() + b"\0\0"
    answer = b"E" + struct.pack("!I", len(fields) + 4) + fields
    with rogue(answer, bytearray()) as port, pytest.raises(ConnectionFailed, match="withheld") as failed:
        connect(f"postgresql://me:{CANARY}@127.0.0.1:{port}/db", application_name="test")

    assert CANARY not in f"{failed.value!r} {failed.value.as_dict()}"


def test_a_wrong_password_is_its_own_error(postgres: PostgresServer) -> None:
    with pytest.raises(PasswordWrong, match="one of the two is wrong") as failed:
        connect(postgres.url(password=CANARY), application_name="test")

    assert CANARY not in f"{failed.value!r} {failed.value.as_dict()}"


def test_a_missing_password_is_its_own_error(postgres: PostgresServer) -> None:
    with pytest.raises(PasswordNeeded):
        connect(normalise(postgres.url()).without_secrets, application_name="test")


def test_a_missing_database_is_its_own_error(postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseMissing, match="no-such"):
        connect(postgres.url("no-such"), application_name="test")


def test_a_host_that_does_not_resolve_is_its_own_error() -> None:
    with pytest.raises(HostNotFound, match=r"no\.such\.invalid"):
        connect("postgresql://me@no.such.invalid/db", application_name="test")


def test_a_port_where_nothing_answers_is_its_own_error(closed_port: int) -> None:
    with pytest.raises(PortUnreachable, match=str(closed_port)):
        connect(f"postgresql://me@127.0.0.1:{closed_port}/db", application_name="test")


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(postgres: PostgresServer) -> None:
    with pytest.raises(TlsFailed, match="SSL") as refused:
        connect(f"{postgres.url()}?sslmode=verify-full", application_name="test")
    assert "sslrootcert" in refused.value.next


def test_a_server_that_is_silent_costs_no_more_than_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"postgresql://me@127.0.0.1:{listener.getsockname()[1]}/db"
        with pytest.raises(ConnectTimeout, match="within 2 s"):
            connect(url, application_name="test", connect_timeout_seconds=2)


def test_a_user_that_may_not_log_in_is_its_own_error(postgres: PostgresServer) -> None:
    postgres.execute("create role locked_out password 'x' nologin")
    try:
        with pytest.raises(UserUnknown, match="not permitted to log in"):
            connect(postgres.url(user="locked_out", password="x"), application_name="test")
    finally:
        postgres.execute("drop role locked_out")


def test_a_database_that_a_user_may_not_enter_is_its_own_error(postgres: PostgresServer, postgres_url: str) -> None:
    name = normalise(postgres_url).name
    postgres.execute(f"revoke connect on database {name} from public")
    postgres.execute("create role stranger password 'x' login")
    try:
        with pytest.raises(PrivilegeMissing, match="connect to database"):
            connect(postgres.url(name, user="stranger", password="x"), application_name="test")
    finally:
        postgres.execute("drop role stranger")


def test_the_next_host_of_a_list_is_taken_when_the_first_is_down(postgres: PostgresServer, closed_port: int) -> None:
    url = postgres.url().replace("@127.0.0.1", f"@127.0.0.1:{closed_port},127.0.0.1")
    with closing(connect(url, application_name="test")) as connection:
        assert connection.info.port == postgres.port


def test_a_wrong_password_ends_the_list(postgres: PostgresServer, closed_port: int) -> None:
    url = f"postgresql://me:x@127.0.0.1:{postgres.port},127.0.0.1:{closed_port}/db"
    with pytest.raises(PasswordWrong):
        connect(url, application_name="test")


def test_a_list_of_which_none_answers_says_why_for_each(closed_port: int) -> None:
    with pytest.raises(NoHostAnswers, match=r"refused.*does not resolve"):
        connect(f"postgresql://me@127.0.0.1:{closed_port},no.such.invalid/db", application_name="test")


def test_a_server_of_the_wrong_kind_is_not_taken(postgres: PostgresServer) -> None:
    with pytest.raises(ServerNotReady, match="not read-only"):
        connect(f"{postgres.url()}?target_session_attrs=read-only", application_name="test")


def test_a_password_is_taken_from_the_environment_only_where_the_url_says_so(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASS_TEST", postgres.password)
    url = normalise(postgres.url()).with_password("${PGPASS_TEST}")

    connect(url, application_name="test").close()
    monkeypatch.delenv("PGPASS_TEST")
    with pytest.raises(VariableMissing):
        connect(url, application_name="test")


def test_a_session_that_was_ended_is_lost_and_a_refused_statement_is_not(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with closing(connect(postgres_url, application_name="test")) as connection:
        with pytest.raises(psycopg.Error) as refused:
            connection.execute("select 1/0")
        assert not lost(refused.value, connection)

        postgres.execute(f"select pg_terminate_backend({connection.info.backend_pid})")
        with pytest.raises(psycopg.Error) as ended:
            connection.execute("select 1")
        assert lost(ended.value, connection)
        assert lost(ended.value)
        with pytest.raises(psycopg.Error) as closed:
            connection.execute("select 1")
        assert lost(closed.value)


def test_errors_of_the_line_without_a_state_are_losses() -> None:
    assert lost(psycopg.OperationalError("server closed the connection unexpectedly"))
    assert lost(ConnectionResetError())
    assert not lost(psycopg.errors.LockNotAvailable())
    assert not lost(ValueError())


@pytest.fixture
def closed_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def verified(shown: Certificate, authority: Certificate | None) -> WorkbenchError:
    """What a connection with full verification says to a server called localhost that shows a certificate."""
    with rogue(MD5, bytearray(), shown) as port, pytest.raises(WorkbenchError) as refused:
        root = f"&sslrootcert={authority.chain}" if authority else ""
        url = f"postgresql://me:{CANARY}@localhost:{port}/db?sslmode=verify-full{root}"
        connect(url, application_name="test")
    return refused.value


def test_a_server_that_proves_its_name_is_spoken_to(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", days=9)

    assert type(verified(certificate(tmp_path, "localhost", days=9, signer=authority), authority)) is PasswordWithheld


def test_a_server_that_cannot_prove_its_name_is_not_spoken_to(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", days=9)
    self_signed = certificate(tmp_path, "localhost", days=8)

    for shown, trusted in (
        (self_signed, authority),
        (self_signed, None),
        (certificate(tmp_path, "localhost", days=-1, signer=authority), authority),
        (certificate(tmp_path, "other.example.org", days=9, signer=authority), authority),
    ):
        refused = verified(shown, trusted)
        assert type(refused) is TlsFailed, refused
        assert "localhost" in refused.message


def test_another_machine_has_to_prove_its_name_unless_the_url_says_otherwise() -> None:
    url = normalise("postgresql://me@db.example.org/x")

    remote, local = trust(url, "192.0.2.1", has_password=True), trust(url, "127.0.0.1", has_password=True)

    assert (remote["sslmode"], remote["require_auth"]) == ("verify-full", "scram-sha-256")
    assert Path(remote["sslrootcert"]).is_file() or remote["sslrootcert"] == "system"
    assert (local["sslmode"], local["require_auth"]) == ("prefer", "scram-sha-256,none")
    weaker = normalise("postgresql://me@db.example.org/x?sslmode=require&require_auth=md5")
    assert trust(weaker, "192.0.2.1", has_password=True) == {"sslmode": "require", "require_auth": "md5"}
    assert trust(weaker, "192.0.2.1", has_password=False)["require_auth"] == "none"
