"""A server of the test's own that answers as PostgreSQL would, with or without a certificate, and hears what it is told."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SSL_REQUEST = 80_877_103


@dataclass
class Rogue:
    """A server that answers every login with one message and keeps what it hears then; certificate: it speaks TLS."""

    answer: bytes
    heard: bytearray
    certificate: Certificate | None
    listener: socket.socket
    stopped: threading.Event

    def serve(self) -> None:
        while not self.stopped.is_set():
            with suppress(OSError, struct.error):
                line, _ = self.listener.accept()
                with line:
                    line.settimeout(1)
                    self.talk(line)

    def talk(self, line: socket.socket) -> None:
        if struct.unpack("!II", line.recv(8, socket.MSG_PEEK))[1] == SSL_REQUEST:
            line.recv(8)
            line.sendall(b"S" if self.certificate else b"N")
        if self.certificate is None:
            self.ask(line)
            return
        with encrypted(line, self.certificate) as secure:
            self.ask(secure)

    def ask(self, line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(self.answer)
        self.heard.extend(line.recv(4096))


@contextmanager
def rogue(answer: bytes, heard: bytearray, shown: Certificate | None = None) -> Iterator[int]:
    """A rogue server; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        server = Rogue(answer, heard, shown, listener, threading.Event())
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.stopped.set()
            thread.join()


def encrypted(line: socket.socket, shown: Certificate) -> ssl.SSLSocket:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.chain, shown.key)
    return context.wrap_socket(line, server_side=True)


@dataclass(frozen=True)
class Certificate:
    """A certificate, its key and who signed it, in files."""

    chain: Path
    key: Path


def certificate(folder: Path, name: str, *, days: int, signer: Certificate | None = None) -> Certificate:
    """A certificate for a host, valid until so many days from now (or before); signed by itself or another."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    authority = x509.load_pem_x509_certificate(signer.chain.read_bytes()) if signer else None
    signing = serialization.load_pem_private_key(signer.key.read_bytes(), None) if signer else key
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signing, hashes.SHA256())
    )
    files = Certificate(folder / f"{name}{days}.pem", folder / f"{name}{days}.key")
    files.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
