"""Duplicate keys are told in the same words by both engines."""

from __future__ import annotations

import traceback

import pytest

from tests.database.notes.tables import Counter, Note, Slot
from verify.database import Engine, UniqueViolation


async def test_a_duplicate_names_table_and_columns_but_no_value(engine: Engine) -> None:
    await Counter.insert(Counter(name="hunter2"))
    await Slot.insert(Slot(list_name="hunter2", position=94))
    with pytest.raises(UniqueViolation) as single:
        await Counter.insert(Counter(name="hunter2"))
    assert (single.value.table, single.value.columns) == ("counter", ("name",))
    with pytest.raises(UniqueViolation) as composite:
        await Slot.insert(Slot(list_name="hunter2", position=94))
    assert (composite.value.table, composite.value.columns) == ("slot", ("list_name", "position"))
    with pytest.raises(UniqueViolation) as key:
        await Counter.insert(Counter(id=1, name="other"))
    assert key.value.columns == ("id",)
    await Counter.insert(Counter(name="free"))
    with pytest.raises(UniqueViolation) as updated:
        await Counter.update({Counter.name: "hunter2"}).where(Counter.name == "free")
    assert updated.value.columns == ("name",)
    for violation in (single, composite, key, updated):
        told = [line for line in traceback.format_exception(violation.value) if not line.startswith("  File")]
        assert "hunter2" not in "".join(told)
        assert "already a row" in "".join(told)


async def test_a_duplicate_of_an_expression_is_a_unique_violation_too(engine: Engine) -> None:
    await engine.run_ddl("CREATE UNIQUE INDEX note_folded ON note (lower(body))")
    await Note.insert(Note(author="maya", body="hunter2"))
    with pytest.raises(UniqueViolation) as refusal:
        await Note.insert(Note(author="maya", body="Hunter2"))
    assert refusal.value.constraint == "note_folded"
    assert "unter2" not in str(refusal.value)


async def test_other_refusals_of_the_database_are_not_taken_for_duplicates(engine: Engine) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key") as refusal:
        await Slot.insert(Slot(list_name="a", position=1, note=4711))
    assert not isinstance(refusal.value, UniqueViolation)
