"""More than two dozen badges that have little in common, unsigned: the soil that mutants grow on.

Each one is accepted as it is; each has another thing in it that a verifier can get wrong.
"""

from __future__ import annotations

from typing import Any

from refolio.credential.document import compose
from tests.credential import badges
from tests.credential.acme import ACME, SAM
from tests.credential.completions import ACME_DID, completion, issuance

Document = dict[str, Any]

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
_V1 = "https://www.w3.org/2018/credentials/v1"
_OB_1 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
_CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
_ACHIEVEMENTS = "https://portfolio.example/achievements"


def corpus() -> dict[str, Document]:
    """Name → unsigned badge. All are Acme's but ``by a key of its own``."""
    by_itself = badges.badge(issuer={"id": SAM.did, "type": ["Profile"], "name": "Sam"})
    return {
        "everything that Refolio says": compose(completion(), issuance()),
        "the least that Refolio says": compose(_shortest(), issuance(platform=None)),
        "plain": badges.badge(),
        "issuer as text": badges.badge(issuer=ACME_DID),
        "French and German": _plain(
            name=[{"@value": "Stage d’été", "@language": "fr"}, {"@value": "Sommerpraktikum", "@language": "de-at"}],
            description={"@value": "Étude de marché : « bien » — 40 h", "@language": "fr-BE"},
        ),
        "French": _achieved(name="Étude de marché", description="« Bien » — 40 h à l’œuvre", inLanguage="fr-BE"),
        "Japanese beyond the basic plane": _achieved(
            name="𠮷野家の包装調査 🎉👩‍🔬",
            description="四十時間。𩸽と𠮟る。\U000f0000\U0010fffd",
            tag=["市場調査", "包装", "𠮷", "🎓"],
        ),
        "Hebrew with its direction": _plain(
            name={"@value": "סקר אריזות", "@language": "he", "@direction": "rtl"},
            description={"@value": "אריזה (40)", "@direction": "rtl"},
        ),
        "Hebrew and Arabic": badges.badge(
            name="סקר אריזות",
            description="אריזה \u200fعبوة\u200e (40)",
            credentialSubject=badges.subject(role="متدربة", achievement=badges.achievement(name="استبيان")),
        ),
        "deep rubric": _achieved(resultDescription=[_rubric(1), _rubric(2)]),
        "endorsed, with a proof inside": badges.badge(
            endorsement=[_endorsement(proof=badges.proof())],
            credentialSubject=badges.subject(
                achievement=badges.achievement(endorsement=[_endorsement(id="urn:uuid:9a3c-2")])
            ),
        ),
        "sixty alignments": _achieved(alignment=[_alignment(number) for number in range(60)]),
        "a long text": badges.badge(description="A word, “another” and 𝒶 third. " * 900),
        "results and ordered grades": badges.badge(
            credentialSubject=badges.subject(
                result=[
                    badges.result("40", resultDescription=f"{_ACHIEVEMENTS}/packaging#hours"),
                    badges.result("B", resultDescription=f"{_ACHIEVEMENTS}/packaging#grade", status="Completed"),
                    badges.result("passed"),
                ],
                achievement=badges.achievement(
                    resultDescription=[
                        _description("hours", "ext:Hours", valueMin="0", valueMax="60", requiredValue="40"),
                        _description("grade", "LetterGrade", allowedValue=["A", "B", "C", "D"]),
                    ]
                ),
            )
        ),
        "evidence alike": badges.badge(
            evidence=[badges.evidence(), badges.evidence(), badges.evidence("Talk", id="https://acme.example/talk")]
        ),
        "hashed identities and numbers": badges.badge(
            credentialSubject=badges.subject(
                creditsEarned=2**53 - 1,
                licenseNumber="0042",
                identifier=[
                    {
                        "type": "IdentityObject",
                        "hashed": hashed,
                        "identityHash": f"sha256${'0af1' * 16}{hashed}",
                        "identityType": kind,
                        "salt": "c2FsdC1leGFtcGxlLTE2Yg",
                    }
                    for hashed, kind in ((True, "emailAddress"), (False, "name"))
                ],
            )
        ),
        "profiles with parents": badges.badge(issuer=_organisation(ACME_DID, 3)),
        "an endorsement of its own": _endorsement(
            issuer={"id": ACME_DID, "type": ["Profile"], "name": "Acme"},
            credentialSubject={
                "id": f"{_ACHIEVEMENTS}/packaging",
                "type": ["EndorsementSubject"],
                "endorsementComment": "Careful\nand “quick”.",
            },
        ),
        "by a key of its own": by_itself,
        "with the extensions context": badges.badge(**{"@context": [badges.VC, badges.OB, EXTENSIONS]}),
        "nested like a learner record": badges.badge(
            credentialSubject=badges.subject(achievement=_nested(5)), evidence=[badges.evidence(id="urn:x:1")]
        ),
        "text that looks like statements": badges.badge(
            name='_:c14n0 <urn:p> "x" .',
            description='said "well done"\nand \\ left \\u0041 a\u2028b\u2029c\u00a0d\u0085<script>x</script>]]>&x;',
        ),
        "a JSON literal inside": {
            "@context": [badges.VC],
            "id": "https://acme.example/schemas/1",
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": ACME_DID,
            "validFrom": "2026-09-18T00:00:00Z",
            "credentialSubject": {
                "id": "https://acme.example/schema",
                "type": "JsonSchema",
                "jsonSchema": {"b": [1, True, None, 'x\n"é'], "a": {"\U0001f600": 1, "\ufb33": [{"c": "d"}, [0, 7]]}},
            },
        },
        "learner record": _learner_record(),
        "data model 1.1": {
            **{name: value for name, value in badges.badge().items() if name != "validFrom"},
            "@context": [_V1, _OB_1, _INTEGRITY],
            "issuanceDate": "2026-09-18T00:00:00Z",
            "expirationDate": "2031-09-18T00:00:00Z",
        },
        "dates and states": badges.badge(
            validFrom="2026-09-18T00:00:00.123456789+02:00",
            validUntil="2031-09-18T23:59:59-11:30",
            awardedDate="2026-09-18T00:00:00Z",
            credentialStatus=[
                {
                    "id": f"https://portfolio.example/status/1#{index}",
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": str(index),
                    "statusListCredential": "https://portfolio.example/status/1",
                }
                for index in (0, 131_071)
            ],
        ),
    }


def _endorsement(**members: Any) -> Document:
    return badges.endorsement(**{"name": "Endorsement", **members})


def _plain(**members: Any) -> Document:
    """A credential that is no badge: its texts may have languages and directions."""
    return {
        "@context": [badges.VC],
        "id": "https://acme.example/credentials/1",
        "type": ["VerifiableCredential"],
        "issuer": {"id": ACME_DID, "name": {"@value": "Acmé", "@language": "fr"}},
        "validFrom": "2026-09-18T00:00:00Z",
        "credentialSubject": {"id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
        **members,
    }


def _achieved(**members: Any) -> Document:
    return badges.badge(credentialSubject=badges.subject(achievement=badges.achievement(**members)))


def _shortest() -> Any:
    absent = dict.fromkeys(("feedback", "deliverables", "academic_credit", "host", "term", "story"))
    return completion(**absent, skills=[{"name": "spreadsheets", "observed": "seen"}])


def _description(name: str, kind: str, **members: Any) -> Document:
    id_ = f"{_ACHIEVEMENTS}/packaging#{name}"
    return {"id": id_, "type": ["ResultDescription"], "name": name, "resultType": kind, **members}


def _rubric(number: int) -> Document:
    levels = [
        {
            "id": f"{_ACHIEVEMENTS}/packaging#skill-{number}-{rank}",
            "type": ["RubricCriterionLevel"],
            "name": name,
            "level": str(rank),
            "points": str(rank * 10),
            "description": f"{name} work",
            "alignment": [_alignment(rank), _alignment(rank + 10)],
        }
        for rank, name in enumerate(("Developing", "Proficient", "Excellent"))
    ]
    return _description(f"skill-{number}", "RubricCriterionLevel", rubricCriterionLevel=levels, alignment=[])


def _alignment(number: int) -> Document:
    return {
        "type": ["Alignment"],
        "targetName": f"Skill {number // 2}",
        "targetUrl": f"https://skills.example/{number}",
        "targetFramework": "Example",
        "targetType": "ext:Skill",
        "targetCode": str(number % 7),
    }


def _organisation(id_: str, parents: int) -> Document:
    organisation: Document = {
        "id": id_,
        "type": ["Profile"],
        "name": f"Acme {parents}",
        "url": "https://acme.example",
        "email": "a@acme.example",
        "address": {"type": ["Address"], "addressCountry": "Österreich", "postalCode": "1010"},
        "otherIdentifier": [
            {"type": "IdentifierEntry", "identifier": f"000{parents}", "identifierType": "sourcedId"},
        ],
    }
    if parents:
        organisation["parentOrg"] = _organisation(f"https://acme.example/{parents}", parents - 1)
    return organisation


def _learner_record() -> Document:
    """A comprehensive learner record: two badges inside, one of them with a proof of its own."""
    inner = badges.badge(id="urn:uuid:record-1")
    inner["proof"] = ACME.proof(inner)
    return badges.badge(
        **{"@context": [badges.VC, _CLR, badges.OB]},
        type=["VerifiableCredential", "ClrCredential"],
        credentialSubject={
            "id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "type": ["ClrSubject"],
            "verifiableCredential": [inner, badges.badge(id="urn:uuid:record-2", name="Second")],
            "achievement": [badges.achievement(), badges.achievement(id="urn:uuid:record-3", name="Third")],
            "association": [
                {
                    "type": "Association",
                    "associationType": "isParentOf",
                    "sourceId": f"{_ACHIEVEMENTS}/packaging",
                    "targetId": "urn:uuid:record-3",
                }
            ],
        },
    )


def _nested(levels: int) -> Document:
    inner: Document = badges.achievement(
        id=f"{_ACHIEVEMENTS}/{levels}",
        name=f"Level {levels}",
        related=[{"id": f"urn:related:{levels}", "type": ["Related"], "inLanguage": "en", "version": "1"}],
    )
    if levels:
        inner["creator"] = {
            "id": f"https://acme.example/creators/{levels}",
            "type": ["Profile"],
            "endorsement": [
                _endorsement(
                    id=f"urn:endorsement:{levels}",
                    credentialSubject={
                        "id": f"{_ACHIEVEMENTS}/{levels}",
                        "type": ["EndorsementSubject"],
                        "endorsementComment": f"Level {levels}",
                    },
                )
            ],
        }
        inner["version"] = str(levels)
        if levels > 3:
            inner["criteria"] = {"id": f"https://acme.example/criteria/{levels}", "narrative": "See above."}
    return inner
