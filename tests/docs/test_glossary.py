"""One concept, one word: the glossary defines the words, and the words it turns down do not occur."""

from __future__ import annotations

import ast
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.committed import REPOSITORY, committed_files, text_of

GLOSSARY = REPOSITORY / "docs" / "glossary.md"

WORDS = """
Edition, Reply, Successor, Custody, Reservation, Event, Webhook, Delivery, Replay,
Mailbox, Session, Passkey, Recovery, Key-encryption key, Rotate, Compromised since,
API key, Scope, Roll, Twin, Grant,
Import, Row, Mandate, Operator, Verification code, Audit, Audit trail, Invitation, Member, Proposal, Role, Witness,
Plugin, Plugin fault, Manifest, Layout, Announce,
Domain proof, Challenge, Vouch, Look-alike, Pledge,
Achievement, Alignment, Check, Completion, Credential, Cryptosuite, Evidence, Feedback, Holder, Host, Intern, Issuer,
Multikey, Objection, Platform, Portfolio, Proof, Reader, Record, Reference, Replace, Result, SecuredCredential, Share,
Status entry, Status list, Subject, Supervisor, Referee, Verdict, Verification method, VerificationReport,
VerifiedCredential, Withdraw
"""

# In sentences for people. `Quoted` names of the standards are no sentences; they are left out before the search.
NOT_IN_PROSE = re.compile(
    r"\b(?:certificates?|assertions?|award(?:s|ed)?|recipients?|users?|tokens?"
    r"|(?:verif(?:y|ies|ied|ying) (?:your |the |an? |their |his |her )?(?:e-?mail|mailbox)"
    r"|(?:e-?mail|mailbox)(?: address)? verification)"
    r"|delet(?:e|es|ed|ing) (?:the |a |your |this )?credentials?)\b",
    re.IGNORECASE,
)
# Longer words of other fields that happen to contain one of ours.
FIXED_TERMS = re.compile(
    r"\b(?:(?:TLS|self-signed|server|client) certificates?|certificate[- ]only"
    r"|API[- ]tokens?|design tokens?|user[- ]agents?)\b",
    re.IGNORECASE,
)

# In names that travel: members of JSON, columns, paths.
NOT_IN_NAMES = {"certificate", "assertion", "award", "awarded", "recipient", "user", "token"}
NAMES_OF_STANDARDS = {"assertion_method", "awarded_date", "api_token", "csrf_token", "user_agent", "certificate_only"}


def test_every_word_has_its_sentence() -> None:
    defined = dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)$", GLOSSARY.read_text(), re.MULTILINE))
    assert set(re.split(r",\s*", WORDS.strip())) == set(defined)
    assert not [word for word, sentence in defined.items() if not re.search(r"\.( \[.+\])?$", sentence)]


def test_the_words_not_used_are_listed() -> None:
    listed = re.findall(r"^\| `(\w+)`", GLOSSARY.read_text(), re.MULTILINE)
    assert {"certificate", "assertion", "award", "recipient", "user", "token", "verify", "delete"} == set(listed)


def _without_fixed_terms(text: str) -> str:
    return FIXED_TERMS.sub("…", text)


class _Visible(HTMLParser):
    """Collects what a reader sees or hears of a template: text and the attributes that are read out."""

    ATTRIBUTES = frozenset({"alt", "aria-label", "content", "placeholder", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in ("script", "style")
        self.parts += [value for name, value in attrs if name in self.ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)


def prose_of_template(text: str) -> str:
    """What a person reads of a Jinja template, including the sentences that stand inside expressions."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    sentences = [
        quoted
        for expression in re.findall(r"\{[{%].*?[%}]\}", text, flags=re.DOTALL)
        for quoted in re.findall(r"\"([^\"]* [^\"]*)\"|'([^']* [^']*)'", expression)
    ]
    visible = _Visible()
    visible.feed(re.sub(r"\{[{%].*?[%}]\}", "", text, flags=re.DOTALL))
    return html.unescape(" ".join([*visible.parts, *("".join(pair) for pair in sentences)]))


def prose_of_markdown(text: str) -> str:
    """What a person reads of a Markdown page, without code, quoted names and addresses."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ {4,}\S.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+", "…", text)


PROSE = {".html": prose_of_template, ".jinja": prose_of_template, ".md": prose_of_markdown}


def test_pages_and_docs_use_our_words() -> None:
    found = {}
    for file in committed_files():
        if file.suffix in PROSE:
            text = _without_fixed_terms(PROSE[file.suffix](text_of(file)))
            if words := sorted({match.group() for match in NOT_IN_PROSE.finditer(text)}):
                found[file.as_posix()] = words
    assert not found, "See docs/glossary.md, 'Not used'."


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")


def _bad_name(name: str) -> bool:
    snake = _snake(name)
    for term in NAMES_OF_STANDARDS:
        snake = snake.replace(term, "")
    return bool({part.removesuffix("s") for part in snake.split("_")} & NOT_IN_NAMES)


def names_that_travel(source: str) -> set[str]:
    """Names of classes and of their members, wire names given as ``name=...``, and every part of a route's path."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
            for member in node.body:
                if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                    names.add(member.target.id)
                elif isinstance(member, ast.Assign):
                    names |= {target.id for target in member.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.keyword) and node.arg == "name" and isinstance(node.value, ast.Constant):
            names.add(str(node.value.value))
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"/[\w/{}:.-]+", node.value)
        ):
            names |= set(re.split(r"[/{}:.]", node.value))
    return names


@pytest.mark.parametrize("package", ["verify", "plugins", "sdk/refolio"])
def test_members_columns_and_paths_use_our_words(package: str) -> None:
    found = {}
    for file in committed_files():
        if file.suffix == ".py" and file.is_relative_to(package):
            names = {*names_that_travel(text_of(file)), *(Path(part).stem for part in file.parts)}
            if bad := sorted(name for name in names if _bad_name(name)):
                found[file.as_posix()] = bad
    assert not found, "See docs/glossary.md, 'Not used'."


@pytest.mark.parametrize(
    "text",
    [
        "Your certificate",
        "one assertion",
        "was awarded",
        "each recipient",
        "a user signs in",
        "the token",
        "verify your e-mail",
    ],
)
def test_a_word_not_used_is_found(text: str) -> None:
    assert NOT_IN_PROSE.search(prose_of_template(f"<p class='x'>{{% if a %}}<b>{text}</b>{{% endif %}}"))
    assert NOT_IN_PROSE.search(prose_of_template(f'<img alt="{text} here">'))
    assert NOT_IN_PROSE.search(prose_of_template(f"{{{{ say('{text} here') }}}}"))
    assert NOT_IN_PROSE.search(prose_of_markdown(f"So {text}, `quoted`."))


def test_names_of_the_standards_are_left_alone() -> None:
    assert not NOT_IN_PROSE.search(prose_of_markdown("The `assertionMethod` and `awardedDate` of the standard."))
    assert not NOT_IN_PROSE.search(_without_fixed_terms("A TLS certificate, an API token."))
    assert not _bad_name("assertionMethod")
    assert not _bad_name("awardedDate")


@pytest.mark.parametrize("name", ["user_id", "recipientId", "AwardedBadge", "certificates", "signInToken"])
def test_a_name_not_used_is_found(name: str) -> None:
    assert _bad_name(name)
    assert name in names_that_travel(f"class Body:\n    {name}: str\n")
    assert name in names_that_travel(f"@get('/things/{{{name}:str}}')\ndef read() -> None: ...\n")
