"""The page for outsiders, as an outsider uses it: every command of docs/use/verify.md, in its order, on a real log.

The example's names are replaced by those of a site that runs here, and nothing else: a command, an option or a
sentence that is no longer what the page says makes this red. What follows a command as `text` must be in what it
printed; `…` stands for anything.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path

import pytest

import go_verifier
from trust.closure.live import ROOT, Site

PAGE = ROOT / "docs" / "use" / "verify.md"
_FENCE = re.compile(r"^```(?P<kind>\w+)?(?: (?P<flag>\w+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)

_LIVE = """
import json, os, django
from pathlib import Path
django.setup()
from hustings.trust.api import Wish, ask_to_close, service, log
with service():
    from cast import Visitor, person
    from django.test.utils import override_settings
    from hustings.accounts import api, commands
    from hustings.trust.access import cases
    from hustings.trust.access.models import AccessEntry
    from trust.access.employed import at_desk, employed
    sian, olwen, meredith = person("sian"), person("olwen"), employed("meredith", "Meredith Lowe", "moderator")
    council = api.create_organisation(olwen.id, "council", "Cwm Council", trusted=True)
    commands.official("council")
    case = cases.start(meredith.id, "moderation", "Reported for spam", sian.id)
    with override_settings(ALLOWED_HOSTS=["*"]):
        looked = at_desk(meredith).post("/staff/look", {
            "handle": "sian", "purpose": "moderation", "case": case, "fields": ["accounts.Account.created_at"],
            "reason": "You were reported for sending spam.", "act": "look",
        })
        assert looked.status_code == 200, looked.content
        log.sequence_once()
        for kind in ("tlog-proof", "json"):
            file = Visitor(sian).get(f"/trust/access/{AccessEntry.objects.get().public_id}.{kind}")
            Path(os.environ["DESK"], f"access-7xQp2LmN.{kind}").write_bytes(file.content)
    ask_to_close(council, Wish())
print(json.dumps(log.vkey()))
"""

_GROW = """
import json, django
django.setup()
from hustings.trust.api import log, service
with service():
    log.append("moderation_reversal", {
        "decision": 0, "after": "appeal", "cause": "human_error", "restored": True, "standing_days": 3,
    })
    log.sequence_once()
print(json.dumps("grown"))
"""


@dataclass
class Outsider:
    """Somebody at a desk: a folder, a terminal, a memory, and nothing of the site but its address."""

    folder: Path
    names: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        for example, here in self.names.items():
            text = text.replace(example, here)
        return text

    @property
    def terminal(self) -> list[str]:
        begin = f'[ ! -e "{self.folder}/verifier/bin/activate" ] || . "{self.folder}/verifier/bin/activate"\n'
        return ["bash", "-euo", "pipefail", "-c", begin]

    def type(self, commands: str) -> tuple[int, str]:
        *shell, begin = self.terminal
        done = subprocess.run(
            [*shell, begin + self.say(commands)],
            cwd=self.folder,
            env=self.env,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.returncode, done.stdout

    def leave_running(self, command: str) -> subprocess.Popen[str]:
        *shell, begin = self.terminal
        return subprocess.Popen(
            [*shell, f"{begin}exec {self.say(command)}"],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A service with a look at a member, an official account that was closed, and a server that answers."""
    desk = tmp_path / "desk"
    desk.mkdir()
    site = Site(tmp_path / "site", DESK=str(desk))
    site.python(_LIVE)
    with _running(site, "serve", "--port", str(site.port), "--processes", "1") as server:
        with _running(site, "worker") as worker:
            _wait(lambda: bool(_receipts(site)), worker)
        _wait(lambda: bool(_get(f"{site.url}/log/checkpoint")), server)
        yield site


@contextmanager
def _running(site: Site, *verb: str) -> Iterator[subprocess.Popen[bytes]]:
    with (site.root / f"{verb[0]}.log").open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "hustings", *verb], env=site.env, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def outsider(site: Site, tmp_path: Path) -> Outsider:
    """Their desk has the two files that a member gave them; the source and the libraries come from copies of here.

    No package is fetched: the folder named in PYTHONPATH holds those of `requirements/verify.txt` and no other, so
    that a library that is missing there is missed here.
    """
    libraries = tmp_path / "libraries"
    _locked(libraries)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
    outside |= {
        "PATH": f"{_python(tmp_path)}{os.pathsep}{outside['PATH']}",
        "PYTHONPATH": str(libraries),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say that the isolation is off: it would fetch the builder
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "XDG_STATE_HOME": str(tmp_path / "memory"),
        "HOME": str(tmp_path),
        "GOCACHE": str(tmp_path / "gocache"),
    }
    names = {
        "ADDRESS-OF-THE-SOURCE": str(_source(tmp_path / "source")),
        "/usr/share/gocode": str(go_verifier.GOCODE),
        "video.example.org/log+9223650f+Aclov7j2JfDSbzTm8rCPgULII3mAZzlwmfyLPkxgpIHU": site.hustings(
            "log", "vkey"
        ).strip(),
        "https://video.example.org": site.url,
        "video.example.org": f"localhost:{site.port}",
        "127.0.0.1:8790": f"127.0.0.1:{_free_port()}",
    }
    return Outsider(tmp_path / "desk", names, outside)


@pytest.mark.own_database
@pytest.mark.timeout(900)  # an environment is made and two programs are built, on a machine that may be busy
def test_every_command_of_the_page_does_what_the_page_says(site: Site, outsider: Outsider) -> None:
    desk, page = outsider.folder, PAGE.read_text(encoding="utf-8")
    [receipt] = _receipts(site)
    (desk / "closure-receipt.json").write_bytes(_get(site.url + receipt))
    (desk / "colleagues.checkpoint").write_bytes(_get(f"{site.url}/log/checkpoint"))
    said: str | None = None
    ran = 0
    witness: subprocess.Popen[str] | None = None
    try:
        for block in _FENCE.finditer(page):
            kind, flag, body = block["kind"], block["flag"], block["body"]
            if kind == "text":
                if said is not None:
                    _has(said, outsider.say(body))
            elif kind == "policy":
                (desk / "policy.txt").write_text(outsider.say(body))
                _tell_the_operator(site, outsider)
            elif flag == "runs":
                witness = outsider.leave_running(body.strip())
                _wait(lambda: _listens(outsider.names["127.0.0.1:8790"]), witness)
            elif kind == "sh" and flag == "go" and go_verifier.MISSING:
                said = None
            else:
                assert kind == "sh", f"a block that nobody runs: {block[0]}"
                if flag == "later":
                    site.python(_GROW)  # a day passes, and something was done
                status, said = outsider.type(body)
                assert status == (1 if flag == "wrong" else 0), f"{body}\nended with {status}:\n{said}"
                ran += 1
                _remember_the_witness(outsider, body, said)
    finally:
        if witness is not None:
            witness.terminate()
            witness.communicate(timeout=30)
    assert ran >= 13
    assert json.loads((desk / "what-it-says.json").read_text())["ok"]


def test_every_sentence_that_the_page_explains_is_one_that_the_program_says() -> None:
    """The tables' left columns, against every text in the source of the verifier."""
    sources = [*(ROOT / "src/hustings/lib/tlog").glob("*.py"), ROOT / "src/hustings/lib/receipts.py"]
    sources += [ROOT / "src/hustings/site/verbs" / name for name in ("log.py", "receipt.py")]
    texts = " ".join(" ".join(_texts(ast.parse(path.read_text()))) for path in sources)
    rows = re.findall(
        r"^\| ((?:RIGHT|WRONG|NOTE|CAUTION|It |A KEY|its |still |hustings log).*?) \|", PAGE.read_text(), re.MULTILINE
    )
    assert len(rows) >= 30
    for row in rows:
        for part in re.split("…|: ", row):
            words = part.strip(" .:;(),“”")
            assert words in texts, f"{row}\nno text of the program has: {words}"


def test_whoever_reads_about_logs_and_closing_is_led_here() -> None:
    for page in ("README.md", "docs/use/README.md", "docs/use/close.md", "docs/formats/log.md"):
        assert "verify.md" in (ROOT / page).read_text(), page


# --- What happens between two commands -------------------------------------------------------------------------------


def _remember_the_witness(outsider: Outsider, body: str, said: str) -> None:
    """The public key that `keygen` printed stands for the example's from here on."""
    if "keygen" in body:
        [example] = set(re.findall(r"witness\.example\.org/w1\+\S+", PAGE.read_text()))
        outsider.names[example] = said.strip().splitlines()[-1]


def _tell_the_operator(site: Site, outsider: Outsider) -> None:
    """The witness's address and key reach the service, and its signature the log."""
    policy = outsider.folder.parent / "operators-policy.txt"
    address = f"http://{outsider.names['127.0.0.1:8790']}"
    lines = (outsider.folder / "policy.txt").read_text().splitlines()
    policy.write_text("\n".join(f"{line} {address}" if line.startswith("witness") else line for line in lines) + "\n")
    site.env["HUSTINGS_LOG_POLICY"] = str(policy)
    site.python(_GROW, HUSTINGS_EGRESS_DEVELOPMENT="on")


def _receipts(site: Site) -> set[str]:
    """The links to a receipt in the notice, as anybody finds them."""
    with pytest.raises(urllib.error.HTTPError) as gone, urllib.request.urlopen(f"{site.url}/@council", timeout=20):
        pass
    with gone.value as notice:
        assert notice.code == 410
        return set(re.findall(r"/trust/receipts/[^\"]+\.json", notice.read().decode()))


def _has(said: str, expected: str) -> None:
    """Each line of what the page shows is a line of what was printed, in this order."""
    place = 0
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in line.rstrip().removesuffix(".").split("…"))
        found = re.compile(pattern).search(said, place)
        assert found, f"the page shows:\n{line}\nand the program said:\n{said}"
        place = found.end()


# --- Where things come from ------------------------------------------------------------------------------------------


def _source(folder: Path) -> Path:
    """A repository with the source as it is here, committed or not."""
    skip = shutil.ignore_patterns("__pycache__", "client", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=skip)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copytree(ROOT / "tools" / "logverify", folder / "tools" / "logverify")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    who = {f"GIT_{role}_{what}": "nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    commands = "git init -q && git add . && git commit -q -m 'The source.'"
    subprocess.run(["bash", "-c", commands], check=True, cwd=folder, env=os.environ | who)
    return folder


def _locked(folder: Path) -> None:
    """The installed packages that `requirements/verify.txt` names for this system, and the builder."""
    folder.mkdir()
    lines = re.findall(
        r"^([\w.-]+)==[^\s;]+ ?(;[^\\\n]*)?", (ROOT / "requirements/verify.txt").read_text(), re.MULTILINE
    )
    for name in [*(name for name, marker in lines if "win32" not in marker), "flit_core"]:
        package = distribution(name)
        for top in {file.parts[0] for file in package.files or () if file.parts[0] not in {"..", "__pycache__"}}:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(package.locate_file(top))))


def _python(folder: Path) -> Path:
    """A folder for PATH in which `python3` is the Python of these tests, and nothing of ours beside it."""
    found = folder / "python"
    found.mkdir()
    (found / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    return found


def _texts(tree: ast.AST) -> Iterator[str]:
    """Every text of a program; what is filled in is `…`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        found: bytes = answer.read()
        return found


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    socket.create_connection((host, int(port)), timeout=1).close()
    return True


def _wait(ready: object, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    assert callable(ready)
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with suppress(OSError):
            if ready():
                return
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    raise TimeoutError("it does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
