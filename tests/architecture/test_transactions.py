"""Read all code of the service and find what must not stand in a transaction (see verify/database/transaction.py)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

VERIFY = Path(__file__).parents[2] / "verify"

# Each of these runs code in another task, which cannot use the transaction; wait_for does so up to Python 3.11.
STARTS_TASKS = {
    "gather", "create_task", "ensure_future", "TaskGroup", "create_task_group", "start_soon", "as_completed",
    "wait_for", "run_coroutine_threadsafe", "run_in_executor", "to_thread",
}  # fmt: skip
BYPASSES_TX = {"transaction", "atomic"}


def offences(source: str) -> list[str]:
    """Each offence as "line: what"."""
    tree = ast.parse(source)
    return sorted({*_bypasses(tree), *(found for block in _blocks(tree) for found in _inside(block))})


def _bypasses(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BYPASSES_TX:
            yield f"{node.lineno}: .{node.func.attr}()"


def _blocks(tree: ast.AST) -> Iterator[ast.AsyncWith]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith) and any(_is_tx(item.context_expr) for item in node.items):
            yield node


def _inside(block: ast.AsyncWith) -> Iterator[str]:
    # The other items of the same `async with` count: `async with tx(), TaskGroup()` is a task group inside.
    for node in (inner for part in [*block.items, *block.body] for inner in ast.walk(part)):
        if (name := _name(node)) in STARTS_TASKS:
            yield f"{node.lineno}: {name} inside tx()"  # type: ignore[attr-defined]
    nested = [item for part in block.body for item in ast.walk(part) if isinstance(item, ast.Call) and _is_tx(item)]
    for node in [*nested, *[item.context_expr for item in block.items if _is_tx(item.context_expr)][1:]]:
        yield f"{node.lineno}: tx() inside tx()"


def _is_tx(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "tx"


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


MODULES = [path for path in sorted(VERIFY.rglob("*.py")) if path.relative_to(VERIFY).parts[0] != "database"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(VERIFY)))
def test_transactions_are_opened_by_tx_alone_and_start_no_task(path: Path) -> None:
    assert offences(path.read_text()) == []


BAD = {
    "gather": "async with tx():\n  await asyncio.gather(a(), b())",
    "bare gather": "async with tx():\n  await gather(a(), b())",
    "create_task": "async with tx():\n  task = asyncio.create_task(a())",
    "loop.create_task": "async with tx():\n  if x:\n    asyncio.get_running_loop().create_task(a())",
    "task group": "async with tx():\n  async with asyncio.TaskGroup() as group:\n    pass",
    "task group beside": "async with tx(), asyncio.TaskGroup() as group:\n  pass",
    "handed on": "async with tx():\n  await each(items, run=asyncio.create_task)",
    "wait_for": "async with tx():\n  await asyncio.wait_for(a(), 1)",
    "qualified tx": "async with database.tx():\n  await asyncio.gather(a())",
    "second item": "async with other(), tx():\n  await asyncio.gather(a())",
    "nested": "async with tx():\n  async with tx():\n    pass",
    "nested beside": "async with tx(), tx():\n  pass",
    "engine.transaction": "async with engine.transaction():\n  pass",
    "transaction elsewhere": "manager = Note._meta.db.transaction(allow_nested=True)",
    "atomic": "atomic = DB.atomic()",
}
GOOD = {
    "plain": "async with tx():\n  await Note.insert(Note())",
    "after": "async with tx():\n  await a()\nawait asyncio.gather(b(), c())",
    "timeout": "async with asyncio.timeout(1), tx():\n  await a()",
    "two in a row": "async with tx():\n  await a()\nasync with tx():\n  await b()",
    "other block": "async with other():\n  await asyncio.gather(a())",
}


@pytest.mark.parametrize("snippet", BAD.values(), ids=BAD.keys())
def test_an_offence_is_found(snippet: str) -> None:
    assert len(offences(_function(snippet))) == 1


@pytest.mark.parametrize("snippet", GOOD.values(), ids=GOOD.keys())
def test_innocent_code_is_left_alone(snippet: str) -> None:
    assert offences(_function(snippet)) == []


def _function(body: str) -> str:
    return "async def work():\n" + "\n".join(f"  {line}" for line in body.splitlines())
