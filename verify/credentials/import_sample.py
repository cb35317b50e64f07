"""A file to begin an import with, and what each column takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from refolio.credential.model import Compensation, Engagement, HoursBasis, Mode
from refolio.csv_import.columns import COLUMNS
from verify.credentials.import_reporting import BYTE_ORDER_MARK

# Column → an example, and what it takes in one sentence.
EXPLAINED: Mapping[str, tuple[str, str]] = {
    "record": ("AC-2026-001", "Your own number for this piece of work; each only once."),
    "issuer": ("", "The short name of your organisation."),
    "intern_name": ("Maya Okafor", "As it shall stand on the credential."),
    "intern_email": ("maya@northfield.example", "Signed only as a salted hash; pages never show it."),
    "role": ("Market research intern", "What the intern was."),
    "project_title": ("Market scan of recycled textiles", "One line."),
    "project_description": ("Compare twelve suppliers and recommend two markets.", "What was to be done."),
    "tasks": ("Compare twelve suppliers; Present the findings", "Up to 20, with semicolons between them."),
    "field": ("Marketing", "The field of work."),
    "project_code": ("MKT-7", "Your code for the project."),
    "language": ("en", "The language of the texts; en if left out."),
    "started": ("2026-08-24", "2026-08-24 or 24 Aug 2026."),
    "ended": ("2026-09-11", "In the same form; not in the future."),
    "hours": ("42.5", "Hours worked, in quarters."),
    "hours_basis": ("logged", f"{', '.join(HoursBasis)}."),
    "hours_required": ("40", "How many hours were asked for."),
    "mode": ("remote", f"{', '.join(Mode)}."),
    "engagement": ("project", f"{', '.join(Engagement)}."),
    "compensation": ("stipend", f"{', '.join(Compensation)}."),
    "skills_seen": ("market research; presenting", "Skills that the supervisor saw."),
    "skills_self_reported": ("spreadsheets", "Skills that only the intern reports. One of the two columns is needed."),
    "skill_levels": ("market research = exceeds", "developing, proficient or exceeds, for skills seen."),
    "skill_links": ("", "skill = link into ESCO, O*NET or another framework."),
    "feedback": ("Asked the right questions.", "A few sentences by the supervisor."),
    "feedback_by": ("Sam Rivera", "Who says so."),
    "feedback_by_role": ("Head of Product", "What that person is."),
    "deliverables": ("Market scan = https://files.example/scan.pdf", "Title, or title = web address of a fixed copy."),
    "credit_system": ("", "ECTS, for example."),
    "credit_amount": ("", "2 or 2.5."),
    "credit_by": ("", "Who gives the credit."),
    "host": ("", "Where the work was done, if not at your organisation."),
    "host_url": ("", "Its web site."),
    "term": ("Autumn 2026", "As you call it."),
    "story": ("", "What the intern says about it."),
}


def sample_csv(slug: str) -> bytes:
    """One row that an import for the issuer ``slug`` takes as it is; UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    sheet.writerow([slug if name == "issuer" else EXPLAINED[name][0] for name in COLUMNS])
    return text.getvalue().encode()
