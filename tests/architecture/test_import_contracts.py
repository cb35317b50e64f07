"""The import contracts of pyproject.toml hold for the tree, and each of them bites when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
SETTINGS = REPOSITORY / "pyproject.toml"
# our packages, and the folders from which they are imported
HOUSES = {
    "verify": ".",
    "plugins": ".",
    "refolio": "sdk",
    "refolio_placement_records": "plugins/placement_records",
}
CONTRACTS = {
    contract["id"]: contract for contract in tomllib.loads(SETTINGS.read_text())["tool"]["importlinter"]["contracts"]
}

# contract → (module that must not import, what it must not import). Every rule of the house has its line here.
BREACHES = {
    "houses": [
        ("verify.issuers.opening", "plugins.careers_service"),
        ("verify.platforms.plugins.hosting", "refolio_placement_records"),
        ("refolio_placement_records.reading", "verify.settings"),
        ("refolio.plugin_rules.trial", "refolio_placement_records"),
        ("plugins.careers_service.programme", "verify.credentials.issuing"),
        ("refolio.client.webhooks", "verify.settings"),
        ("refolio.credential.model", "plugins.careers_service"),
    ],
    "plugins": [
        ("plugins.careers_service.programme", "refolio_placement_records"),
        ("plugins.careers_service.programme", "plugins.another_service"),
        ("refolio_placement_records.reading", "plugins.careers_service"),
    ],
    "service": [
        ("verify.settings", "verify.runtime"),
        ("verify.runtime", "verify.database"),
        ("verify.database.transaction", "verify.web"),
        ("verify.web.templating", "verify.http.access"),
        ("verify.http.access", "verify.people.sessions"),
        ("verify.http.problems", "verify.outside.mail"),
        ("verify.outside.mail", "verify.http.limits"),
        ("verify.people.accounts", "verify.issuers.members"),
        ("verify.issuers.members", "verify.platforms.granting"),
        ("verify.platforms.granting", "verify.credentials.issuing"),
        ("verify.credentials.issuing", "verify.records.delivering"),
        ("verify.platforms.plugins.hosting", "verify.records.delivering"),
        ("verify.records.delivering", "verify.references.asking"),
        ("verify.references.asking", "verify.portfolio.sharing"),
        ("verify.portfolio.sharing", "verify.verification.judging"),
        ("verify.verification.judging", "verify.portfolio.exporting"),
        ("verify.verification.judging", "verify.suite.issuers"),
        ("verify.portfolio.sharing", "verify.suite.contexts"),
        ("verify.suite.issuers", "verify.app"),
        ("verify.verification.examining", "verify.app"),
        ("verify.app", "verify.demo"),
        ("verify.demo", "verify.__main__"),
    ],
    "service-core": [
        ("verify.credentials.issuing", "refolio.client"),
        ("verify.app", "refolio.testing"),
        ("verify.issuers.members", "refolio"),  # the front door of the sdk loads the client on demand
    ],
    "sdk": [
        ("refolio.errors", "refolio.plugin"),
        ("refolio.addresses", "refolio.credential.keys"),
        ("refolio.addresses", "refolio.errors"),
        ("refolio.credential.model", "refolio.plugin"),
        ("refolio.plugin", "refolio.client.webhooks"),
        ("refolio.plugin", "refolio.plugin_rules"),
        ("refolio.plugin_rules.rules", "refolio.testing"),
        ("refolio.plugin_rules.rules", "refolio.client"),
        ("refolio.client.webhooks", "refolio.testing"),
        ("refolio.csv_import", "refolio.client"),
        ("refolio.testing.fakes", "refolio.cli"),
    ],
    "pure-core": [
        ("refolio.credential.verification", "time"),
        ("refolio.credential.verification", "httpx"),
        ("refolio.credential.keys", "random"),
        ("refolio.credential.keys", "secrets"),
        ("refolio.credential.status_list", "socket"),
        ("refolio.credential.contexts", "os"),
        ("refolio.credential.contexts", "urllib"),
        ("refolio.credential.model", "litestar"),
        ("refolio.credential.model", "piccolo"),
        ("refolio.credential.proof.jwt", "asyncio"),
        ("refolio.credential.walk", "refolio"),  # the front door of the sdk loads the client on demand
        ("refolio.errors", "os"),
        ("refolio.addresses", "socket"),
        ("refolio.plugin", "os"),
    ],
    "sdk-alone": [
        ("refolio.cli", "litestar"),
        ("refolio.testing.fakes", "piccolo"),
        ("refolio_placement_records.reading", "litestar"),
        ("refolio.client.webhooks", "pydantic"),
    ],
    "doors": [
        ("verify.people.accounts", "verify.people.api"),
        ("verify.people.accounts", "verify.people.pages"),
        ("verify.credentials.api", "verify.credentials.pages"),
        ("verify.portfolio.pages", "verify.credentials.pages"),
        ("verify.__main__", "verify.people.api"),
    ],
    "tables": [
        ("verify.credentials.tables", "verify.credentials.issuing"),
        ("verify.credentials.tables", "verify.http.problems"),
        ("verify.people.tables", "verify.runtime"),
        ("verify.people.tables", "refolio.credential.model"),
    ],
    "framework": [
        ("verify.credentials.issuing", "litestar"),
        ("verify.credentials.tables", "litestar"),
        ("verify.outside.mail", "litestar"),
        ("verify.web.templating", "litestar"),
        ("verify.runtime", "litestar"),
        ("verify.__main__", "litestar"),
    ],
    "database": [
        ("verify.http.caching", "piccolo"),
        ("verify.app", "piccolo"),
        ("verify.runtime", "asyncpg"),
        ("verify.web.templating", "piccolo"),
        ("verify.credentials.issuing", "asyncpg"),
        ("verify.credentials.tables", "sqlite3"),
        ("verify.__main__", "aiosqlite"),
    ],
    "database-doors": [
        ("verify.people.api", "piccolo"),
        ("verify.people.pages", "piccolo"),
        ("verify.credentials.api", "verify.credentials.tables"),
        ("verify.credentials.pages", "verify.database.transaction"),
    ],
}

# What the rules must not forbid: the roads of the house.
ROADS = [
    ("verify.__main__", "verify.app"),
    ("verify.app", "verify.credentials.api"),
    ("verify.app", "litestar"),
    ("verify.credentials.api", "litestar"),
    ("verify.credentials.api", "verify.credentials.issuing"),
    ("verify.credentials.api", "verify.http.access"),
    ("verify.credentials.pages", "verify.web.templating"),
    ("verify.credentials.issuing", "verify.credentials.tables"),
    ("verify.credentials.issuing", "verify.database.transaction"),
    ("verify.credentials.issuing", "verify.issuers.members"),
    ("verify.credentials.issuing", "refolio.credential.model"),
    ("verify.credentials.issuing", "refolio.plugin"),
    ("verify.credentials.tables", "piccolo"),
    ("verify.credentials.tables", "verify.issuers.tables"),
    ("verify.credentials.tables", "verify.database.piccolo_app"),
    ("verify.database.engine", "asyncpg"),
    ("verify.outside.outbox", "piccolo"),
    ("plugins.careers_service.programme", "refolio.client"),
    ("plugins.careers_service.programme", "litestar"),
    ("refolio_placement_records.reading", "refolio.plugin"),
    ("refolio.credential.keys", "cryptography"),
    ("refolio.credential.model", "datetime"),
]


def _file(tree: Path, module: str) -> Path:
    """Path of the module's source, made empty (with the packages above it) where the tree has none."""
    house = module.split(".")[0]
    folder = tree / HOUSES[house]
    *packages, name = module.split(".")
    for package in packages:
        folder = folder / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    if (folder / name).is_dir():
        return folder / name / "__init__.py"
    path = folder / f"{name}.py"
    path.touch()
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of all source, in which every module named above exists, so that a rule bites before its room is built."""
    for folder in ("verify", "plugins", "sdk/refolio"):
        for source in (REPOSITORY / folder).rglob("*.py"):
            copy = tmp_path / source.relative_to(REPOSITORY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    pairs = [*ROADS, *(breach for breaches in BREACHES.values() for breach in breaches)]
    ours = {module for pair in pairs for module in pair if module.split(".")[0] in HOUSES}
    for module in sorted(ours, key=lambda name: -name.count(".")):  # inner ones first: they make a package of the outer
        _file(tmp_path, module)
    return tmp_path


def _add_import(tree: Path, importer: str, imported: str) -> None:
    with _file(tree, importer).open("a") as source:
        source.write(f"\nimport {imported}\n")


def _lint(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run lint-imports over the sources of ``tree`` with the contracts of the repository."""
    linter = Path(sys.executable).with_name("lint-imports")
    path = os.pathsep.join(str(tree / folder) for folder in sorted(set(HOUSES.values())))
    return subprocess.run(
        [linter, "--no-logo", "--no-cache", "--config", SETTINGS, *options],
        cwd=tree,
        env={"PYTHONPATH": path, "COLUMNS": "300", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_every_contract() -> None:
    answer = _lint(REPOSITORY)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_plugin_that_is_a_distribution_stands_in_the_contracts() -> None:
    roots = set(tomllib.loads(SETTINGS.read_text())["tool"]["importlinter"]["root_packages"])
    for project in (REPOSITORY / "plugins").glob("*/pyproject.toml"):
        packages = tomllib.loads(project.read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        assert set(packages) <= roots, f"{project.parent.name}: add it to the import contracts in pyproject.toml"


def test_the_roads_of_the_house_are_open(tree: Path) -> None:
    for importer, imported in ROADS:
        _add_import(tree, importer, imported)
    answer = _lint(tree)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_contract_has_its_breaches() -> None:
    assert set(BREACHES) == set(CONTRACTS)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_forbidden_import_is_refused(tree: Path, contract: str) -> None:
    for importer, imported in BREACHES[contract]:
        _add_import(tree, importer, imported)
    answer = _lint(tree, "--contract", contract)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    for importer, imported in BREACHES[contract]:
        assert f"{importer} -> {imported} (l." in answer.stdout, answer.stdout


@pytest.mark.parametrize(("contract", "module"), [("service", "verify.drawer"), ("sdk", "refolio.drawer")])
def test_a_module_without_a_place_is_refused(tree: Path, contract: str, module: str) -> None:
    _file(tree, module)
    answer = _lint(tree, "--contract", contract)
    assert answer.returncode == 1
    assert module.split(".")[1] in answer.stdout
