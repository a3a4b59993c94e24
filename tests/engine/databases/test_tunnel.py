from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.engine.databases.catalogue import TableName
from dms_workbench.engine.databases.tunnel import TunnelFailed, reason_of, tunnel
from dms_workbench.engine.databases.urls import database_for
from tests.bastion import Bastion, bastion_server


@pytest.fixture(scope="module")
def bastion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    with bastion_server(tmp_path_factory.mktemp("bastion")) as server:
        yield server


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that answers what it is told, once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.sendall(line.recv(100))

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


def test_bytes_pass_through_the_bastion_and_back(bastion: Bastion, echo: int) -> None:
    with tunnel(bastion.address, "127.0.0.1", echo, config=str(bastion.config)) as way:
        line = socket.create_connection((way.address, way.port), timeout=10)
    with line:
        line.sendall(b"through")
        assert line.recv(100) == b"through"


def test_the_way_is_open_for_one_connection_only(bastion: Bastion, echo: int) -> None:
    with tunnel(bastion.address, "127.0.0.1", echo, config=str(bastion.config)) as way:
        port = way.port
        with socket.create_connection((way.address, port), timeout=10) as line:
            line.sendall(b"first")
            assert line.recv(100) == b"first"
            with pytest.raises(OSError):
                socket.create_connection((way.address, port), timeout=2).close()


def test_ssh_ends_when_the_connection_ends(bastion: Bastion, echo: int) -> None:
    with tunnel(bastion.address, "127.0.0.1", echo, config=str(bastion.config)) as way:
        with socket.create_connection((way.address, way.port), timeout=10) as line:
            line.sendall(b"x")
            line.recv(100)
        until = time.monotonic() + 10
        while way.process is None or way.process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_key_the_bastion_does_not_know_is_named_as_the_reason(bastion: Bastion, echo: int) -> None:
    with tunnel(bastion.address, "127.0.0.1", echo, config=str(bastion.stranger)) as way:
        with socket.create_connection((way.address, way.port), timeout=10) as line:
            assert line.recv(100) == b""
        failure = way.failure()
    assert failure is not None
    assert "Permission denied" in failure.message


def test_a_server_that_the_bastion_cannot_reach_is_named_as_the_reason(bastion: Bastion) -> None:
    with tunnel(bastion.address, "127.0.0.1", 1, config=str(bastion.config)) as way:
        with socket.create_connection((way.address, way.port), timeout=10) as line:
            assert line.recv(100) == b""
        failure = way.failure()
    assert failure is not None
    assert "onnect" in failure.message


@pytest.mark.parametrize("bastion_text", ["-oProxyCommand=touch x", "a b", "", "user@", "user@host:port", "x@-v"])
def test_what_is_no_bastion_is_refused_before_ssh_sees_it(bastion_text: str, tmp_path: Path) -> None:
    with pytest.raises(TunnelFailed), tunnel(bastion_text, "127.0.0.1", 1):
        pass


def test_the_reason_is_what_ssh_said_last() -> None:
    assert reason_of(b"Warning: Permanently added\nroot@h: Permission denied (publickey).\n") == (
        "root@h: Permission denied (publickey)."
    )


def through(url: str, bastion: Bastion, config: Path) -> str:
    """The same connection through the bastion."""
    user, _, address = bastion.address.partition("@")
    return f"{url}?ssh={address}&ssh_user={user}&ssh_config={config}"


@pytest.mark.parametrize("product", ["postgres_url", "mariadb_url"])
def test_rows_are_read_and_written_through_a_bastion(
    product: str, bastion: Bastion, request: pytest.FixtureRequest
) -> None:
    url = through(request.getfixturevalue(product), bastion, bastion.config)
    database = database_for(url)
    table = database.qualified(TableName(None, "t"))
    with closing(database.open_target(url)) as target:
        target.execute(f"create table {table} (id int primary key)")
        target.execute(f"insert into {table} values (7)")
    with closing(database.open_source(url)) as source:
        assert source.count(source.catalogue().table("t")) == 1


@pytest.mark.parametrize("product", ["postgres_url", "mariadb_url"])
def test_a_bastion_that_lets_nobody_in_is_the_reason_given(
    product: str, bastion: Bastion, request: pytest.FixtureRequest
) -> None:
    url = through(request.getfixturevalue(product), bastion, bastion.stranger)
    with pytest.raises(TunnelFailed, match="Permission denied"):
        database_for(url).open_target(url)


def test_a_server_behind_the_bastion_that_is_not_there_is_the_reason_given(bastion: Bastion) -> None:
    url = through("postgresql://me@127.0.0.1:1/shop", bastion, bastion.config)
    with pytest.raises(TunnelFailed, match="refused"):
        database_for(url).open_source(url)
