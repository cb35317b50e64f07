"""``python -m verify suite``: the endpoints of the conformance suites over https, on this machine only."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

import uvicorn

from verify.app import create_app
from verify.runtime import Runtime
from verify.settings import Settings
from verify.suite import tls
from verify.suite.configuring import local_config


def play(port: int, file: Path | None) -> int:
    """Run them until Ctrl-C and write ``localConfig.cjs`` to ``file``, or to the screen.

    Everything is new and temporary: database, keys, certificate. Nothing of it is left when it ends.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises it again when it is done
    with tempfile.TemporaryDirectory(prefix="refolio-suite-") as name:
        folder = Path(name)
        settings = Settings(
            public_url=f"https://localhost:{port}",
            data=folder,
            database_url=f"sqlite:///{folder / 'refolio.db'}",
            kek_file=folder / "kek",
            port=port,
            suite=True,
        )
        runtime = Runtime.from_settings(settings, create_key=True)
        app = create_app(runtime)
        config = local_config(app.state.suite, settings.public_url)
        if file:
            file.write_text(config)
        else:
            print(f"// localConfig.cjs\n{config}", flush=True)
        public, private = tls.write(folder, runtime.now())
        uvicorn.run(app, host="localhost", port=port, ssl_certfile=public, ssl_keyfile=private, server_header=False)
    return 0
