"""The ways a mail can leave: by SMTP (RFC 5321) with TLS, or as a file where no mail server is set."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from verify.runtime import Runtime
from verify.settings import Settings

SECONDS = 20  # for each step of the conversation
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class NotSent(Exception):
    """It did not leave. ``for_good`` when trying again will not help; the message holds no address."""

    def __init__(self, says: str, *, for_good: bool = False) -> None:
        super().__init__(says)
        self.for_good = for_good


class Transport(Protocol):
    """A way out, called in a thread of its own."""

    def send(self, mail: EmailMessage, mail_id: str) -> None:
        """Hand the mail on, or raise NotSent."""


def transport_for(runtime: Runtime) -> Transport:
    """The way that the settings name."""
    settings = runtime.settings
    return SmtpTransport(runtime) if settings.smtp else FileTransport(settings)


class FileTransport:
    """Mails as ``.eml`` files in ``<REFOLIO_DATA>/outbox``, readable by their owner only: for trying things out."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data / "outbox"

    def send(self, mail: EmailMessage, mail_id: str) -> None:
        """Write the file whole or not at all."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f".{mail_id}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(mail.as_bytes())
            draft.replace(self._folder / f"{mail_id}.eml")
        except OSError as error:
            raise NotSent(f"The outbox folder cannot be written ({type(error).__name__}).") from None


class SmtpTransport:
    """A mail server: ``smtps://`` talks TLS from the start, ``smtp://`` by STARTTLS before anything is said.

    Only a server on this very machine may do without.
    """

    def __init__(self, runtime: Runtime) -> None:
        parts = urlsplit(runtime.settings.smtp or "")
        self._host, self._implicit = parts.hostname or "", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit else 587)
        self._name, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        authorities = runtime.network.authorities
        self._tls = ssl.create_default_context(cafile=str(authorities) if authorities else None)

    def send(self, mail: EmailMessage, mail_id: str) -> None:
        """One conversation for one mail."""
        try:
            with self._connected() as server:
                if not self._implicit and (self._host not in _LOOPBACK or server.has_extn("starttls")):
                    server.starttls(context=self._tls)
                if self._name:
                    server.login(self._name, self._password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise NotSent(f"The mail server refused the address ({min(codes)}).", for_good=min(codes) >= 500) from None
        except smtplib.SMTPResponseException as error:
            for_good = 500 <= error.smtp_code < 600 and isinstance(error, smtplib.SMTPDataError)
            raise NotSent(f"The mail server answered {error.smtp_code}.", for_good=for_good) from None
        except (OSError, smtplib.SMTPException) as error:  # ssl.SSLError is an OSError
            raise NotSent(f"The mail server could not be used ({type(error).__name__}).") from None

    def _connected(self) -> smtplib.SMTP:
        if self._implicit:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=self._tls)
        server = smtplib.SMTP(self._host, self._port, timeout=SECONDS)
        server.ehlo_or_helo_if_needed()
        return server
