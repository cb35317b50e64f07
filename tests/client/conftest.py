"""A scripted server on loopback, and the records that the client tests send to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from refolio import Completion, Hours, Intern, Project, Skill, cli
from tests.client.loopback import Loopback

UUID = "0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41"
KEY = "rf_test_" + "n0thing5ecret" * 2

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        thread = threading.Thread(target=loopback.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield loopback
        loopback.over.set()
        loopback.shutdown()
        thread.join()


@pytest.fixture
def completion() -> Completion:
    return a_completion()


def a_completion(**changes: object) -> Completion:
    """Maya's finished micro-internship at Acme."""
    members: dict[str, object] = {
        "record": "NF-2026-001",
        "issuer": "acme-textiles",
        "intern": Intern(name="Maya Okafor", email="maya@northfield.example"),
        "role": "Market research intern",
        "project": Project(
            title="Market scan", description="Compare twelve suppliers.", tasks=("Compare",), field="Marketing"
        ),
        "started": date(2026, 8, 24),
        "ended": date(2026, 9, 11),
        "hours": Hours(total=40, basis="logged"),
        "mode": "remote",
        "engagement": "project",
        "compensation": "stipend",
        "skills": (Skill(name="market research", observed="seen"),),
        **changes,
    }
    return Completion(**members)  # type: ignore[arg-type]


@pytest.fixture
def issued() -> dict[str, object]:
    """The service's answer to a good request."""
    return {
        "id": f"https://portfolio.example/credentials/{UUID}",
        "uuid": UUID,
        "record": "NF-2026-001",
        "issuer": "acme-textiles",
        "state": "current",
        "issued_at": "2026-11-23T10:00:00Z",
        "code": "7Q4K-9XBD-2MTR-6WFH",
        "withdrawn_at": None,
        "reason": None,
        "links": {
            "credential": f"https://portfolio.example/credentials/{UUID}",
            "verify": "https://portfolio.example/v/7Q4K-9XBD-2MTR-6WFH",
            "qr": "https://portfolio.example/v/7Q4K-9XBD-2MTR-6WFH/qr.svg",
            "portfolio": None,
        },
        "added_next_year": True,
    }


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process: exit status, output, errors."""
    for name in ("REFOLIO_API_KEY", "REFOLIO_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit_:  # argparse
            status = int(exit_.code or 0)
        return status, *capsys.readouterr()

    return run
