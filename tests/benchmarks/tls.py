"""TLS for a server of the tests: a certificate of its own, taken without a restart."""

from __future__ import annotations

import datetime
import os
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import PostgresServer, server_account


def certificate() -> tuple[bytes, bytes]:
    """A certificate for this machine and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


def with_tls(server: PostgresServer) -> None:
    """Let a server speak TLS too."""
    account = server_account()
    for file, content in zip(("server.crt", "server.key"), certificate(), strict=True):
        path = server.folder / "data" / file
        path.write_bytes(content)
        path.chmod(0o600)
        if account:
            os.chown(path, account["user"], account["group"])
    server.execute("alter system set ssl = on")
    server.execute("select pg_reload_conf()")
    for _ in range(50):
        if server.execute("show ssl")[0][0] == "on":
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not take its certificate")
