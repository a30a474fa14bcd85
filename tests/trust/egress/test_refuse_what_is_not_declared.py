"""Whatever Python code asks for, through whichever library: what is not on the list does not happen."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from hustings.trust.api import declare, declare_program
from hustings.trust.egress import hook, rules, tally
from hustings.trust.egress.errors import UndeclaredEgressError
from trust.egress.stage import ask


def refused_kinds() -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, kind, _), count in tally._tally.sums.refusals.items():
        found[kind] = found.get(kind, 0) + count
    return found


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: socket.create_connection(("tracker.example", 443), timeout=1),
        lambda: socket.create_connection(("203.0.113.7", 443), timeout=1),
        lambda: socket.create_connection(("2001:db8::7", 443), timeout=1),
        lambda: urllib.request.urlopen("https://tracker.example/?who=olwen", timeout=1),
        lambda: requests.get("https://tracker.example/", timeout=1),
        lambda: smtplib.SMTP("smtp.tracker.example", 25, timeout=1),
        lambda: socket.gethostbyname("olwen.tracker.example"),
        lambda: socket.gethostbyname_ex("olwen.tracker.example"),
        lambda: socket.getaddrinfo(b"olwen.tracker.example", 53),
        lambda: socket.gethostbyaddr("203.0.113.7"),
        lambda: socket.getnameinfo(("203.0.113.7", 443), 0),
    ],
)
def test_no_library_gets_past(attempt: Callable[[], Any]) -> None:
    with pytest.raises(UndeclaredEgressError):
        attempt()
    assert sum(refused_kinds().values()) == 1


def test_a_datagram_does_not_get_past() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(UndeclaredEgressError):
        sock.sendto(b"olwen", ("203.0.113.7", 53))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(UndeclaredEgressError):
        sock.sendmsg([b"olwen"], [], 0, ("203.0.113.7", 53))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(UndeclaredEgressError):
        sock.connect_ex(("203.0.113.7", 53))


def test_a_name_given_to_connect_itself_is_refused_because_its_address_would_be_nobody_s_to_check() -> None:
    declare("known.example", 443, purpose="To ask.", region="local")
    with socket.socket() as sock, pytest.raises(UndeclaredEgressError, match="look the name up first"):
        sock.connect(("known.example", 443))


def test_the_socket_is_closed_when_it_is_refused() -> None:
    sock = socket.socket()
    with pytest.raises(UndeclaredEgressError):
        sock.connect(("203.0.113.7", 443))
    assert sock.fileno() == -1


def test_in_development_the_loopback_is_open_and_in_production_it_is_not(settings: Any, server: Any) -> None:
    port = server(lambda _: None)
    socket.create_connection(("127.0.0.1", port)).close()
    settings.EGRESS_DEVELOPMENT = False
    with pytest.raises(UndeclaredEgressError):
        socket.create_connection(("127.0.0.1", port))
    with pytest.raises(UndeclaredEgressError):
        socket.create_connection(("localhost", port))
    assert refused_kinds()["loopback"] >= 2
    declare("127.0.0.1", port, purpose="To look whether it answers.")
    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(UndeclaredEgressError):  # the port next to it is another place
        socket.create_connection(("127.0.0.1", port + 1))


def test_an_address_in_another_s_clothes_is_the_same_address(production: None, server: Any) -> None:
    """::ffff:127.0.0.1 is 127.0.0.1, for what is allowed and for what is not."""
    port = server(lambda _: None)
    with socket.socket(socket.AF_INET6) as sock, pytest.raises(UndeclaredEgressError):
        sock.connect(("::ffff:127.0.0.1", port))
    declare("127.0.0.1", port, purpose="To look whether it answers.")
    with socket.socket(socket.AF_INET6) as sock:
        sock.connect(("::ffff:127.0.0.1", port))


def test_a_declared_name_leads_to_the_addresses_that_were_looked_up_and_no_others(
    production: None, names: dict[str, list[str]], server: Any
) -> None:
    port = server(lambda _: None)
    declare("known.example", port, purpose="To ask.", region="local", private=True)
    names["known.example"] = ["127.0.0.1"]
    with pytest.raises(UndeclaredEgressError):  # nobody has looked it up yet
        socket.create_connection(("127.0.0.1", port))
    socket.create_connection(("known.example", port)).close()
    names["known.example"] = ["127.0.0.9"]
    with socket.socket() as sock, pytest.raises(UndeclaredEgressError):  # what it says now, to somebody else
        sock.connect(("127.0.0.9", port))


def test_a_public_name_that_stands_for_a_private_address_is_refused(names: dict[str, list[str]]) -> None:
    declare("known.example", 443, purpose="To ask.", region="local")
    for inside in ("127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1", "fd00::1"):
        names["known.example"] = [inside]
        with pytest.raises(UndeclaredEgressError, match="private = true"):
            socket.create_connection(("known.example", 443), timeout=1)
    assert refused_kinds() == {"private": 7}


def test_of_several_addresses_the_private_ones_are_left_out(names: dict[str, list[str]]) -> None:
    declare("known.example", 443, purpose="To ask.", region="local")
    names["known.example"] = ["10.0.0.7", "8.8.8.8"]
    assert [entry[4][0] for entry in socket.getaddrinfo("known.example", 443)] == ["8.8.8.8"]
    with socket.socket() as sock, pytest.raises(UndeclaredEgressError):
        sock.connect(("10.0.0.7", 443))


def test_a_pin_grows_old(production: None, names: dict[str, list[str]], server: Any) -> None:
    port = server(lambda _: None)
    declare("known.example", port, purpose="To ask.", region="local", private=True)
    names["known.example"] = ["127.0.0.1"]
    socket.create_connection(("known.example", port)).close()
    hook._pins["known.example"] = {ip: at - hook.PINNED_S - 1 for ip, at in hook._pins["known.example"].items()}
    with pytest.raises(UndeclaredEgressError):
        socket.create_connection(("127.0.0.1", port))


def test_what_stays_on_the_machine_is_let_be(production: None, tmp_path: Path) -> None:
    one, other = socket.socketpair()
    one.sendall(b"x")
    one.close()
    other.close()
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as caller:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        caller.connect(str(tmp_path / "s"))
    socket.getaddrinfo("127.0.0.1", 80)
    socket.getaddrinfo("localhost", 80)
    socket.getaddrinfo(None, 0)
    socket.getfqdn()


def test_it_is_said_which_part_asked_and_never_where_to() -> None:
    with pytest.raises(UndeclaredEgressError):
        requests.get("https://olwen-rees.tracker.example/", timeout=1)
    with pytest.raises(UndeclaredEgressError):
        ask("https://olwen-rees.tracker.example/")
    callers = {caller for (_, _, caller), _ in tally._tally.sums.refusals.items()}
    assert callers == {"urllib3", "trust"}
    assert "olwen" not in repr(tally._tally.sums)


# --- Programs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["curl", "/usr/bin/wget", "ssh", "nc", "rsync"])
def test_a_program_that_reaches_out_is_not_started(program: str) -> None:
    with pytest.raises(UndeclaredEgressError):
        subprocess.run([program, "https://tracker.example"], check=False)
    with pytest.raises(UndeclaredEgressError):
        os.execv(program, [program, "x"])  # noqa: S606 - what is tried
    with pytest.raises(UndeclaredEgressError):
        os.posix_spawn(program, [program, "x"], {})
    # Python spawns by forking: the child is refused.
    assert os.spawnv(os.P_WAIT, program, [program, "x"]) == 127  # noqa: S606 - likewise


@pytest.mark.parametrize("command", [["setpriv", "--no-new-privs", "--", "curl", "x"], ["nice", "-n", "5", "wget", "x"],
                                     ["env", "A=1", "curl"], ["timeout", "5s", "ssh", "x"],
                                     ["env", "-Scurl https://tracker.example"], ["env", "-S", "curl x", "ffmpeg"],
                                     ["env", "--split-string=curl x", "--", "ffmpeg", "-version"],
                                     ["env", "curl", "x", "--", "ffmpeg", "-version"], ["env", "-u", "ffmpeg", "curl"],
                                     ["timeout", "-s", "KILL", "5", "curl"], ["nice", "-n", "ffmpeg", "curl"],
                                     ["setpriv", "--pdeathsig", "KILL", "curl", "--", "ffmpeg"]])  # fmt: skip
def test_nor_behind_a_launcher(command: list[str]) -> None:
    with pytest.raises(UndeclaredEgressError):
        subprocess.Popen(command)


def test_nor_as_multiprocessing_starts_programs() -> None:
    from multiprocessing import util

    with pytest.raises(UndeclaredEgressError):
        util.spawnv_passfds(b"/usr/bin/curl", [b"curl", b"https://tracker.example"], [])


def test_a_socket_past_the_network_is_not_made() -> None:
    """One that is bound to a network card sends without an address that anybody could look at."""
    for family in ("AF_PACKET", "AF_VSOCK"):
        if hasattr(socket, family):
            with pytest.raises(UndeclaredEgressError):
                socket.socket(getattr(socket, family), socket.SOCK_RAW)
    one, other = socket.socketpair()
    with one, other, socket.socket(fileno=os.dup(one.fileno())) as adopted:
        assert adopted.family == socket.AF_UNIX


def test_in_production_only_declared_programs_start(production: None) -> None:
    for command in (["uname"], ["sh", "-c", "true"], [sys.executable, "-c", "pass"], [sys.executable, "script.py"]):
        with pytest.raises(UndeclaredEgressError):
            subprocess.run(command, check=False)
    with pytest.raises(UndeclaredEgressError):
        os.system("true")  # noqa: S605 - likewise
    with pytest.raises(UndeclaredEgressError):
        subprocess.run("true", shell=True, check=False)  # noqa: S602 - likewise
    declare_program("uname", purpose="To say on what it runs.")
    subprocess.run(["uname"], check=True, capture_output=True)


LOCAL = ["-protocol_whitelist", "file,pipe", "-i", "file:/a/clip.mp4"]


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (["-version"], False),
        ([*LOCAL, "-map", "0:v:0", "-vf", "scale=w=360:h=640,setsar=1", "360.mp4"], False),
        (["-f", "lavfi", "-i", "testsrc=size=360x640", "-t", "1", "out.mp4"], False),
        (["-f", "rawvideo", "-i", "-", *LOCAL, "out.mp4"], False),
        (["-i", "file:/a/clip.mp4", "out.mp4"], True),  # no whitelist: the file may name addresses
        ([*LOCAL, "-i", "file:/a/other.mp4", "out.mp4"], True),  # a whitelist holds for one input
        (["-protocol_whitelist", "file,http,tcp", "-i", "file:/a/clip.mp4"], True),
        ([*LOCAL, "-f", "mpegts", "udp://203.0.113.7:1234"], True),
        ([*LOCAL, "-f", "mpegts", "tcp:203.0.113.7:1234"], True),
        ([*LOCAL, "-vf", "movie=http\\://tracker.example,scale=1", "o.mp4"], False),  # escaped: no protocol of a name
        ([*LOCAL, "-filter_complex", "movie='http://tracker.example/a'", "o.mp4"], True),
        (["-f", "lavfi", "-i", "movie=http://tracker.example/a", "o.mp4"], True),
        (["-i", "https://tracker.example/a.mp4", "o.mp4"], True),
    ],
)
def test_ffmpeg_is_started_with_local_files_alone(words: list[str], refused: bool) -> None:
    fault = rules.program_fault(
        ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--", "/opt/ffmpeg-linux-x86_64-v7", *words],
        own_python=sys.executable,
        ffmpeg="ffmpeg",
        declared=[],
        development=False,
    )
    assert (fault is not None) is refused


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["-m", "hustings", "worker"], True),
        (["-X", "dev", "-m", "hustings.demo.render", "x"], True),
        (["-c", "from multiprocessing.spawn import spawn_main; spawn_main()"], True),
        (["-m", "http.server"], False),
        (["-m", "hustingsx"], False),
        (["-c", "import urllib"], False),
        ([], False),
    ],
)
def test_our_own_python_runs_our_own_modules(words: list[str], allowed: bool) -> None:
    fault = rules.program_fault(
        ["/opt/.venv/bin/python3", *words],
        own_python="/usr/bin/python3", ffmpeg="ffmpeg", declared=[], development=False,
    )  # fmt: skip
    assert (fault is None) is allowed


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["rev-parse", "HEAD"], True),
        (["--no-pager", "log"], True),
        (["fetch"], False),
        (["-C", "x", "push"], False),
        (["--version"], True),
        (["--paginate", "--config-env=core.pager=X", "log"], False),
        (["--exec-path=/tmp/x", "status"], False),
    ],
)
def test_git_stays_at_home(words: list[str], allowed: bool) -> None:
    for development in (True, False):
        fault = rules.program_fault(
            ["git", *words], own_python="python", ffmpeg="ffmpeg", declared=[], development=development
        )
        assert (fault is None) is allowed


@pytest.mark.ffmpeg
def test_the_engine_s_own_commands_pass_in_production(production: None, tmp_path: Path) -> None:
    """Drawn, probed and encoded under the gate as it is in production."""
    from hustings.lib import ffmpeg

    tool = ffmpeg.find("")
    film, work = tmp_path / "film.mp4", tmp_path / "work"
    work.mkdir()
    subprocess.run(
        [tool.path, "-v", "error", "-f", "lavfi", "-i", "testsrc=size=360x640:rate=10:duration=1", str(film)],
        check=True,
    )
    limits = ffmpeg.Limits()
    seen = ffmpeg.inspect(tool, film, accepted=ffmpeg.Accepted(), limits=limits, workdir=work)
    assert seen.source is not None
    done = ffmpeg.transcode(tool, seen.source, film, folder=work, limits=limits, edges=(360,))
    assert ffmpeg.draw(done) is not None
    assert not tally._tally.sums.refusals
