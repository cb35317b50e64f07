"""A mail server on this machine (RFC 5321), as strict and as unkind as a test tells it to be."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from typing import cast


@dataclass
class MailServer:
    """``script`` holds answers to the end of each mail, in turn; when it is used up, mails are taken.

    ``received`` are (sender, addresses, mail), ``heard`` all commands, ``safe`` those of them that came over TLS.
    """

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    login: tuple[str, str] | None = None
    script: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    safe: list[str] = field(default_factory=list)
    port: int = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._converse(reader, writer)
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, addresses, encrypted = "", list[str](), self.implicit

        async def say(*lines: str) -> None:
            writer.write("".join(f"{line}\r\n" for line in lines).encode())
            await writer.drain()

        await say("220 loopback")
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            if encrypted:
                self.safe.append(line)
            verb = line.upper().split(" ")[0].partition(":")[0]
            if verb == "EHLO":
                offers = ["AUTH PLAIN"] if self.login else []
                offers += ["STARTTLS"] if self.tls and not encrypted else []
                names = ["loopback", *offers]
                await say(*(f"250-{name}" for name in names[:-1]), f"250 {names[-1]}")
            elif verb == "STARTTLS" and self.tls:
                await say("220 go on")
                await writer.start_tls(self.tls)
                encrypted = True
            elif verb == "AUTH":
                given = base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:]
                await say("235 welcome" if tuple(given) == self.login else "535 who are you?")
            elif verb == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
                await say("250 ok")
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address not in self.refused:
                    addresses.append(address)
                await say(self.refused.get(address, "250 ok"))
            elif verb == "DATA":
                await say("354 go on")
                content = b""
                while not content.endswith(b"\r\n.\r\n"):
                    content += await reader.readline()
                answer = self.script.pop(0) if self.script else "250 taken"
                if answer.startswith("250"):
                    mail = BytesParser(policy=SMTP).parsebytes(content[:-3].replace(b"\r\n..", b"\r\n."))
                    self.received.append((sender, addresses, cast(EmailMessage, mail)))
                await say(answer)
                addresses = []
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("250 ok" if verb in ("RSET", "NOOP") else "502 no")


@asynccontextmanager
async def mail_server(server: MailServer) -> AsyncIterator[MailServer]:
    """The server listens on a port of its own until the block ends."""
    running = await asyncio.start_server(
        server._serve, "127.0.0.1", 0, ssl=server.tls if server.implicit else None, limit=1024 * 1024
    )
    server.port = running.sockets[0].getsockname()[1]
    async with running:
        yield server
