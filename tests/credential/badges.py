"""Fifty-one documents of our own, each with one thing in it that canonical forms can trip over."""

from __future__ import annotations

from typing import Any

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
Document = dict[str, Any]


def badge(**members: Any) -> Document:
    """Maya's completed micro-internship at Acme; ``members`` replace or add members of the credential."""
    return {
        "@context": [VC, OB],
        "id": "https://portfolio.example/credentials/0b9d3c52",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Micro-internship: packaging survey",
        "issuer": {"id": "did:web:portfolio.example:issuers:acme", "type": ["Profile"], "name": "Acme"},
        "validFrom": "2026-09-18T00:00:00Z",
        "credentialSubject": subject(),
        **members,
    }


def subject(**members: Any) -> Document:
    return {
        "id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "type": ["AchievementSubject"],
        "achievement": achievement(),
        **members,
    }


def achievement(**members: Any) -> Document:
    return {
        "id": "https://portfolio.example/achievements/packaging",
        "type": ["Achievement"],
        "name": "Packaging survey",
        "description": "Forty hours, remote.",
        "criteria": {"narrative": "Report accepted by the supervisor."},
        **members,
    }


def result(value: str, **members: Any) -> Document:
    return {"type": ["Result"], "value": value, **members}


def evidence(name: str = "Report", **members: Any) -> Document:
    return {"type": ["Evidence"], "name": name, **members}


def endorsement(**members: Any) -> Document:
    """Sam's reference, a whole credential with a context of its own."""
    return {
        "@context": [VC, OB],
        "id": "urn:uuid:9a3c6a4e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": "did:web:portfolio.example:referees:sam", "type": ["Profile"], "name": "Sam"},
        "validFrom": "2026-09-19T00:00:00Z",
        "credentialSubject": {
            "id": "https://portfolio.example/achievements/packaging",
            "type": ["EndorsementSubject"],
            "endorsementComment": "Careful and quick.",
        },
        **members,
    }


def proof(**members: Any) -> Document:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-09-18T00:00:00Z",
        "verificationMethod": "did:web:portfolio.example:issuers:acme#key-1",
        "proofPurpose": "assertionMethod",
        "proofValue": "z58DAdFfa9SkqZMVPxAQpic7ndSayn1PzZs6ZjWp1CktyGesjuTSwRdoWhAfGFCF5bppETSTojQCrfFPP2oumHKtz",
        **members,
    }


def badges() -> dict[str, Document]:
    """Name → document. Every one is accepted by the walk."""
    grades = {"type": ["ResultDescription"], "name": "Grade", "resultType": "LetterGrade", "allowedValue": ["A", "B"]}
    described = {
        f"text {name}": badge(description=text)
        for name, text in {
            "accents": "Zoë Ångström, ¿qué?",
            "decomposed": "Zoe\u0308",
            "emoji": "done 🎉👩‍🔬",
            "line feed": "first\nsecond",
            "quotes": 'said "well done" and \\ left',
            "separators": "a\u2028b\u2029c\u00a0d",
            "right to left": "שלום \u200fعالم",
            "private use": "\ue000 and \U000f0000",
            "C1": "a\u0085b\u009fc",
            "zero width": "a\u200bb\ufeffc",
            "angle brackets": "<script>alert(1)</script>",
            "looks like N-Quads": '_:c14n0 <p> "x" .',
            "empty": "",
            "spaces": "  two  ",
            "long": "word " * 400,
        }.items()
    }
    return {
        "plain": badge(),
        **described,
        "type order": badge(type=["OpenBadgeCredential", "VerifiableCredential"]),
        "alias type": badge(type=["VerifiableCredential", "AchievementCredential"]),
        "absolute type": badge(type=["VerifiableCredential", "OpenBadgeCredential", "https://example.org/#Extra"]),
        "no id": {name: member for name, member in badge().items() if name != "id"},
        "issuer by id alone": badge(issuer="did:web:portfolio.example:issuers:acme"),
        "issuer object without name": badge(issuer={"id": "https://acme.example", "type": "Profile"}),
        "language-tagged name": badge(name={"@value": "Stage", "@language": "fr"}),
        "two languages": badge(
            name=[{"@value": "Stage", "@language": "FR-be"}, {"@value": "Praktikum", "@language": "de"}]
        ),
        "base direction": badge(name={"@value": "עברית", "@language": "he", "@direction": "rtl"}),
        "direction alone": badge(name={"@value": "x", "@direction": "ltr"}),
        "typed value": badge(name={"@value": "7", "@type": "https://example.org/datatype"}),
        "boolean and integer": badge(
            credentialSubject=subject(
                identifier=[{"type": "IdentityObject", "hashed": True, "identityHash": "h", "identityType": "name"}],
                creditsEarned=3,
            )
        ),
        "largest integer": badge(credentialSubject=subject(creditsEarned=2**53 - 1)),
        "negative integer": badge(credentialSubject=subject(creditsEarned=-1)),
        "tags": badge(credentialSubject=subject(achievement=achievement(tag=["b", "a", "ä"]))),
        "one tag as text": badge(credentialSubject=subject(achievement=achievement(tag="a"))),
        "empty array": badge(credentialSubject=subject(achievement=achievement(tag=[]))),
        "results": badge(
            credentialSubject=subject(result=[result("40"), result("passed", achievedLevel="urn:level:1")])
        ),
        "equal results": badge(credentialSubject=subject(result=[result("40"), result("40")])),
        "evidence": badge(evidence=[evidence("Report", id="https://acme.example/r"), evidence("Talk")]),
        "equal evidence": badge(evidence=[evidence(), evidence(), evidence()]),
        "evidence with look-alike children": badge(
            credentialSubject=[
                {"type": ["AchievementSubject"], "achievement": {"type": ["Achievement"], "name": str(number // 2)}}
                for number in range(4)
            ]
        ),
        "ordered grades": badge(credentialSubject=subject(achievement=achievement(resultDescription=[grades]))),
        "equal lists": badge(credentialSubject=subject(achievement=achievement(resultDescription=[grades, grades]))),
        "one grade as text": badge(
            credentialSubject=subject(achievement=achievement(resultDescription={**grades, "allowedValue": "A"}))
        ),
        "no grades": badge(
            credentialSubject=subject(achievement=achievement(resultDescription={**grades, "allowedValue": []}))
        ),
        "proof attached": badge(proof=proof()),
        "two proofs": badge(proof=[proof(), proof(cryptosuite="eddsa-jcs-2022", **{"@context": [VC, OB]})]),
        "endorsed": badge(endorsement=[endorsement()]),
        "endorsed and proven": badge(endorsement=[endorsement(proof=proof())], proof=proof()),
        "presentation": {
            "@context": [VC],
            "type": ["VerifiablePresentation"],
            "holder": "did:example:maya",
            "verifiableCredential": [badge(proof=proof())],
        },
        "proof configuration": {**{"@context": [VC, OB]}, **proof()},
        "JSON literal": {
            "@context": [VC],
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": "https://acme.example",
            "credentialSubject": {
                "id": "https://acme.example/schema",
                "type": "JsonSchema",
                "jsonSchema": {"b": [1, True, None, 'x\n"é'], "a": {"\U0001f600": 1, "\ufb33": 2}},
            },
        },
        "status list": {
            "@context": [VC],
            "id": "https://portfolio.example/status/1",
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": "did:web:portfolio.example:issuers:acme",
            "credentialSubject": {
                "id": "https://portfolio.example/status/1#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQsvoAAAAAAAAAAAAAAAAP4GcwM92tQwAAA",
            },
        },
        "status entry": badge(
            credentialStatus={
                "id": "https://portfolio.example/status/1#7",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "7",
                "statusListCredential": "https://portfolio.example/status/1",
            }
        ),
    }
