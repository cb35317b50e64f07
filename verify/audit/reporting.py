"""An audit in words, and the witness: a file outside the database that remembers the ends of the chains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from verify.audit.checking import Audit, audit
from verify.audit.coverage import not_covered
from verify.runtime import Runtime
from verify.settings import SettingRefused
from verify.trail.checking import Ends


@dataclass(frozen=True, slots=True)
class Report:
    """What the operator reads, whether it is good news, and the ends of the chains to be noted."""

    says: str
    is_clean: bool
    ends: Ends


async def report(runtime: Runtime, witnessed: Ends | None = None) -> Report:
    """Audit the database, also against the ends of chains that a witness remembers."""
    found = await audit(runtime, witnessed)
    return Report(_in_words(found), not found.mismatches, found.ends)


def read_witness(file: Path | None) -> Ends | None:
    """What the witness file remembers; None where there is none yet. Raises SettingRefused when it is another file."""
    if file is None or not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, tuple[int, str]])
    except msgspec.DecodeError:
        raise SettingRefused(f"{file} is no witness file of an audit. Name another file, or a new one.") from None


def note(file: Path, ends: Ends) -> None:
    """Write the ends of the chains into the witness file, whole or not at all."""
    draft = file.with_name(file.name + ".new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(ends)) + b"\n")
    draft.replace(file)


def _in_words(found: Audit) -> str:
    lines = [f"MISMATCH {text}" for text in found.mismatches]
    lines.append(
        f"{found.entries:,} acts in {len(found.ends):,} chains, {found.rows:,} rows compared: "
        f"{len(found.mismatches):,} mismatches."
    )
    lines.append("Not covered, a change here is not found:")
    lines.extend(f"  {table}: {', '.join(columns)}" for table, columns in not_covered().items())
    return "\n".join(lines)
