"""Connections by pg_service.conf, and client certificates: used where a URL asks for them, and never shown."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dms_workbench.engine.databases.errors import InvalidUrl, PasswordNeeded
from dms_workbench.engine.databases.postgres.certificates import ClientCertificateUnusable, client_certificate
from dms_workbench.engine.databases.postgres.connect import connect
from dms_workbench.engine.databases.postgres.service import ServiceMissing, service_password
from dms_workbench.engine.databases.urls import VariableMissing, normalise
from dms_workbench.kernel.errors import WorkbenchError
from tests.engine.databases.rogue import Certificate, certificate

FILE = Path(__file__).parents[2] / "cases" / "postgres" / "pg_service.conf"


@pytest.fixture
def services(monkeypatch):
    monkeypatch.setenv("PGSERVICEFILE", str(FILE))


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql:///?service=shop", "postgresql://me@db.example.org:6000/shop?service=shop&sslmode=require"),
        ("postgresql://?service=shop", "postgresql://me@db.example.org:6000/shop?service=shop&sslmode=require"),
        (
            "postgresql://you@/other?sslmode=verify-ca&service=shop",
            "postgresql://you@db.example.org:6000/other?service=shop&sslmode=verify-ca",
        ),
        ("postgresql:///?service=socket", "postgresql://%2Fvar%2Frun%2Fpostgresql:5432/a%20b?service=socket"),
        (
            "postgresql:///?service=several",
            "postgresql://one.example.org:6001,[2001:db8::1]:6002/x?connect_timeout=7&service=several",
        ),
    ],
)
def test_a_service_fills_in_what_the_url_does_not_say(text, expected):
    url = normalise(text)
    assert str(url) == expected
    assert normalise(expected) == url
    assert "CANARY" not in repr(url) + url.with_secrets


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("postgresql:///?service=shop", "CANARY-secret"),
        ("postgresql://elsewhere/?service=shop", None),
        ("postgresql:///other?service=shop", None),
        ("postgresql://you@/?service=shop", None),
        ("postgresql:///?service=socket", None),
    ],
)
def test_a_services_password_goes_only_where_the_file_says(text, password):
    assert service_password(normalise(text)) == password


@pytest.mark.usefixtures("services")
def test_a_service_that_is_not_in_the_file_is_named_with_those_that_are():
    with pytest.raises(ServiceMissing, match="shop, socket, several") as refused:
        normalise("postgresql:///?service=shpo")
    assert "CANARY" not in str(refused.value)


def test_a_normal_form_can_be_read_where_the_file_is_not():
    text = "postgresql://me@db.example.org:6000/shop?service=shop&sslmode=require"
    assert str(normalise(text)) == text
    with pytest.raises(ServiceMissing, match="no such file"):
        normalise("postgresql:///?service=shop")


def test_a_service_connects_with_the_password_of_its_file(postgres, postgres_url, tmp_path, monkeypatch):
    parts = urlsplit(postgres_url)
    file = tmp_path / "services"
    entry = f"[it]\nhost={parts.hostname}\nport={parts.port}\nuser={parts.username}\ndbname={parts.path[1:]}\n"
    file.write_text(f"{entry}password={postgres.password}\n")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    with closing(connect("postgresql:///?service=it", application_name="test")) as connection:
        assert connection.info.dbname == parts.path[1:]
    file.write_text(entry)
    with pytest.raises(PasswordNeeded):
        connect("postgresql:///?service=it", application_name="test")


def url_with(shown: Certificate, port: int = 5432, more: str = "") -> str:
    return f"postgresql://me@localhost:{port}/db?sslmode=require&sslcert={shown.chain}&sslkey={shown.key}{more}"


@pytest.fixture
def shown(tmp_path):
    made = certificate(tmp_path, "me", days=9)
    made.key.chmod(0o600)
    return made


def test_a_client_certificate_is_shown_to_the_server(tmp_path, shown):
    own = certificate(tmp_path, "localhost", days=9)
    seen: list[object] = []

    def serve(listener: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own.chain, own.key)
        context.load_verify_locations(shown.chain)
        context.verify_mode = ssl.CERT_REQUIRED
        with suppress(OSError), listener.accept()[0] as line:
            assert struct.unpack("!II", line.recv(8))[1] == 80877103
            line.sendall(b"S")
            with context.wrap_socket(line, server_side=True) as secure:
                secure.recv(1024)
                seen.append(secure.getpeercert())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with pytest.raises(WorkbenchError):
            connect(
                url_with(shown, listener.getsockname()[1]).replace("localhost", "127.0.0.1"), application_name="test"
            )
        thread.join()
    assert "'me'" in str(seen)


def test_a_key_that_others_may_read_is_explained(shown):
    shown.key.chmod(0o644)
    with pytest.raises(ClientCertificateUnusable, match="others may read") as refused:
        client_certificate(normalise(url_with(shown)))
    assert refused.value.next == f"chmod 600 {shown.key}"


def test_a_certificate_without_key_or_file_is_explained(shown):
    with pytest.raises(ClientCertificateUnusable, match="sslkey"):
        client_certificate(normalise(f"postgresql://me@h/db?sslcert={shown.chain}"))
    shown.chain.unlink()
    with pytest.raises(ClientCertificateUnusable, match="no such file"):
        client_certificate(normalise(url_with(shown)))


def test_the_passphrase_of_a_key_is_a_reference_only(shown):
    url = normalise(url_with(shown, more="&sslpassword=${KEY_PHRASE}"))
    assert client_certificate(url, {"KEY_PHRASE": "CANARY"})["sslpassword"] == "CANARY"
    with pytest.raises(VariableMissing):
        client_certificate(url, {})
    with pytest.raises(InvalidUrl) as refused:
        normalise(url_with(shown, more="&sslpassword=CANARY"))
    assert "CANARY" not in str(refused.value)


def test_without_a_certificate_in_the_url_none_is_shown():
    assert client_certificate(normalise("postgresql://me@h/db")) == {"sslcertmode": "disable"}
