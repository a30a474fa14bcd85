"""How many bytes went over a connection, as the kernel counted them when it ended.

Whoever opened the connection, `requests`, `smtplib` or our own client, closes it through Python's socket
class, and there the kernel is asked (`TCP_INFO`, Linux 4.19 and later). A socket is known by its cookie, a
number that the kernel never gives twice; TLS hands a connection from one Python object to another, and the
cookie stays. Elsewhere than on Linux bytes are not counted, connections are.
"""

import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from hustings.trust.egress import tally

_SO_COOKIE = 57
_MOST = 10_000  # connections that were lost track of must not fill the memory
# struct tcp_info of Linux: bytes_acked at 120 and bytes_received at 128, bytes_sent at 200, bytes_retrans at 208.
_RECEIVED_AT, _SENT_AT, _LENGTH = 128, 200, 216

# TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING: states that a connection is in after the other side's FIN.
_HEARD_GOODBYE = frozenset({6, 7, 8, 9, 11})

_open: OrderedDict[int, str] = OrderedDict()


def watch(sock: Any, place: str) -> None:
    """Count `sock` for `place` when it is closed."""
    cookie = _cookie(sock)
    if cookie is not None:
        _open[cookie] = place
        while len(_open) > _MOST:
            _open.popitem(last=False)


def closing(sock: Any) -> None:
    """Called just before the kernel closes it. Counts nothing for sockets that are not ours, or never connected."""
    if not _open or sock.fileno() < 0:
        return
    cookie = _cookie(sock)
    place = _open.pop(cookie, None) if cookie is not None else None
    if place is None:
        return
    with suppress(OSError, AttributeError):
        facts = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
        if len(facts) == _LENGTH:
            received = struct.unpack_from("=Q", facts, _RECEIVED_AT)[0]
            sent, again = struct.unpack_from("=QQ", facts, _SENT_AT)
            # The other side's goodbye has a sequence number of its own, and the kernel counts it as a byte.
            goodbye = 1 if facts[0] in _HEARD_GOODBYE and received else 0
            tally.moved(place, bytes_out=sent - again, bytes_in=received - goodbye)


def _cookie(sock: Any) -> int | None:
    try:
        return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, _SO_COOKIE, 8), "little")
    except (OSError, AttributeError):
        return None


def install() -> None:
    """Ask before each close. `_real_close` is where Python's socket and its TLS child both end."""
    before = socket.socket._real_close  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public place

    def _real_close(self: socket.socket, *arguments: Any, **named: Any) -> None:
        closing(self)
        before(self, *arguments, **named)

    socket.socket._real_close = _real_close  # type: ignore[attr-defined]  # noqa: SLF001 - as above
