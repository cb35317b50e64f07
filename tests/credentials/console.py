"""What a member does in the console, as her browser sends it: forms with their hidden fields, files, worksheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from html import unescape

import httpx

from refolio.csv_import.columns import COLUMNS

ACME = "/console/acme"

# One good completion as it is typed, with nothing but what is required.
TYPED: Mapping[str, str] = {
    "intern.name": "Maya Okafor",
    "intern.email": "maya@northfield.example",
    "role": "Market research intern",
    "project.title": "Market scan of recycled textiles",
    "project.description": "Compare twelve suppliers and recommend two markets.",
    "project.tasks": "Compare twelve suppliers\r\nPresent the findings",
    "project.field": "Marketing",
    "started": "2026-08-24",
    "ended": "2026-09-11",
    "hours.total": "42.5",
    "hours.basis": "logged",
    "mode": "remote",
    "engagement": "project",
    "compensation": "stipend",
    "skills[0].name": "market research",
    "skills[0].observed": "seen",
    "skills[1].observed": "seen",
    "project.language": "en",
}


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form that has some."""
    return {
        name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


def values(page: str) -> dict[str, str]:
    """What stands in the fields of a page: inputs, text areas, chosen options."""
    found = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input id="[^"]*" name="([^"]*)" type="\w+" value="([^"]*)"', page)
    }
    found |= {
        unescape(name): unescape(text)
        for name, text in re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    }
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[unescape(name)] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in found.items() if value}


def faults(page: str) -> dict[str, str]:
    """What is said to be wrong, by field."""
    found = re.findall(r'<p class="fault" id="([^"]*)-fault">(.*?)</p>', page)
    return {unescape(name): unescape(text) for name, text in found}


async def issue(http: httpx.AsyncClient, form: Mapping[str, str], *, slug: str = "acme") -> httpx.Response:
    """Open the form, type, send."""
    page = await http.get(f"/console/{slug}/issue")
    assert page.status_code == 200, page.text
    return await http.post(f"/console/{slug}/issue", data={**hidden(page.text), **form})


async def upload(
    http: httpx.AsyncClient, slug: str, content: bytes, name: str = "placements.csv", media_type: str = "text/csv"
) -> httpx.Response:
    """Choose a file and send it."""
    page = await http.get(f"/console/{slug}/import")
    assert page.status_code == 200, page.text
    files = {"file": (name, content, media_type)}
    return await http.post(f"/console/{slug}/import", data={"csrf": hidden(page.text)["csrf"]}, files=files)


async def press(http: httpx.AsyncClient, address: str, button: str) -> httpx.Response:
    """Press a button of an import's page."""
    page = await http.get(address)
    return await http.post(f"{address}/{button}", data={"csrf": hidden(page.text)["csrf"]})


def row(number: int, **changes: str) -> dict[str, str]:
    """A good row of a careers office's file."""
    return {
        "record": f"NF-{number}",
        "issuer": "acme",
        "intern_name": f"Maya {number}",
        "intern_email": f"maya{number}@northfield.example",
        "role": "Market research intern",
        "project_title": f"Market scan {number}",
        "project_description": "Compare twelve suppliers.",
        "tasks": "Compare; Present",
        "field": "Marketing",
        "started": "2026-08-24",
        "ended": "2026-09-11",
        "hours": "40",
        "hours_basis": "logged",
        "mode": "remote",
        "engagement": "project",
        "compensation": "stipend",
        "skills_seen": "market research",
        **changes,
    }


def sheet(*rows: Mapping[str, str], separator: str = ",") -> bytes:
    """The rows as a CSV file with our own headings."""
    text = io.StringIO(newline="")
    names = [name for name in COLUMNS if any(name in row for row in rows)]
    writer = csv.DictWriter(text, names, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read_sheet(content: bytes) -> list[dict[str, str]]:
    """A downloaded CSV file, row by row."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
