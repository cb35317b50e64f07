"""Whoever programs against the SDK sees every type of it: pyright finds nothing unknown in its public interface."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import msgspec

from verify.settings import inherited_environment

SDK = Path(__file__).parents[2] / "sdk"


def test_every_public_type_is_known(interop: Path) -> None:
    """``pyright --verifytypes``; it looks for imports of the package only where PYTHONPATH says."""
    pyright = interop / "node_modules" / "pyright" / "index.js"
    imports = dict.fromkeys([str(SDK), sysconfig.get_path("purelib"), str(Path(msgspec.__file__).parents[1])])
    done = subprocess.run(
        ["node", pyright, "--pythonpath", sys.executable, "--verifytypes", "refolio", "--ignoreexternal"],
        cwd=interop,
        env=inherited_environment(PYTHONPATH=os.pathsep.join(imports)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"^Type completeness score: 100%$", done.stdout, re.M), done.stdout[-6000:] + done.stderr
