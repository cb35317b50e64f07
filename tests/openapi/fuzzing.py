"""schemathesis against a running service, by the service's own description of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.world import NORTHFIELD_KEY, Members, another

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)


RECEIVER = "http://localhost:9/"  # where nobody listens


def use_some(address: str) -> Members:
    """Issue three credentials, withdraw one, add a webhook; return values for parts of paths that mean something."""
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {NORTHFIELD_KEY}"}, trust_env=False) as http:
        uuids = []
        for number in range(3):
            answer = http.post("/api/v1/credentials", json=another(), headers={"Idempotency-Key": f"first-{number}"})
            assert answer.status_code == 201, answer.text
            uuids.append(str(answer.json()["uuid"]))
        assert http.post(f"/api/v1/credentials/{uuids[0]}/withdraw", json={"reason": "Wrong."}).status_code == 200
        added = http.post("/api/v1/webhooks", json={"url": RECEIVER}, headers={"Idempotency-Key": "first"})
        assert added.status_code == 201, added.text
        events = [event["id"] for event in http.get("/api/v1/events").json()["items"]]
    issuers = ["acme", "brightline"]
    return {
        "credential_id": uuids,
        "slug": issuers,
        "issuer": issuers,
        "event_id": events,
        "webhook_id": [added.json()["id"]],
    }


def narrowed(description: Members, known: Members) -> Members:
    """The description with the names of this database in it, so that much of what is made up means something."""
    document: Any = json.loads(json.dumps(description))
    completion = document["components"]["schemas"]["Completion"]["properties"]
    completion["issuer"] = {"enum": ["acme", "brightline", "mallory-inc"]}
    completion["started"], completion["ended"] = {"enum": ["2026-08-24", "2026-09-01"]}, {"enum": ["2026-09-11"]}
    for name in ("NewWebhook", "WebhookChange"):
        webhook = document["components"]["schemas"][name]["properties"]
        webhook["url"] = {"enum": [RECEIVER]}
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["name"] in known:
                    parameter["schema"] = {"anyOf": [{"enum": known[parameter["name"]]}, parameter["schema"]]}
                if parameter["name"] == "wait":
                    parameter["schema"] = {"enum": [0, 1]}
    narrow: Members = document
    return narrow


def run(address: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let it ask for as long as ``arguments`` say; its report stands in the output."""
    description = httpx.get(f"{address}/api/v1/openapi.json", trust_env=False).json()
    (folder / "narrowed.json").write_text(json.dumps(narrowed(description, use_some(address))))
    command = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run", str(folder / "narrowed.json")]
    command += ["--url", address, "--header", f"Authorization: Bearer {NORTHFIELD_KEY}", "--seed", "1"]
    command += ["--checks", ",".join(CHECKS), "--suppress-health-check", "all", "--continue-on-failure", "--no-color"]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
