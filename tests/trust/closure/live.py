"""A site of a test's own, on files: real processes, a real SQLite file, a real log."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

_BEGIN = """
import json, django
django.setup()
from hustings.trust.api import service
with service():
    from hustings.site.database import prepare
    prepare()
print(json.dumps("ready"))
"""


class Site:
    """Where it lies, and how to run something in it."""

    def __init__(self, root: Path, **more: str) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = int(listener.getsockname()[1])
        self.root, self.url = root, f"http://localhost:{self.port}"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")} | {
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
            "HUSTINGS_DATA": str(root),
            "HUSTINGS_SECRET_KEY": "only-for-tests",
            "HUSTINGS_PUBLIC_URL": self.url,
            **more,
        }
        self.python(_BEGIN)

    def python(self, source: str, **more: str) -> Any:
        """Run a script in the site's environment; the JSON it printed last."""
        done = subprocess.run(
            [sys.executable, "-c", source],
            env=self.env | more,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        printed: Any = json.loads(done.stdout.strip().splitlines()[-1])
        return printed

    def hustings(self, *arguments: str, status: int = 0, outside: bool = False) -> str:
        """Run the command line; `outside` as somebody who has nothing of this site's settings."""
        env = (
            {name: value for name, value in self.env.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
            if outside
            else self.env
        )
        done = subprocess.run(
            [sys.executable, "-m", "hustings", *arguments],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
        return done.stdout
