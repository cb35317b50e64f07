"""What the data model of Open Badges 3.0 and CLR 2.0 demands of every class, as a table of facts.

Sources: the classes of Open Badges 3.0 (appendix B) and Comprehensive Learner Record 2.0 and the JSON Schemas that
1EdTech publishes of them for VC Data Model 2.0. ``refolio.credential.open_badges`` reads this table and applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class ClassFacts(NamedTuple):
    """One class: its ``required`` members, and all members it defines by the kind of their value.

    Names stand in one text, separated by spaces. A kind is

    - ``text``, ``number``, ``boolean``, ``date``, ``date-time``, ``language`` (a language tag), ``jws`` (a compact JWS)
    - ``class names``: one name or an array of names, among them that of the class; ``class name``: exactly that name
    - a key of VOCABULARIES: one of its words, or for some a word with ``ext:``
    - a key of CONTEXTS: a ``@context`` that begins like that
    - a class: an object of this class; ``issuer``: a Profile or a text; ``credential``: a credential of any class

    With ``*`` a kind may come once or as an array, as JSON-LD allows; ``+`` is the same, but no empty array. Members
    that are not named may say anything, unless the class is ``closed``: then it may have no others.
    """

    required: str
    members: Mapping[str, str]
    closed: bool = False


VC_2: Final = "https://www.w3.org/ns/credentials/v2"
VC_1: Final = "https://www.w3.org/2018/credentials/v1"
_OB = ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", r"/ob/v3p0/context(?:-3\.[0-9]\.[0-9])*\.json")
_CLR = ("https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", r"/clr/v2p0/context(?:-2\.[0-9]\.[0-9])*\.json")

# The contexts after the first, which is VC_2: the usual one, and the pattern of all that will do after /spec.
CONTEXTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {"VC context": (), "OB context": (_OB,), "CLR context": (_CLR, _OB)}
)

# A badge goes by two names, which mean the same.
ALIASES: Final = MappingProxyType(
    {"OpenBadgeCredential": frozenset({"OpenBadgeCredential", "AchievementCredential"})},
)

_IDENTIFIERS = (
    "name sourcedId systemId productId userName accountId emailAddress nationalIdentityNumber isbn issn lisSourcedId "
    "oneRosterSourcedId sisSourcedId ltiContextId ltiDeploymentId ltiToolId ltiPlatformId ltiUserId identifier"
)
# Closed lists, and those which grow by words that begin with ext:.
VOCABULARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "status": "Completed Enrolled Failed InProgress OnHold Provisional Withdrew",
        "associationType": "exactMatchOf isChildOf isParentOf isPartOf isPeerOf isRelatedTo precedes replacedBy",
        "achievementType": (
            "Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree "
            "Certificate CertificateOfCompletion Certification CommunityService Competency Course CoCurricular Degree "
            "Diploma DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram "
            "License Membership ProfessionalDoctorate QualityAssuranceCredential MasterCertificate MasterDegree "
            "MicroCredential ResearchDoctorate SecondarySchoolDiploma"
        ),
        "resultType": (
            "GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion "
            "RubricCriterionLevel RubricScore ScaledScore Status"
        ),
        "targetType": (
            "ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL"
        ),
        "identityType": _IDENTIFIERS,
        "identifierType": _IDENTIFIERS,
    }
)
EXTENSIBLE: Final = frozenset({"achievementType", "resultType", "targetType", "identityType", "identifierType"})

# Members of every credential. Its proof is left out: check 2 judges it, and asks more.
_CREDENTIAL = {
    "class names": "type",
    "text": "id",
    "date-time": "validFrom validUntil",
    "issuer": "issuer",
    "CredentialSchema*": "credentialSchema",
    "CredentialStatus+": "credentialStatus",  # VC Data Model 2.0 §4.10: one or many. The schema says one.
    "RefreshService": "refreshService",
    "TermsOfUse*": "termsOfUse",
    "Evidence*": "evidence",
}
_NAMED_CREDENTIAL = _CREDENTIAL | {"text": "id name description", "date-time": "validFrom validUntil awardedDate"}
_ENDORSED = {"EndorsementCredential*": "endorsement", "jws*": "endorsementJwt"}
_BADGE = "@context id type credentialSubject issuer validFrom"

CLASSES: Final[Mapping[str, ClassFacts]] = MappingProxyType(
    {
        # --- credentials
        "OpenBadgeCredential": ClassFacts(
            _BADGE,
            _NAMED_CREDENTIAL
            | _ENDORSED
            | {"OB context": "@context", "AchievementSubject": "credentialSubject", "Image": "image"},
        ),
        "EndorsementCredential": ClassFacts(
            f"{_BADGE} name", _NAMED_CREDENTIAL | {"OB context": "@context", "EndorsementSubject": "credentialSubject"}
        ),
        "ClrCredential": ClassFacts(
            f"{_BADGE} name",
            _NAMED_CREDENTIAL
            | _ENDORSED
            | {"CLR context": "@context", "ClrSubject": "credentialSubject", "Image": "image", "boolean": "partial"},
        ),
        "VerifiableCredential": ClassFacts(
            "@context type issuer validFrom credentialSubject",
            _CREDENTIAL | {"VC context": "@context", "CredentialSubject": "credentialSubject"},
        ),
        # --- what they are about
        "AchievementSubject": ClassFacts(
            "type achievement",
            {
                "class names": "type",
                "text": "id licenseNumber narrative role term",
                "date-time": "activityStartDate activityEndDate",
                "number": "creditsEarned",
                "Achievement": "achievement",
                "IdentityObject*": "identifier",
                "Image": "image",
                "Result*": "result",
                "Profile": "source",
            },
        ),
        "EndorsementSubject": ClassFacts("id type", {"class names": "type", "text": "id endorsementComment"}),
        "ClrSubject": ClassFacts(
            "type verifiableCredential",
            {
                "class names": "type",
                "text": "id",
                "Achievement*": "achievement",
                "Association*": "association",
                "IdentityObject*": "identifier",
                "credential+": "verifiableCredential",
            },
        ),
        "CredentialSubject": ClassFacts("", {"text": "id"}),
        "Association": ClassFacts(
            "type associationType sourceId targetId",
            {"class name": "type", "associationType": "associationType", "text": "sourceId targetId"},
            closed=True,
        ),
        # --- the achievement
        "Achievement": ClassFacts(
            "id type criteria description name",
            {
                "class names": "type",
                "text": "id name description fieldOfStudy humanCode specialization version",
                "achievementType": "achievementType",
                "Alignment*": "alignment",
                "Profile": "creator",
                "number": "creditsAvailable",
                "Criteria": "criteria",
                "Image": "image",
                "language": "inLanguage",
                "IdentifierEntry*": "otherIdentifier",
                "Related*": "related",
                "ResultDescription*": "resultDescription",
                "text*": "tag",
            }
            | _ENDORSED,
        ),
        "Criteria": ClassFacts("", {"text": "id narrative"}),
        "Alignment": ClassFacts(
            "type targetName targetUrl",
            {
                "class names": "type",
                "text": "targetCode targetDescription targetFramework targetName targetUrl",
                "targetType": "targetType",
            },
        ),
        "Related": ClassFacts("id type", {"class names": "type", "text": "id version", "language": "inLanguage"}),
        "ResultDescription": ClassFacts(
            "id type name resultType",
            {
                "class names": "type",
                "text": "id name requiredLevel requiredValue valueMax valueMin",
                "resultType": "resultType",
                "text*": "allowedValue",
                "Alignment*": "alignment",
                "RubricCriterionLevel*": "rubricCriterionLevel",
            },
        ),
        "RubricCriterionLevel": ClassFacts(
            "id type name",
            {"class names": "type", "text": "id name description level points", "Alignment*": "alignment"},
        ),
        "Result": ClassFacts(
            "type",
            {
                "class names": "type",
                "text": "achievedLevel resultDescription value",
                "status": "status",
                "Alignment*": "alignment",
            },
        ),
        "Evidence": ClassFacts("type", {"class names": "type", "text": "id name description narrative genre audience"}),
        # --- people and organisations
        "Profile": ClassFacts(
            "id type",
            {
                "class names": "type",
                "text": (
                    "id name url phone description email official familyName givenName additionalName patronymicName "
                    "honorificPrefix honorificSuffix familyNamePrefix"
                ),
                "date": "dateOfBirth",
                "Address": "address",
                "Image": "image",
                "IdentifierEntry*": "otherIdentifier",
                "Profile": "parentOrg",
            }
            | _ENDORSED,
        ),
        "Address": ClassFacts(
            "type",
            {
                "class names": "type",
                "text": (
                    "addressCountry addressCountryCode addressLocality addressRegion postOfficeBoxNumber postalCode "
                    "streetAddress"
                ),
                "GeoCoordinates": "geo",
            },
        ),
        "GeoCoordinates": ClassFacts("type latitude longitude", {"class name": "type", "number": "latitude longitude"}),
        "IdentityObject": ClassFacts(
            "type hashed identityHash identityType",
            {
                "class name": "type",
                "boolean": "hashed",
                "text": "identityHash salt",
                "identityType": "identityType",
            },
            closed=True,
        ),
        "IdentifierEntry": ClassFacts(
            "type identifier identifierType",
            {"class name": "type", "text": "identifier", "identifierType": "identifierType"},
            closed=True,
        ),
        "Image": ClassFacts("id type", {"class name": "type", "text": "id caption"}, closed=True),
        # --- VC Data Model
        "CredentialSchema": ClassFacts("id type", {"text": "id type"}),
        "CredentialStatus": ClassFacts("type", {"text": "id", "text+": "type"}),
        "RefreshService": ClassFacts("id type", {"text": "id type"}),
        "TermsOfUse": ClassFacts("type", {"text": "id type"}),
    }
)

# Credentials of VC Data Model 1.1 have another schema, of which no copy is at hand, and the published examples of them
# are loose about the subject. Only the achievement, and what was reached in it, is held to the rules of its class.
CLASSES_1_1: Final[Mapping[str, ClassFacts]] = MappingProxyType(
    {
        **CLASSES,
        "OpenBadgeCredential": ClassFacts("", {"AchievementSubject": "credentialSubject"}),
        "AchievementSubject": ClassFacts("", {"Achievement": "achievement", "Result*": "result"}),
        "ClrCredential": ClassFacts("", {"ClrSubject": "credentialSubject"}),
        "ClrSubject": ClassFacts("", {"Achievement*": "achievement"}),
        "EndorsementCredential": ClassFacts("", {}),
    }
)
