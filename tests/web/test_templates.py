"""Every page in every state: what is said, what is never said, and that strangers' text stays text."""

from __future__ import annotations

import gzip
import re
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from refolio.credential.report import CHECK_TITLES
from tests.web import cast
from tests.web.cast import CODE, FACTS, PAGES, PAYLOADS
from tests.web.reading import JINJA, Reader, render
from verify.web import templating

CSS = (Path(templating.__file__).parent / "static" / "refolio.css").read_bytes()
EVERY_PAGE = pytest.mark.parametrize("page", PAGES)


def rendered(page: str) -> Reader:
    return render(*PAGES[page])


# ---- every page ----


@EVERY_PAGE
def test_a_page_needs_no_script_and_breaks_no_rule_of_its_csp(page: str) -> None:
    reader = rendered(page)
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "style", "iframe", "object", "embed", "base"}
    names = {name for _, attributes in reader.elements for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


@EVERY_PAGE
def test_a_page_loads_nothing_from_elsewhere(page: str) -> None:
    loaded = [
        attributes.get("src") or attributes.get("href", "")
        for tag, attributes in rendered(page).elements
        if tag == "img" or (tag == "link" and attributes["rel"] in {"stylesheet", "icon"})
    ]
    assert loaded
    assert all(re.match(r"/[^/]", address) for address in loaded)


@EVERY_PAGE
def test_a_page_with_its_stylesheet_is_below_12_kb_on_the_wire(page: str) -> None:
    template, context = PAGES[page]
    html = JINJA.get_template(template).render(context)
    assert len(gzip.compress(html.encode())) + len(gzip.compress(CSS)) < 12_000


@EVERY_PAGE
def test_a_page_can_be_walked_by_its_headings_landmarks_and_labels(page: str) -> None:
    reader = rendered(page)
    tags = [tag for tag, _ in reader.elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [tags.count(tag) for tag in ("header", "main", "footer", "title")].count(1) >= 3
    assert reader.elements[0] == ("html", {"lang": "en"})
    assert next(attributes for tag, attributes in reader.elements if tag == "a") == {"class": "skip", "href": "#main"}
    ids = reader.attributes("id")
    assert len(ids) == len(set(ids))
    for name in ("aria-labelledby", "aria-describedby", "for"):
        assert {one for value in reader.attributes(name) for one in value.split()} <= set(ids)
    assert all(attributes["alt"] for tag, attributes in reader.elements if tag == "img")


@EVERY_PAGE
def test_a_page_uses_the_words_of_the_glossary(page: str) -> None:
    assert not re.search(r"\b(certificates?|award(ed|s)?|recipients?|users?|assertions?)\b", rendered(page).text, re.I)


@EVERY_PAGE
def test_sec_138_every_page_says_what_we_never_ask(page: str) -> None:
    assert "We never ask you to log in, pay or install anything to check a credential." in rendered(page).text


def test_only_the_front_page_is_for_search_engines() -> None:
    for page in PAGES:
        assert ("noindex" in rendered(page).attributes("content")) is (page != "home")


# ---- strangers' text ----


def hostile_pages(payload: str) -> list[tuple[str, dict[str, object]]]:
    facts = cast.hostile(payload)
    who = {
        "name": payload,
        "domain": payload,
        "how": payload,
        "warning": payload,
        "path": "/issuers/x",
        "holds_key": True,
    }
    summary = {"organisations": 1, "fields": [payload], "skills": [(payload, 2)], "hours": payload, "credentials": 1}
    reply = {**cast.REPLY, "text": payload}
    withdrawal = {**cast.WITHDRAWN, "reason": payload, "reply": reply}
    entries = [
        cast.entry(facts, state_says=payload),
        cast.entry(facts),
        cast.entry(facts, state="withdrawn", withdrawal=withdrawal),
        cast.entry(facts, state="unchecked", state_says=payload),
    ]
    page = {"url": f"{cast.ORIGIN}/p/mallory", "title": payload, "description": payload}
    person = {"name": payload, "headline": payload, "handle": payload}
    says = cast.report(says=payload)
    return [
        ("verdict.html", cast.verdict(facts=facts, who=who, report=says, verify_command=payload)),
        ("verdict.html", cast.verdict(facts=facts, who=who, tone="withdrawn", withdrawal=withdrawal)),
        ("issuer.html", {"this": cast.introduction(payload)}),
        ("verdict.html", cast.verdict(facts=None, sentence=f"{says.decisive.says} {payload}", tone="bad", report=says)),
        ("portfolio.html", cast.portfolio(*entries, person=person, summary=summary, page=page)),
        *cast.references(payload, facts),
        ("problem.html", {"title": payload, "detail": payload, "status": 400}),
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_sec_124_hostile_text_stays_text_in_every_field(payload: str) -> None:
    harmless = hostile_pages("harmless")
    for (template, context), (_, plain) in zip(hostile_pages(payload), harmless, strict=True):
        reader, expected = render(template, context), render(template, plain)
        # The very same elements with the same attribute names as for harmless text: nothing broke out of its place.
        shape, wanted = ([(tag, sorted(a)) for tag, a in page.elements] for page in (reader, expected))
        assert shape == wanted
        assert " ".join(payload.split()) in reader.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_sec_124_no_hostile_address_becomes_a_link(payload: str) -> None:
    for template, context in hostile_pages(payload):
        for address in render(template, context).attributes("href"):
            assert re.match(rf"(/[^/\\]|/$|#|{cast.ORIGIN}/)", address), address


def test_links_from_a_credential_are_links_only_when_the_issuer_is_known() -> None:
    address = FACTS.deliverables[0].url
    assert address in render("verdict.html", cast.verdict()).attributes("href")
    for changes in ({"report": cast.STRANGER}, {"tone": "withdrawn", "withdrawal": cast.WITHDRAWN}):
        reader = render("verdict.html", cast.verdict(**changes))
        assert address not in reader.attributes("href")
        assert address in reader.text


def test_a_forgotten_value_is_an_error_and_not_an_empty_place() -> None:
    context = cast.verdict()
    del context["who"]
    with pytest.raises(UndefinedError, match="who"):
        render("verdict.html", context)


def test_template_names_are_unique_over_all_folders() -> None:
    names = [path.name for folder in templating.FOLDERS for path in folder.glob("**/*.html")]
    assert len(names) == len(set(names))
    assert {"base.html", "home.html", "problem.html", "portfolio.html", "verdict.html"} <= set(names)


# ---- the verdict ----


def test_each_tone_has_its_sentence_and_a_silhouette_of_its_own() -> None:
    silhouettes = set()
    for tone in ("good", "withdrawn", "bad", "unsure"):
        template, context = PAGES[f"verdict-{tone}"]
        html = JINJA.get_template(template).render(context)
        assert f'<body class="tone-{tone}">' in html
        assert f'<h1 id="verdict">{context["sentence"]}</h1>' in html
        before_the_sentence = html[: html.index('id="verdict"')]
        (shape,) = re.findall(rf'class="shape shape-{tone}"[^>]*>\s*<([^>]+)>', before_the_sentence)
        silhouettes.add(shape)
    assert len(silhouettes) == 4


def test_the_six_facts_follow_the_verdict_in_the_order_of_reading() -> None:
    reader = rendered("verdict-good")
    assert reader.attributes("data-fact") == ["who", "organisation", "when", "hours", "skills", "feedback"]
    said = [
        "Genuine and current",
        "Maya Okafor",
        "Why do customers return shirts?",
        "Micro-internship project",
        "Where the work was done: Brightwater Mills",
        "Who says so Acme Textiles acme.example",
        "Key published on acme.example, confirmed on 23 Nov 2026.",
        "Delivered by Northfield Careers Service",
        "24 Aug – 11 Sep 2026",
        "60 hours, logged · on site",
        "Seen by supervisor Survey design",
        "Self-reported Presenting",
        "Maya asked the question nobody had asked.",
        "Sam Rivera",
        "All eight checks",
        "Verify this yourself",
        "Save as PDF or print",
    ]
    places = [reader.text.index(words, reader.text.index("Check a code")) for words in said]
    assert places == sorted(places)


def test_all_eight_checks_are_numbered_from_nought_with_their_outcome() -> None:
    text = rendered("verdict-bad").text
    outcomes = ["passed"] * 4 + ["failed"] + ["not reached"] * 3
    for number, (title, outcome) in enumerate(zip(CHECK_TITLES, outcomes, strict=True)):
        assert f"{number}. {title} – {outcome}" in text
    unsure = rendered("verdict-unsure").text
    assert all(says in unsure for says in ("– could not check", "That says nothing against it."))


def test_nothing_of_a_changed_file_is_shown() -> None:
    reader = rendered("verdict-bad")
    everything = reader.text + " ".join(value for _, attributes in reader.elements for value in attributes.values())
    for secret in ("Maya", "Acme", "Brightwater", "Northfield", "shirts", "/p/maya", "qr."):
        assert secret not in everything
    assert "The signature does not match." in reader.text


def test_a_withdrawal_is_told_with_its_reason_and_calls_nothing_false() -> None:
    text = rendered("verdict-withdrawn").text
    assert "Genuine, withdrawn by the issuer on 23 November 2026 Reason given: Something in it was wrong." in text
    assert "The hours were recorded twice." in text
    assert "Unchanged since it was signed, and not withdrawn" not in text


def test_the_signed_file_the_code_and_the_short_link_can_be_reached_without_script() -> None:
    reader = rendered("verdict-good")
    context = cast.verdict()
    assert ("link", context["credential_path"]) in [
        (tag, a.get("href")) for tag, a in reader.elements if a.get("rel") == "alternate"
    ]
    assert ("a", {"href": context["signed_path"]}) in reader.elements
    assert "Signed file (JSON)" in reader.text
    assert f"localhost:8000/v/{CODE} Code {CODE}" in reader.text
    assert "The code is made from the signed file. No other file has it." in reader.text
    assert f"QR code that leads to localhost:8000/v/{CODE}" in reader.attributes("alt")


@pytest.mark.parametrize("tone", ["good", "withdrawn", "bad", "unsure"])
def test_a_link_preview_carries_no_verdict_because_it_outlives_one(tone: str) -> None:
    elements = rendered(f"verdict-{tone}").elements
    preview = [a["content"] for tag, a in elements if tag == "meta" and a.get("property", "").startswith("og:")]
    assert not re.search(r"genuine|withdrawn|changed|could not", " ".join(preview), re.I)
    assert ("Acme" in " ".join(preview)) is (tone == "good")


# ---- the portfolio ----


def test_only_what_is_signed_and_current_is_counted_and_the_rest_says_so() -> None:
    text = rendered("portfolio-states").text
    assert "Counted from signed credentials only." in text
    assert "Withdrawn by the issuer on 23 Nov 2026. Reason given: Something in it was wrong. The hours were" in text
    assert "My supervisor has the sheet. What Maya Okafor replies" in text
    assert "Could not be checked just now. Not counted." in text
    assert text.count("This entry was changed after signing and is not shown.") == 1
    assert text.count(FACTS.title) == text.count("Market research intern") + 3  # three links name their entry too


def test_every_entry_leads_to_its_verdict_on_screen_and_on_paper() -> None:
    reader = rendered("portfolio-states")
    assert reader.attributes("href").count(f"/v/{CODE}") == 12
    assert reader.text.count(f"Verify: localhost:8000/v/{CODE}") == 4


def test_the_picture_of_the_work_can_also_be_read() -> None:
    reader = rendered("portfolio")
    assert ("svg", {"class": "picture", "role": "img", "aria-labelledby": "picture"}) in reader.elements
    assert "Picture: 12 credentials over time, 24 Aug – 11 Sep 2026." in reader.text


def test_an_empty_portfolio_says_so() -> None:
    assert "No signed work is shown here yet." in rendered("portfolio-empty").text


# ---- the front door, and errors ----


def test_a_code_can_be_typed_on_the_front_page_and_where_nothing_was_found() -> None:
    for page in ("home", "problem-404"):
        reader = rendered(page)
        form = next(attributes for tag, attributes in reader.elements if tag == "form")
        assert (form["action"], form["method"]) == ("/v", "get")
        assert [attributes["name"] for tag, attributes in reader.elements if tag == "input"] == ["code"]


@pytest.mark.parametrize(
    ("status", "advice"),
    [(404, "letter by letter"), (422, "send it again"), (429, "when that time is over"), (503, "Wait a minute")],
)
def test_an_error_says_what_happened_and_what_to_do(status: int, advice: str) -> None:
    text = rendered(f"problem-{status}").text
    assert all(says in text for says in ("No credential has this code.", advice))
    assert ("a minute" in text) == (status == 503), "of a limit the message itself says how long"
