"""SEC-124: what a platform may write into a completion stays text on every page, whatever it looks like."""

from __future__ import annotations

import json

import pytest

from tests.showing import shows
from tests.web.reading import Reader
from tests.world import BROWSER, Members, World, maya

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></textarea></style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>click</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<style>@import'https://mallory.example'</style>",
    "<base href=https://mallory.example>",
    "<meta http-equiv=refresh content=0;url=https://mallory.example>",
    "<link rel=stylesheet href=https://mallory.example>",
    "<form action=https://mallory.example><button>Check</button></form>",
    "<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;", "&#60;script&#62;", "<bdi", "</bdi></dd></dl></main>",
    "{{ 7*7 }}", "{% raw %}", "${7*7}", "#{7*7}", "%s%n", "{0.__class__}", "\\u003cscript\\u003e",
    "＜script＞alert(1)＜/script＞", "<ScRiPt>alert(1)</sCrIpT >", "<scr<script>ipt>",
    "<math><mi//xlink:href='data:x,'>",
    "Genuine and current ✓", "=HYPERLINK(\"https://mallory.example\")", "`alert(1)`", "';alert(1)//",
]  # fmt: skip


def full_of(text: str) -> Members:
    """Maya's work with the text in every member that holds free text."""
    line = text[:80]
    return maya(
        record=line,
        intern={"name": line, "email": "maya@northfield.example"},
        role=line,
        project={"title": text, "description": text, "tasks": [text, line], "field": line, "code": text[:60]},
        skills=[{"name": line, "observed": "seen", "level": "exceeds"}],
        feedback={"text": text, "author": line, "author_role": line},
        deliverables=[{"title": text, "description": text, "kind": text[:60]}],
        academic_credit={"system": text[:40], "amount": 2, "given_by": line},
        host={"name": line},
        term=text[:60],
        story=text,
    )


def assert_inert(html: str) -> Reader:
    """Nothing on the page runs, loads, leads or submits anywhere but where our own template says."""
    page = Reader(html)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "style", "base", "math", "textarea", "foreignobject"}
    for tag, attributes in page.elements:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "http-equiv")
        ], tag
        for address in (attributes.get(name, "") for name in ("href", "src", "action", "xlink:href")):
            assert address == "" or address.startswith(("/", "#", "https://refolio.example/", "https://files.acme")), (
                address
            )
    assert "<!--" not in html
    return page


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_is_shown_as_text_and_does_nothing(text: str, sqlite_world: World) -> None:
    answer = await sqlite_world.post(full_of(text))
    assert answer.status_code == 201, answer.text
    issued = answer.json()
    await shows(sqlite_world, "maya@northfield.example", "maya", text)
    paths = (f"/v/{issued['code']}", "/p/maya")
    for page in [assert_inert(await sqlite_world.page(path)) for path in paths]:
        assert " ".join(text.split()) in page.text, "it is shown exactly as it was written"
    await sqlite_world.withdraw(issued["uuid"], text)
    for page in [assert_inert(await sqlite_world.page(path)) for path in paths]:
        assert f"Reason given: {' '.join(text.split())}" in page.text


@pytest.mark.parametrize("text", HOSTILE[:8], ids=range(8))
async def test_hostile_text_comes_out_of_json_as_it_went_in(text: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued(full_of(text))
    document = json.loads(await sqlite_world.document(issued["uuid"]))
    assert document["credentialSubject"]["narrative"] == text
    assert issued["record"] == text


async def test_hostile_text_in_an_address_or_a_code_is_not_repeated_on_the_page(sqlite_world: World) -> None:
    for path in ("/v/{}", "/p/{}", "/v?code={}", "/{}", "/problems/{}"):
        html = await sqlite_world.http.get(
            path.format("%3Cscript%3Ealert(1)%3C%2Fscript%3E"), headers={"Accept": "text/html"}
        )
        assert_inert(html.text)
        assert "alert(1)" not in html.text


async def test_only_links_that_hide_nothing_can_be_clicked(sqlite_world: World) -> None:
    odd = [
        "http://files.acme.example/report.pdf",
        "https://files.acme.example/a%22onclick=x",
        "https://mallory.example/#@acme",
    ]
    for number, url in enumerate(odd):
        body = maya(deliverables=[{"title": "Report", "url": url}], record=f"NF-{number}")
        answer = await sqlite_world.post(body, query="?allow_duplicate=true")
        assert answer.status_code == 201
        page = Reader(await sqlite_world.page(f"/v/{answer.json()['code']}"))
        links = [values for tag, values in page.elements if tag == "a" and values["href"] == url]
        assert all({"noopener", "noreferrer", "nofollow"} <= set(values["rel"].split()) for values in links)
        assert bool(links) == url.startswith("https://"), "plain http is shown as text only"


async def test_sec_106_no_picture_of_an_issuers_choice_is_loaded_by_readers(sqlite_world: World) -> None:
    """Whoever looks at her work is not counted by somebody else's server: all pictures are ours."""
    picture = "https://files.acme.example/tracking.png"
    work = {"title": "The poster", "url": picture, "description": "It hangs.", "kind": "image"}
    issued = await sqlite_world.issued(maya(deliverables=[work]))
    await shows(sqlite_world, "maya@northfield.example", "maya")
    for path in (f"/v/{issued['code']}", "/p/maya", "/issuers/acme"):
        answer = await sqlite_world.http.get(path, headers=BROWSER)
        assert answer.status_code == 200
        assert "img-src 'self' data:;" in answer.headers["content-security-policy"]
        loaded = [of.get("src", "") for tag, of in Reader(answer.text).elements if tag in ("img", "source", "image")]
        assert all(address.startswith("/") and not address.startswith("//") for address in loaded), loaded
