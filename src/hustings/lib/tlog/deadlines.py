"""A hard end for every conversation: a peer that sends a byte now and then keeps no thread for ever.

A socket's own timeout starts again with each byte. Here one thread looks after all open conversations of the
process and shuts the socket of each that is past its time, which wakes whoever waits on it.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

_STEP_S = 0.25


class Deadlines:
    """Sockets and when each must have ended. The thread lives only while there are some."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[float, socket.socket]] = {}
        self._lock = threading.Lock()
        self._running = False
        self._next = 0

    @contextlib.contextmanager
    def within(self, seconds: float, sock: socket.socket) -> Iterator[None]:
        """Shut `sock` when the block takes longer than `seconds`."""
        with self._lock:
            self._next += 1
            mine = self._next
            self._open[mine] = (time.monotonic() + seconds, sock)
            if not self._running:
                self._running = True
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._open.pop(mine, None)

    def _watch(self) -> None:
        while True:
            time.sleep(_STEP_S)
            now = time.monotonic()
            with self._lock:
                if not self._open:
                    self._running = False
                    return
                late = [key for key, (end, _) in self._open.items() if end <= now]
                sockets = [self._open.pop(key)[1] for key in late]
            for sock in sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


DEADLINES = Deadlines()
