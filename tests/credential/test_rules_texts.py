"""The words and addresses of a completion: nothing invisible, nothing that reads as another, one thing per address."""

from __future__ import annotations

import time
from typing import Any

import pytest

from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.model import Framework
from refolio.credential.rules import faults, normal_email
from refolio.errors import Fault
from tests.credential.completions import TODAY, completion, members


def found(**changes: Any) -> list[Fault]:
    return faults(completion(**changes), TODAY)


def fault(**changes: Any) -> Fault:
    (only,) = found(**changes)
    assert only.reason.endswith(".")
    assert only.fix.endswith(".")
    return only


def intern(name: str) -> dict[str, Any]:
    return {"intern": {"name": name, "email": "maya@northfield.example"}}


CONTROLS = "\x00\x07\t\x0b\r\x1b\x1f\x7f\x80\x85\x9f\ud800\udfff"
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069"
    "\u2800\u3164\ufeff\uffa0\ufff9\ufffd\ufffe\uffff\U000e0001\U000e0041\U000e007f"
)


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


@pytest.mark.parametrize("character", CONTROLS, ids=code_point)
def test_sec_006_control_characters(character: str) -> None:
    assert fault(**intern(f"Maya{character}Okafor")).reason == "This holds a tab or another control character."


@pytest.mark.parametrize("character", INVISIBLE, ids=code_point)
def test_sec_007_and_061_invisible_and_turning_characters(character: str) -> None:
    assert fault(**intern(f"Maya{character}Okafor")).reason.startswith("This holds invisible")


@pytest.mark.parametrize(
    "name", ["Zoë", "Zoe\u0308", "名前", "مایا", "می\u200cخواهم", "👩\u200d🔬 Maya", "O’Brien", "Nguyễn\u00a0An", "🏳️"]
)
def test_names_of_real_people_are_accepted(name: str) -> None:
    assert found(**intern(name)) == []


@pytest.mark.parametrize("name", [" ", "\u00a0", "\u3000\u2003", "\u200d", " \u200c "])
def test_blank_is_not_a_name(name: str) -> None:
    assert fault(**intern(name)) == Fault("intern.name", "This is blank.", "Fill it in.")


def test_every_text_is_looked_at() -> None:
    """A control character anywhere in a text that gets signed is found at that place."""
    bad = "a\x07b"
    texts: dict[str, dict[str, Any]] = {
        "record": {"record": bad},
        "role": {"role": bad},
        "term": {"term": bad},
        "story": {"story": bad},
        "host.name": {"host": {"name": bad}},
        "academic_credit.system": {"academic_credit": {"system": bad, "amount": 2, "given_by": "N"}},
        "academic_credit.given_by": {"academic_credit": {"system": "ECTS", "amount": 2, "given_by": bad}},
        "skills[0].name": {"skills": [{"name": bad, "observed": "seen"}]},
        **{
            f"project.{name}": {"project": members()["project"] | {name: bad}}
            for name in ("title", "description", "field", "code")
        },
        "project.tasks[1]": {"project": members()["project"] | {"tasks": ["a", bad]}},
        **{f"feedback.{name}": {"feedback": {"text": "a", name: bad}} for name in ("text", "author", "author_role")},
        **{
            f"deliverables[0].{name}": {"deliverables": [{"title": "a", name: bad}]}
            for name in ("title", "description", "kind")
        },
    }
    alignment = {"framework": "ESCO", "url": FRAMEWORKS[Framework.ESCO].example}
    for name in ("name", "code"):
        texts[f"skills[0].alignment.{name}"] = {
            "skills": [{"name": "x", "observed": "seen", "alignment": alignment | {name: bad}}]
        }
    for field, changes in texts.items():
        assert fault(**changes).field == field


def test_line_breaks_only_where_there_is_room_for_them() -> None:
    project = members()["project"]
    assert found(story="a\nb", feedback={"text": "a\n\nb"}, project=project | {"description": "a\nb"}) == []
    assert fault(role="a\nb") == Fault("role", "This must be a single line.", "Remove the line break.")
    assert fault(project=project | {"tasks": ["a\n- b"]}).field == "project.tasks[0]"


# --- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "email",
    ["maya@northfield.example", "Maya.O'Kafor+cv@mail.north-field.ac.uk", "m@n.example", "a" * 64 + "@n.example"],
)
def test_sec_163_addresses_that_are_accepted(email: str) -> None:
    assert found(intern={"name": "Maya", "email": email}) == []


@pytest.mark.parametrize(
    "email",
    [
        "maya",
        "@n.example",
        "maya@",
        "a@b@c.example",
        "maya@localhost",
        "maya@n.example.",
        "maya@.example",
        "maya@-n.example",
        "maya@n..example",
        ".maya@n.example",
        "maya.@n.example",
        "ma..ya@n.example",
        "ma ya@n.example",
        " maya@n.example",
        "maya@n.example\n",
        '"maya"@n.example',
        "maya@[127.0.0.1]",
        "maya@127.0.0.1",
        "mаya@n.example",
        "maya@ñ.example",
        "maya@n.example,oscar@n.example",
        "Maya <maya@n.example>",
        "mailto:maya@n.example",
        "maya@n_x.example",
        "a" * 65 + "@n.example",
    ],
)
def test_sec_163_addresses_that_are_refused(email: str) -> None:
    refused = fault(intern={"name": "Maya", "email": email})
    assert (refused.field, refused.reason) == ("intern.email", f"“{email}” is not an e-mail address.")


def test_sec_163_one_normal_form_and_no_merging_of_plus_or_dots() -> None:
    assert normal_email(" Maya.O+cv@NorthField.example ") == "maya.o+cv@northfield.example"


@pytest.mark.parametrize(
    "url",
    ["https://files.example", "http://files.example/a?b=c#d", "https://files.example:8443/a%20b/(c),d'e;f~g!h[1]"],
)
def test_web_addresses_that_are_accepted(url: str) -> None:
    assert found(deliverables=[{"title": "Report", "url": url}]) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://files.example",
        "//files.example",
        "files.example",
        "https:files.example",
        "https://u:p@files.example/",
        "https://files.example@evil.example",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://files.example/a b",
        "https://files.example/\n",
        "https://files.example/é",
        "https://files.example\\@evil.example",
        *[f"https://files.example/{character}" for character in '<>"{}|^`\\'],
        "https://fileſ.example/",  # a letter that ignoring case takes for s
        "https://\u212aiosk.example/",  # and one for k
    ],
)
def test_sec_097_and_098_web_addresses_that_are_refused(url: str) -> None:
    assert fault(deliverables=[{"title": "Report", "url": url}]).field == "deliverables[0].url"
    assert fault(host={"name": "Brightline", "url": url}).reason == "This is not a web address."


def test_one_address_stands_for_one_thing() -> None:
    """Two objects under one id are one in RDF, so that their names could be swapped without breaking the signature."""
    one = "https://brightline.example"
    twice = [{"title": "Report", "url": one}, {"title": "Talk", "url": one}]
    assert fault(host=None, deliverables=twice).field == "deliverables[1].url"
    assert fault(host={"name": "Brightline", "url": one}, deliverables=twice[:1]).field == "host.url"


def test_hostile_texts_are_judged_quickly() -> None:
    began = time.perf_counter()
    for text in (
        "a" * 254,
        "a@" + "a." * 120,
        "a@" + "a-" * 120,
        "https://" + "a-" * 246,
        "https://" + "a." * 240 + "_",
    ):
        found(intern={"name": "x" * 200, "email": text[:254]}, host={"name": "x", "url": text})
    assert time.perf_counter() - began < 0.5
