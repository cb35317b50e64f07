"""Read the letters that lie as files where no mail server is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

from verify.runtime import Runtime

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. ``id`` is the name of its file, ``text`` what the person reads."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str


def letters(runtime: Runtime) -> list[Letter]:
    """The newest letters, the last one first."""
    folder = runtime.settings.data / "outbox"
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:MOST_SHOWN]]


def _read(file: Path) -> Letter:
    mail: Any = BytesParser(policy=SMTP).parsebytes(file.read_bytes())
    text = str(mail.get_content()).replace("\r\n", "\n")
    return Letter(file.stem, str(mail["To"]), str(mail["Subject"]), mail["Date"].datetime, text)
