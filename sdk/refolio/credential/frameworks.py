"""Skill frameworks: how each writes its links, and what goes into the signed alignment. A new one is a row here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from refolio.credential.model import Alignment, Framework
from refolio.credential.reading import JSON

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class FrameworkForm:
    """How a framework writes its URLs, and what goes into the signed alignment."""

    url: re.Pattern[str]
    example: str
    signed_framework: str
    signed_type: str


FRAMEWORKS: dict[Framework, FrameworkForm] = {
    Framework.ESCO: FrameworkForm(
        re.compile(
            rf"http://data\.europa\.eu/esco/(skill|occupation)/({_UUID}|[A-Z][0-9]+(\.[0-9]+)*|[0-9]+(\.[0-9]+)*)"
        ),
        "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001",
        "ESCO",
        "ext:ESCOSkill",
    ),
    Framework.ONET: FrameworkForm(
        re.compile(r"https://www\.onetonline\.org/find/descriptor/result/[0-9]\.[A-Z](\.[0-9a-z]+)*"),
        "https://www.onetonline.org/find/descriptor/result/4.A.1.a.1",
        "O*NET",
        "ext:ONETElement",
    ),
    Framework.ONET_SOC: FrameworkForm(
        re.compile(r"https://www\.onetonline\.org/link/summary/[0-9]{2}-[0-9]{4}\.[0-9]{2}"),
        "https://www.onetonline.org/link/summary/13-1161.00",
        "O*NET-SOC",
        "ext:ONETOccupation",
    ),
    Framework.RSD: FrameworkForm(
        re.compile(rf"https://[a-z0-9.-]+(:[0-9]+)?/(api/)?skills/{_UUID}"),
        "https://rsd.example/api/skills/5c1c9f1e-0000-4000-8000-000000000002",
        "Open Skills Library (RSD)",
        "ext:RSD",
    ),
    Framework.CREDENTIAL_REGISTRY: FrameworkForm(
        re.compile(rf"https://(sandbox\.)?credentialengineregistry\.org/resources/ce-{_UUID}"),
        "https://credentialengineregistry.org/resources/ce-5c1c9f1e-0000-4000-8000-000000000002",
        "Credential Registry",
        "ceasn:Competency",
    ),
    Framework.CASE: FrameworkForm(
        re.compile(rf"https://[a-z0-9.-]+(:[0-9]+)?/(ims/case/v1p[01]/CFItems|uri)/{_UUID}"),
        "https://case.example/ims/case/v1p0/CFItems/5c1c9f1e-0000-4000-8000-000000000002",
        "CASE",
        "CFItem",
    ),
}


def signed_alignment(skill_name: str, alignment: Alignment) -> dict[str, JSON]:
    """The alignment as it stands in a credential."""
    form = FRAMEWORKS[alignment.framework]
    signed: dict[str, JSON] = {
        "type": ["Alignment"],
        "targetName": alignment.name or skill_name,
        "targetUrl": alignment.url,
        "targetFramework": form.signed_framework,
        "targetType": "ext:ESCOOccupation" if "/esco/occupation/" in alignment.url else form.signed_type,
    }
    if alignment.code:
        signed["targetCode"] = alignment.code
    return signed
