"""The second verifier, `tools/logverify`, as anybody builds it from Debian's packages; nothing is fetched to make it."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOCODE = Path(os.environ.get("HUSTINGS_GOCODE", "/usr/share/gocode"))
MISSING = [
    name
    for name, there in [
        ("golang-go", shutil.which("go") is not None),
        ("golang-golang-x-mod-dev", (GOCODE / "src/golang.org/x/mod/sumdb/tlog").is_dir()),
    ]
    if not there
]
WHY_NOT = f"NOT RUN: the second verifier needs Debian's {' and '.join(MISSING)} (apt-get install)" if MISSING else ""


def build(folder: Path) -> Path:
    """Compile it into `folder`; the program."""
    made = folder / "logverify"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GOCODE),
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOCACHE": os.environ.get("GOCACHE", str(folder / "cache")),
    }
    done = subprocess.run(
        ["go", "build", "-o", str(made), "./tools/logverify"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made
