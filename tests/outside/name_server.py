"""A name server of our own on this machine: real packets, and the text records that a test gives it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset


class NameServer(socketserver.ThreadingUDPServer):
    """``records`` are texts by name, ``aliases`` names that stand for others; when ``broken`` it only says SERVFAIL."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.records: dict[str, list[str]] = {}
        self.aliases: dict[str, str] = {}
        self.broken = False
        self.asked: list[str] = []
        self.heard = threading.Event()  # set by every question

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.server_address[1])


class _Question(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server, (packet, socket) = self.server, self.request
        assert isinstance(server, NameServer)
        query = dns.message.from_wire(packet)
        name = query.question[0].name.to_text().rstrip(".")
        server.asked.append(name)
        server.heard.set()
        answer = dns.message.make_response(query)
        if server.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name in server.aliases:
            target = server.aliases[name]
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{target}."))
            answer.answer.append(_texts(target, server.records[target]))
        elif name in server.records:
            answer.answer.append(_texts(name, server.records[name]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


def _texts(name: str, texts: list[str]) -> dns.rrset.RRset:
    """Each text in pieces of at most 255 bytes, as records hold it."""
    quoted = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in texts]
    return dns.rrset.from_text_list(f"{name}.", 60, "IN", "TXT", quoted)


@contextmanager
def name_server() -> Iterator[NameServer]:
    """It answers until the block ends."""
    with NameServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
