"""Other people's web servers for the service's tests: real sockets and real TLS on this machine, under any names."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.client.loopback import Loopback
from tests.world import NOW
from verify.runtime import Network

NAMES = ("issuer.example", "other.example")


@dataclass
class Strangers:
    """One server that answers to all NAMES, and a way out on which each of them leads to it.

    ``asked`` are the names that were looked up, in order.
    """

    server: Loopback
    network: Network
    asked: list[str]

    def url(self, path: str, name: str = NAMES[0]) -> str:
        return f"https://{name}:{self.server.port}{path}"


@contextmanager
def strangers(folder: Path, names: Sequence[str] = NAMES) -> Iterator[Strangers]:
    """The server runs until the block ends. Its certificate is trusted by its ``network`` and by nobody else.

    On that network an address without a port leads to it too.
    """
    authority, context = certificate(folder, names)
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with Loopback(context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Strangers(server, _network(resolve, authority, server.port), asked)
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def _network(resolve: Callable[[str, int], Awaitable[list[str]]], authority: Path, port: int) -> Network:
    return Network(resolve, authorities=authority, allow_private=True, https_port=port)


def certificate(folder: Path, names: Sequence[str] = NAMES) -> tuple[Path, ssl.SSLContext]:
    """The file that trusts a server of these names, and the TLS context of that server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=3650))  # TLS goes by the machine's clock, not by that of the tests
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, both = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return authority, context
