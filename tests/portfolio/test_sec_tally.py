"""SEC-075: the tally of skills at the top of a portfolio."""

from __future__ import annotations

from tests.showing import shows
from tests.web.reading import Reader
from tests.world import World, plain


async def test_sec_075_the_tally_does_not_pass_a_skill_off_as_seen(sqlite_world: World) -> None:
    """Nobody but the intern said “presenting”: where it is counted it is marked, or it is not counted."""
    skills = [{"name": "market research", "observed": "seen"}, {"name": "presenting", "observed": "self-reported"}]
    await sqlite_world.issued(plain(skills=skills))
    await shows(sqlite_world, "maya@northfield.example", "maya")
    page = await sqlite_world.page("/p/maya")
    overview = Reader(page[page.index('<section class="overview"') : page.index('<section class="work"')]).text
    assert "market research" in overview
    assert "presenting" not in overview or "elf-reported" in overview
