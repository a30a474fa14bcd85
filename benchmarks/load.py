"""A small HTTP/1.1 load generator: keep-alive connections, as little of its own as Python allows.

Open loop: requests leave on time whether or not earlier ones came back, and latency is counted from
when a request was due, so that a slow server cannot hide its queue. Closed loop: as many as the
server answers.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Make = Callable[[int], bytes]
"""The nth request, whole."""


@dataclass
class Load:
    """What came back. `latencies` in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bytes: int = 0

    def ms(self, percentile: float) -> float:
        """A percentile of the latencies in milliseconds."""
        return round(float(np.percentile(self.latencies, percentile)) * 1_000, 2)

    def per_second(self) -> float:
        """Answers each second."""
        return round(len(self.latencies) / self.seconds, 1)


class _Connection(asyncio.Protocol):
    """One request at a time; `answered` is called with the status and the length of the body."""

    def __init__(self) -> None:
        self._seen = bytearray()
        self._answer: asyncio.Future[tuple[int, int]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP gives this kind

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head = self._seen.find(b"\r\n\r\n")
        if head < 0 or self._answer is None:
            return
        at = self._seen.lower().find(b"content-length:", 0, head)
        length = int(self._seen[at + 15 : self._seen.find(b"\r\n", at)]) if at >= 0 else 0
        if len(self._seen) >= head + 4 + length:
            status = int(self._seen[9:12])
            self._seen.clear()
            answer, self._answer = self._answer, None
            answer.set_result((status, length))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> tuple[int, int]:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def _connect(port: int) -> _Connection:
    _, made = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return made


def open_loop(port: int, make: Make, *, rate: float, seconds: float) -> Load:
    """`rate` requests each second."""
    return asyncio.run(_open(port, make, rate, seconds))


def closed_loop(port: int, make: Make, *, connections: int, seconds: float) -> Load:
    """`connections` that ask again as soon as they are answered."""
    return asyncio.run(_closed(port, make, connections, seconds))


async def _open(port: int, make: Make, rate: float, seconds: float) -> Load:
    load = Load()
    free = [await _connect(port) for _ in range(32)]
    began = time.perf_counter()
    running: set[asyncio.Task[None]] = set()

    async def one(number: int, due: float) -> None:
        connection = free.pop() if free else await _connect(port)
        status, length = await connection.ask(make(number))
        load.latencies.append(time.perf_counter() - due)
        load.statuses[status] = load.statuses.get(status, 0) + 1
        load.bytes += length
        free.append(connection)

    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        task = asyncio.create_task(one(number, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    load.seconds = time.perf_counter() - began
    return load


async def _closed(port: int, make: Make, connections: int, seconds: float) -> Load:
    load = Load()
    began = time.perf_counter()
    numbers = iter(range(10**9))

    async def one() -> None:
        connection = await _connect(port)
        while (now := time.perf_counter()) < began + seconds:
            status, length = await connection.ask(make(next(numbers)))
            load.latencies.append(time.perf_counter() - now)
            load.statuses[status] = load.statuses.get(status, 0) + 1
            load.bytes += length

    await asyncio.gather(*(one() for _ in range(connections)))
    load.seconds = time.perf_counter() - began
    return load


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A POST with a JSON body."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body
