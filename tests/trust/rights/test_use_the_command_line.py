"""`hustings export`, `hustings import`: the file alone is enough to check one; an operator sees nothing of anybody."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hustings.accounts.api import Author
from hustings.lib.archives.checking import check
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.site import cli
from hustings.trust import commands
from hustings.trust.rights import exporting, importing
from hustings.trust.rights.models import Export, Import
from hustings.videos.models import Video

Make = Callable[..., zipfile.ZipFile]


@pytest.fixture
def archive(life: dict[str, Video], owner: Author, exported: Make) -> Path:
    return Path(str(exported(owner).filename))


def bent(path: Path, change: Callable[[str, bytes], bytes | None], **added: bytes) -> Path:
    """A copy in which `change` has had each file: None leaves it out."""
    target = path.with_name("bent.zip")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            body = change(name, before.read(name))
            if body is not None:
                after.writestr(name, body)
        for name, body in added.items():
            after.writestr(name, body)
    return target


def faults(path: Path) -> dict[str, str]:
    return dict(check(path).faults)


def test_a_whole_one_is_said_to_be_whole(archive: Path) -> None:
    done = CliRunner().invoke(cli.app, ["export", "--check", str(archive)])
    assert done.exit_code == 0
    assert "@olwen of http://localhost:8000" in done.output
    assert "Whole" in done.output
    said = json.loads(CliRunner().invoke(cli.app, ["export", "--check", str(archive), "--json"]).output)
    assert (said["whole"], said["handle"], said["faults"]) == (True, "olwen", [])


def test_it_needs_no_settings_and_no_database(archive: Path, tmp_path: Path) -> None:
    """On somebody else's machine: no environment of ours, and nothing of Django is loaded."""
    script = (
        "import sys; from hustings.site.cli import app\n"
        f"try: app(['export', '--check', {str(archive)!r}])\n"
        "except SystemExit as end: code = end.code\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django'], 'Django was loaded'\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_changed_file_is_named(archive: Path) -> None:
    changed = bent(archive, lambda name, body: body + b" " if name == "documents/profile.json" else body)
    assert faults(changed) == {
        "documents/profile.json": "Its content is not what the manifest says: it was changed or damaged."
    }
    done = CliRunner().invoke(cli.app, ["export", "--check", str(changed)])
    assert done.exit_code == 1
    assert "NOT whole" in done.output


def test_what_is_missing_or_added_is_named(archive: Path) -> None:
    found = faults(bent(archive, lambda name, body: None if name == "actor.json" else body, **{"extra.txt": b"x"}))
    assert found == {
        "actor.json": "The manifest names it, and it is not in the archive.",
        "extra.txt": "It is in the archive, and the manifest does not name it.",
    }


def test_a_document_of_another_form_is_named(archive: Path) -> None:
    """Somebody who rewrites the manifest too is caught by the schema, which says what a profile is."""
    import hashlib

    profile = b'{"handle": 7}'

    def change(name: str, body: bytes) -> bytes:
        if name == "documents/profile.json":
            return profile
        if name == "manifest.json":
            manifest = json.loads(body)
            for one in manifest["files"]:
                if one["path"] == "documents/profile.json":
                    one |= {"size": len(profile), "sha256": hashlib.sha256(profile).hexdigest()}
            return json.dumps(manifest).encode()
        return body

    assert "documents/profile.json" in faults(bent(archive, change))


def _rewritten(archive: Path, said: dict[str, bytes], **facts: Any) -> Path:
    """By somebody who rewrites the manifest, too: sizes and hashes are right, `facts` are theirs."""
    import hashlib

    def change(name: str, body: bytes) -> bytes:
        if name != "manifest.json":
            return said.get(name, body)
        manifest = json.loads(body) | facts
        for one in manifest["files"]:
            if one["path"] in said:
                new = said[one["path"]]
                one |= {"size": len(new), "sha256": hashlib.sha256(new).hexdigest()}
        return json.dumps(manifest).encode()

    return bent(archive, change)


@pytest.mark.parametrize(
    "schema",
    [
        b'{"properties": {"handle": {"pattern": "^(a|a)*$"}}}',
        b'{"properties": {"handle": {"pattern": "("}}}',
        b'{"properties": {"handle": {"pattern": 7}}}',
        b'{"x-made-up": 1}',
    ],
    ids=["for ever", "none", "a number", "another word"],
)
def test_a_schema_that_a_stranger_brings_cannot_hold_us_up(archive: Path, schema: bytes) -> None:
    manifest = json.loads(zipfile.ZipFile(archive).read("manifest.json"))
    path = next(one["schema"] for one in manifest["files"] if one["path"] == "documents/profile.json")
    profile = json.dumps({"handle": "a" * 60 + "!"}).encode()
    found = faults(_rewritten(archive, {path: schema, "documents/profile.json": profile}))
    assert found == {path: "This is no schema that we can read."}


def test_what_a_stranger_writes_commands_no_terminal(archive: Path) -> None:
    server = json.loads(zipfile.ZipFile(archive).read("manifest.json"))["server"]
    escapes = "\x1b]0;owned\x07\u202e"
    facts = {"server": server | {"address": escapes}, "made_at": escapes, "missing": [escapes]}
    done = CliRunner().invoke(cli.app, ["export", "--check", str(_rewritten(archive, {}, **facts))])
    assert done.output.count("owned") == 3
    assert all(line.isprintable() for line in done.output.splitlines())


def test_a_name_that_leads_out_is_named(archive: Path) -> None:
    assert "../evil" in faults(bent(archive, lambda _, body: body, **{"../evil": b"x"}))


@pytest.mark.parametrize("body", [b"", b"no archive", b"PK\5\6" + b"\0" * 18])
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(body)
    assert faults(path)
    assert CliRunner().invoke(cli.app, ["export", "--check", str(path)]).exit_code == 1
    assert CliRunner().invoke(cli.app, ["export", "--check", str(tmp_path / "none")]).exit_code == 2


def test_an_operator_makes_an_archive_that_only_its_person_fetches(life: dict[str, Video], owner: Author) -> None:
    lines = list(commands.make_export("olwen"))
    assert "olwen fetches it at http://localhost:8000/trust/export" in lines[-1]
    made = Export.objects.get()
    assert (made.state, made.asked_by) == ("ready", None)
    assert exporting.mine(owner.id, made.key)
    assert "Gwneud ffilmiau" not in "".join(lines)
    with pytest.raises(NotFoundError, match="nobody with the handle"):
        list(commands.make_export("nobody.there"))


def test_an_operator_brings_an_archive_and_its_person_decides(archive: Path, stranger: Author) -> None:
    copy = archive.with_name("brought.zip")
    copy.write_bytes(archive.read_bytes())
    lines = list(commands.bring("sian", [copy]))
    batch = Import.objects.get()
    assert batch.state == "preview"
    assert batch.key in lines[-1]
    assert not Video.objects.filter(author=stranger.id, origin__startswith="hustings:").exists()
    assert copy.exists(), "the operator's file stays where it is"
    assert importing.mine(stranger.id, batch.key)
    assert "Ein ffilm" not in "".join(lines)


def test_a_bad_archive_is_named_to_the_operator_too(owner: Author, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as made:
        made.writestr("../evil.mp4", b"x")
    with pytest.raises(InvalidInputError) as refused:
        list(commands.bring("olwen", [bad]))
    assert refused.value.fields == {"../evil.mp4": "The name leads out of the archive."}
    with pytest.raises(InvalidInputError):
        list(commands.bring("olwen", [tmp_path / "none.zip"]))


# --- The JSON API -------------------------------------------------------------------------------------


def test_programs_ask_and_follow(
    life: dict[str, Video], as_owner: Any, as_stranger: Any, anonymous: Any, settle: Any, monkeypatch: Any
) -> None:
    from hustings.accounts.identity import Identity

    assert as_owner.ask("GET", "/api/v1/me/export") == {"export": None}
    anonymous.ask("GET", "/api/v1/me/export", status=401)
    monkeypatch.setattr(Identity, "fresh", lambda *_: False)
    assert as_owner.ask("POST", "/api/v1/me/export", status=401)["code"] == "proof_needed"
    monkeypatch.setattr(Identity, "fresh", lambda *_: True)
    assert as_owner.ask("POST", "/api/v1/me/export", status=202)["export"]["state"] == "asked"
    assert as_owner.ask("POST", "/api/v1/me/export", status=409)["code"] == "running_already"
    settle()
    ready = as_owner.ask("GET", "/api/v1/me/export")["export"]
    assert (ready["state"], ready["percent"]) == ("ready", 100)
    fetched = as_owner.get(ready["url"])
    assert len(b"".join(fetched)) == ready["size"]
    assert as_stranger.ask("GET", "/api/v1/me/export") == {"export": None}
    assert as_stranger.get(ready["url"]).status_code == 404
    as_stranger.ask("GET", "/api/v1/me/export?account=council", status=404)
    as_owner.ask("DELETE", "/api/v1/me/export", status=204)
    assert as_owner.ask("GET", "/api/v1/me/export")["export"]["state"] == "expired"
