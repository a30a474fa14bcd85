"""The gate in the process: nothing reaches the network or starts a program unless the list has it.

CPython tells its audit hooks of every connection, datagram, look-up and program that Python code asks
for, before it happens, whichever library asks (PEP 578); a hook cannot be removed. What C libraries do by
themselves it does not see: libpq, which the settings declare, and name servers, which the C library asks.
The same list in the kernel closes that: `hustings egress nftables`.

A name is looked up once: the addresses that the look-up gave are the only ones that may be connected to
for it, so a name server cannot say one thing to the check and another to the connection.
"""

import os
import socket
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from django.conf import settings

from hustings.trust.egress import declared, measure, rules, tally
from hustings.trust.egress.errors import UndeclaredEgressError
from hustings.trust.egress.rules import Address, Destination

PINNED_S = 600.0
_INET = (socket.AF_INET, socket.AF_INET6)
# A socket file and the kernel's own families do not leave the machine.
_LOCAL = {getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)}
_ADOPTED = -1  # of a socket that is there already: its family was asked about when it was made
_STANDARD = sysconfig.get_paths()["stdlib"]

_pins: dict[str, dict[Address, float]] = {}
_installed = threading.Event()
_real_getaddrinfo = socket.getaddrinfo


def install() -> None:
    """Shut the gate in this process. Twice is once."""
    if _installed.is_set():
        return
    _installed.set()
    socket.getaddrinfo = _getaddrinfo
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        _look_first(name)
    _look_at_forks()
    measure.install()
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    watched = _WATCHED.get(event)
    if watched is not None:
        watched(*arguments)


# --- Connections ------------------------------------------------------------------------------------------


def _on_new(sock: Any, family: int, *_: Any) -> None:
    """A socket of another family may need no address to send: to a network card, to the host of a virtual machine."""
    if family not in {_ADOPTED, *_INET, *_LOCAL}:
        refuse("family", f"address family {family}")


def _on_connect(sock: Any, address: Any) -> None:
    known = _check(sock, address)
    if known is not None:
        tally.connected(known.place)
        measure.watch(sock, known.place)


def _on_datagram(sock: Any, address: Any) -> None:
    if address is not None:  # None: the socket is connected, which was checked then
        known = _check(sock, address)
        if known is not None:
            tally.connected(known.place)


def _check(sock: Any, address: Any) -> Destination | None:
    """The destination that allows it; None where the machine is not left. Raises UndeclaredEgressError."""
    if sock.family in _LOCAL:
        return None
    if sock.family not in _INET or not isinstance(address, tuple) or len(address) < 2:
        refuse("family", f"address family {sock.family}", sock)
    host, port = _text(address[0]), address[1]
    ip = rules.as_address(host)
    if ip is None:
        if not rules.is_loopback(host):
            # The C library would look the name up a second time, where nobody sees the answer.
            refuse("name", f"{host}:{port} (look the name up first)", sock)
        ip = rules.as_address("127.0.0.1")
    assert ip is not None
    for known in declared.destinations():
        if known.port == port and _leads_to(known, ip):
            return known
    if ip.is_loopback and settings.EGRESS_DEVELOPMENT:
        return None
    return refuse("loopback" if ip.is_loopback else "address", f"{host}:{port}", sock)


def _leads_to(known: Destination, ip: Address) -> bool:
    if known.address is not None:
        return known.address == ip
    if known.host == "localhost":
        return ip.is_loopback
    pinned = _pins.get(known.host, {}).get(ip)
    return pinned is not None and time.monotonic() - pinned < PINNED_S


def _look_first(name: str) -> None:
    """Ask before Python looks a name up: a socket does that inside the call, ahead of the hook.

    Only where a name is given in place of an address, which no library does; so the cost is a comparison.
    """
    before = getattr(socket.socket, name)

    def method(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1] if arguments else None
        if isinstance(address, tuple) and self.family in _INET and rules.as_address(_text(address[0])) is None:
            _check(self, address)
        return before(self, *arguments)

    method.__name__ = method.__qualname__ = name
    setattr(socket.socket, name, method)


# --- Names ------------------------------------------------------------------------------------------------


def _getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> list[Any]:
    """Python's own, which asks the hook first; what it answers for a declared name is pinned."""
    found = _real_getaddrinfo(host, port, *arguments, **named)
    name = _text(host)
    known = [one for one in declared.destinations() if one.host == name]
    if not known or known[0].address is not None:
        return found
    private = any(one.private for one in known)
    kept = []
    pins: dict[Address, float] = {}
    for entry in found:
        ip = rules.as_address(str(entry[4][0]))
        if ip is not None and (private or rules.is_public(ip)):
            kept.append(entry)
            pins[ip] = time.monotonic()
    if found and not kept:
        refuse(
            "private", f"{name} (it stands for a private address; declare it with `private = true` if that is meant)"
        )
    _pins[name] = {ip: at for ip, at in _pins.get(name, {}).items() if time.monotonic() - at < PINNED_S} | pins
    return kept


def look_up(host: str, port: int) -> list[Address]:
    """Every address that a declared name stands for now, those we would not connect to as well. Nothing is pinned."""
    found = _real_getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({ip for entry in found if (ip := rules.as_address(str(entry[4][0]))) is not None}, key=str)


def _on_look_up(host: Any, *_: Any) -> None:
    """A look-up leaves the machine too, and a name can carry what should stay: only declared names are asked for."""
    name = _text(host)
    if not name or rules.as_address(name) is not None or rules.is_loopback(name) or name == _own_name():
        return
    if not any(known.host == name for known in declared.destinations()):
        refuse("name", name)


def _on_reverse_look_up(host: Any, *_: Any) -> None:
    """Who asks for the name of an address tells a name server who was here."""
    name = _text(host[0] if isinstance(host, tuple) else host)
    if not rules.is_loopback(name) and name != _own_name():
        refuse("reverse", name)


def _own_name() -> str:
    return _text(os.uname().nodename)


def _text(host: Any) -> str:
    text = host.decode(errors="replace") if isinstance(host, bytes | bytearray) else str(host or "")
    return text.lower().rstrip(".")


# --- Programs ---------------------------------------------------------------------------------------------


def _on_popen(executable: Any, arguments: Any, *_: Any) -> None:
    words = _words(arguments)
    if executable is not None and words:
        words[0] = os.fsdecode(executable)
    _check_program(words)


def _on_exec(path: Any, arguments: Any, *_: Any) -> None:
    _check_program([os.fsdecode(path), *_words(arguments)[1:]])


def _on_spawn(mode: Any, path: Any, arguments: Any, *_: Any) -> None:
    _check_program([os.fsdecode(path), *_words(arguments)[1:]])


def _on_shell(command: Any, *_: Any) -> None:
    _check_program(["sh", "-c", os.fsdecode(command)])


def _look_at_forks() -> None:
    """Ask where Python itself does not: `multiprocessing` starts programs by a function that tells no hook."""
    try:
        import _posixsubprocess
    except ImportError:  # no POSIX
        return
    real: Callable[..., int] = _posixsubprocess.fork_exec

    def fork_exec(arguments: Any, executables: Any, *more: Any) -> int:
        _on_popen(executables[0] if executables else None, arguments)
        return real(arguments, executables, *more)

    _posixsubprocess.fork_exec = fork_exec


def _check_program(words: Sequence[str]) -> None:
    fault = rules.program_fault(
        words,
        own_python=sys.executable,
        ffmpeg=settings.FFMPEG or "ffmpeg",
        declared=declared.programs(),
        development=settings.EGRESS_DEVELOPMENT,
    )
    if fault is not None:
        refuse("program", fault)


def _words(arguments: Any) -> list[str]:
    if isinstance(arguments, str | bytes | os.PathLike):
        return [os.fsdecode(arguments)]
    return [os.fsdecode(word) for word in arguments]


# --- Refusing ---------------------------------------------------------------------------------------------


def refuse(kind: str, what: str, sock: Any = None) -> NoReturn:
    """Count it and raise. The socket is closed, because who gets an unknown error may forget to."""
    tally.refused(kind, _caller())
    if sock is not None:
        with suppress(Exception):
            sock.close()
    raise UndeclaredEgressError(f"Refused by the gate: {what}.")


def _caller() -> str:
    """Which part of the code asked: our own module, else the library's name. Never what was asked for."""
    frame = sys._getframe(1)  # noqa: SLF001 - the way to walk a stack
    library = ""
    walker: Any = frame
    while walker is not None:
        module = str(walker.f_globals.get("__name__", ""))
        if module.startswith("hustings.") and not module.startswith("hustings.trust.egress."):
            return module
        path = walker.f_code.co_filename
        if not library and ("site-packages" in path or not path.startswith((_STANDARD, "<"))):
            top = module.partition(".")[0]
            library = "" if top == "hustings" else top
        walker = walker.f_back
    return library or "python"


_WATCHED: dict[str, Callable[..., None]] = {
    "socket.__new__": _on_new,
    "socket.connect": _on_connect,
    "socket.sendto": _on_datagram,
    "socket.sendmsg": _on_datagram,
    "socket.getaddrinfo": _on_look_up,
    "socket.gethostbyname": _on_look_up,
    "socket.gethostbyaddr": _on_reverse_look_up,
    "socket.getnameinfo": _on_reverse_look_up,
    "subprocess.Popen": _on_popen,
    "os.exec": _on_exec,
    "os.posix_spawn": _on_exec,
    "os.spawn": _on_spawn,
    "os.system": _on_shell,
}
