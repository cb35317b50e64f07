"""SEC-061: names that look alike are told apart by us, so that readers need not compare letters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.issuers.conftest import Internet
from tests.web.reading import Reader
from tests.world import MALLORY_KEY, World, maya
from verify.audit.checking import audit
from verify.http.refusals import Refused
from verify.issuers import publishing, registering
from verify.issuers.comparing import address_warnings, fill_in
from verify.issuers.naming import form_of, form_of_domain, mixed_alphabets
from verify.issuers.registering import register
from verify.issuers.tables import Issuer
from verify.platforms.admitting import admit
from verify.platforms.mandating import mandate
from verify.platforms.tables import Platform

GRANTS = "/account/grants"
LIKE_ACME = "Its name looks like that of another issuer here: Acme Textiles."


async def warning(slug: str) -> str | None:
    profile = await publishing.profile(slug=slug)
    assert profile
    return profile.warning


@pytest.mark.parametrize(
    ("name", "alphabets"),
    [
        ("Acme Textiles", []),
        ("ACME-Textiles.", []),
        ("Аcme Textiles", ["Cyrillic", "Latin"]),  # Cyrillic А
        ("АСМЕ Textiles", []),  # a whole word in Cyrillic: no mixture, and still alike
        ("Αcme Textiles", ["Greek", "Latin"]),  # Greek Alpha
        ("Acme Tехtiles", ["Cyrillic", "Latin"]),
        ("Acrne Textiles", []),  # r and n
        ("Acme Texti1es", []),
        ("Acme TextiIes", []),  # capital I
        ("Ａｃｍｅ Ｔｅｘｔｉｌｅｓ", []),  # full width
        ("Acme Téxtilės", []),
        ("Acme Textiles Ltd", []),
        ("Acme Textiles, Ltd.", []),
        ("ACME TEXTILES LIMITED", []),
        ("Acme Textiles GmbH & Co. KG", []),
        ("Acme Textiles and Company", []),
        ("Acme Textiles (Pty) Ltd", []),
        ("Acme Textiles S.A.", []),
        ("Acme Textiles S. A.", []),
        ("Acme Textiles S.à r.l.", []),
        ("Acme Textiles Sp. z o.o.", []),
        ("Acme Textiles A/S", []),
        ("Acme Textiles, Inc", []),
        ("Acme Textiles UG (haftungsbeschränkt)", []),
        ("ООО Acme Textiles", []),
        ("Acme Textiles株式会社", []),
        ("Acme Textiles L1mited", []),
    ],
    ids=ascii,
)
async def test_sec_061_a_name_that_looks_like_another_is_told_in_words(
    sqlite_world: World, name: str, alphabets: list[str]
) -> None:
    assert mixed_alphabets(name) == alphabets
    await register(sqlite_world.runtime, "look-alike", name, vouched_by="Mallory Talent")
    said = await warning("look-alike")
    assert said
    assert said.startswith(LIKE_ACME)
    assert ("several alphabets" in said) is bool(alphabets)
    assert await warning("acme") is None, "nobody raises doubt about Acme by imitating it"
    await mandate(sqlite_world.runtime, "mallory", "look-alike")
    issued = await sqlite_world.issued(maya(issuer="look-alike"), api_key=MALLORY_KEY)
    page = await sqlite_world.page(f"/v/{issued['code']}")
    assert LIKE_ACME in Reader(page).text
    assert '<p class="warning">' in page
    assert LIKE_ACME in Reader(await sqlite_world.page("/issuers/look-alike")).text


@pytest.mark.parametrize(
    "name",
    [
        "Acme Tiles",
        "Acme",
        "Textiles",
        "Acme Textiles Works",
        "Limited Acme Textiles",
        "Textiles Acme",
        "Акме Текстиль",
        "東京テキスタイル",
        "Ελληνικά Νήματα",
        "Müller & Söhne",
        "3M",
    ],
)
async def test_a_name_of_its_own_is_left_in_peace(sqlite_world: World, name: str) -> None:
    await register(sqlite_world.runtime, "own", name)
    assert await warning("own") is None


@pytest.mark.parametrize(
    "name",
    [
        "Acme Textiles ✓",
        "Acme Textiles ✔️",
        "☑ Acme Textiles",
        "Acme Textiles ✅",
        "Acme √",
        "🔵 Acme",
        "Acme ⭐",
        "Acme 🛡",
        "Acme\u200bTextiles",
        "Acme\u2063Textiles",
        "\u202eselitxeT emcA",
        "Acme\u00adTextiles",
        "Acme\ue000",
        "Acme  Textiles",
        " Acme",
        "",
        "x" * 201,
    ],
    ids=ascii,
)
async def test_sec_061_marks_and_what_is_invisible_are_refused_in_names(sqlite_world: World, name: str) -> None:
    with pytest.raises(Refused) as refused:
        await register(sqlite_world.runtime, "marked", name)
    assert [fault.field for fault in refused.value.faults] == ["name"]
    assert await publishing.profile(slug="marked") is None


@pytest.mark.parametrize(
    "name", ["Procter & Gamble", "C++ Works", "O’Neill®", "Société Générale", "A. P. Møller–Mærsk"]
)
async def test_what_companies_are_really_called_is_taken(sqlite_world: World, name: str) -> None:
    assert await register(sqlite_world.runtime, "real", name)


async def test_sec_060_of_two_of_one_name_the_one_with_a_proven_domain_is_left_in_peace(internet: Internet) -> None:
    """Mallory was here first, with Acme's name and address; the domain decides."""
    runtime = internet.world.runtime
    await register(runtime, "first", "Northwind", url="https://acme.example", vouched_by="Mallory Talent")
    await register(runtime, "second", "NORTHWIND")
    assert (await warning("first"), await warning("second")) == (
        None,
        "Its name looks like that of another issuer here: Northwind.",
    )
    await internet.prove("second", "acme.example")
    assert await warning("first") == "Its name looks like that of another issuer here: NORTHWIND."
    assert await warning("second") is None
    first = Reader(await internet.world.page("/issuers/first")).text
    second = Reader(await internet.world.page("/issuers/second")).text
    assert "acme.example is this issuer’s domain" in second
    assert "Mallory Talent vouches for this issuer; its web domain is not proven." in first


async def test_sec_060_what_an_issuer_calls_its_web_site_is_never_shown_as_its_domain(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    page = await sqlite_world.page(f"/v/{issued['code']}")
    assert 'class="domain"' not in page
    assert "its web domain is not proven." in Reader(page).text


async def test_sec_061_a_domain_that_looks_like_one_proven_before_is_told(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    await internet.prove("acme", "acme.example")
    await internet.prove("mallory-inc", "acrne.example")
    assert await warning("mallory-inc") == (
        "Its domain looks like that of another issuer here: acme.example of Acme Textiles."
    )
    await internet.prove("brightline", "xn--cme-5cd.example")
    assert await warning("brightline") == (
        "Its domain looks like that of another issuer here: acme.example of Acme Textiles."
    )
    assert await warning("acme") is None


@pytest.mark.parametrize(
    ("host", "looks_like"),
    [
        ("acrne.example", "acrne.example"),
        ("files.acrne.example", "acrne.example"),
        ("xn--cme-5cd.example", "xn--cme-5cd.example"),
        ("WWW.ACRNE.EXAMPLE:8443", "acrne.example"),
        ("acme.example", None),
        ("files.acme.example", None),
        ("acne.example", None),
        ("xn--mnchen-3ya.example", None),
    ],
)
async def test_sec_163_an_address_that_looks_like_a_proven_domain_is_told_beside_it(
    sqlite_internet: Internet, host: str, looks_like: str | None
) -> None:
    """Where a reader meets a host: the work that was handed in, an issuer's web site, a platform's."""
    internet, world = sqlite_internet, sqlite_internet.world
    await internet.prove("acme", "acme.example")
    says = f"{looks_like} looks like acme.example, the domain of Acme Textiles, and is another one."
    url = f"https://{host}/work.pdf"
    await register(world.runtime, "shady", "Shady Works", url=url)
    await admit(world.runtime, "shady-talent", "Shady Talent", url=url)
    issued = await world.issued(maya(deliverables=[{"title": "Report", "kind": "report", "url": url}]))
    await Platform.update({Platform.url: url}).where(Platform.slug == "northfield")
    async with world.signed_in("ann@acme.example") as ann, world.signed_in("maya@northfield.example") as intern:
        asked = [await ann.get("/console/acme/platforms/mandate?platform=shady-talent"), await intern.get(GRANTS)]
    public = [await world.page(f"/v/{issued['code']}"), await world.page("/issuers/shady")]
    for page in (*public, *(answer.text for answer in asked)):
        assert host in page
        assert (says in Reader(page).text) == ("and is another one" in page) == (looks_like is not None)


async def test_sec_163_of_two_proven_look_alikes_the_first_is_left_in_peace(sqlite_internet: Internet) -> None:
    await sqlite_internet.prove("acme", "acme.example")
    await sqlite_internet.prove("mallory-inc", "acrne.example")
    urls = ["https://acme.example", "https://acrne.example", "https://[broken", None, "https://"]
    assert list(await address_warnings(urls)) == ["https://acrne.example"]


def test_a_legal_form_alone_is_a_name_and_those_that_differ_otherwise_stay_apart() -> None:
    names = [
        "Co",
        "SE",
        "Ltd",
        "A S",
        "Limited Company X",
        "Project Z",
        "Project",
        "Iron & Co",
        "Iron & Sons",
        "Group SA A",
    ]
    assert len({form_of(name) for name in names}) == len(names)
    assert form_of("Bright & Co.") == form_of("Bright") == form_of("Bright & Company, Inc.") == form_of("bright llc")
    assert form_of("株式会社ひかり") == form_of("ひかり株式会社") == form_of("ひかり")
    assert form_of_domain("acme.sa") != form_of_domain("acme.ag"), "of a domain the end is no legal form"


async def test_forms_of_an_earlier_release_are_computed_anew_at_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(registering, "form_of", lambda name: "acmetextllesltd")
        await register(world.runtime, "acme-ltd", "Acme Textiles Ltd")
    assert await warning("acme-ltd") is None
    await fill_in(world.runtime)
    assert await warning("acme-ltd") == LIKE_ACME
    assert (await audit(world.runtime)).mismatches == ()


@pytest.mark.parametrize("also", [{}, {Issuer.name_form: None}], ids=["name", "name and form"])
async def test_sec_205_a_name_that_was_changed_by_hand_does_not_become_an_act_at_the_next_start(
    world: World, also: dict[Any, Any]
) -> None:
    await Issuer.update({Issuer.name: "Acme Forgeries", **also}).where(Issuer.slug == "acme")
    await fill_in(world.runtime)
    assert (await audit(world.runtime)).mismatches == ("issuer acme: it is not as the last act left it",)


def test_the_form_of_a_name_does_not_depend_on_its_case() -> None:
    for name in ("Iris Mills", "Blue 0x", "Straße", "Kolmogorov", "NASDAQ"):
        assert form_of(name) == form_of(name.upper()) == form_of(name.lower()), name
