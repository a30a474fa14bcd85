"""On whose behalf the code at hand reads: the rule that nobody looks without a trace begins here.

Every request, task and command runs in one of three scopes. Nothing is the default on purpose: a
shell, a forgotten script or a new thread finds the doors shut, not open.

- *closed*: nobody said. Personal data that is not public may not be read.
- *service*: the product at work. The server computes for people (a page of the feed, a deletion, an
  export they asked for); what comes out goes to the person themselves or to whom the data map names.
- *staff*: a person who runs the service is looking. Another person's data may be read only inside
  `access`, which is recorded.

The database backends in `access/backends` ask for the scope at each statement. How processes enter one:
requests by the two middlewares below, tasks by `site/work.py`, commands by `site/loading.py`, threads of
our own by `in_service`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Look:
    """A recorded access while it is open: what may be read, and what was.

    `fields` are `app.Model.column`. `ended` shuts it for good: rows that are fetched later, by an
    iterator that outlives it, are refused.
    """

    entry: int
    subject: int
    fields: frozenset[str]
    read: set[str] = field(default_factory=set)
    rows: int = 0
    ended: bool = False

    def covers(self, table: str) -> bool:
        """Whether any column of `app.Model` was chosen: then its rows may be told from others'."""
        return any(name.rpartition(".")[0] == table for name in self.fields)


@dataclass(frozen=True, slots=True)
class Scope:
    """`kind` is closed, service or staff; `actor` is the account of the person who looks, in staff.

    `look` is the access that is open, in staff; None outside `access`.
    """

    kind: str
    actor: int | None = None
    look: Look | None = None


CLOSED = Scope("closed")
SERVICE = Scope("service")
Response = TypeVar("Response", bound=HttpResponseBase)
_scope: ContextVar[Scope] = ContextVar("hustings.trust.scope", default=CLOSED)
current = _scope.get
"""The scope that the code at hand runs in. The variable's own method, because every statement asks."""


@contextmanager
def _within(scope: Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def service() -> AbstractContextManager[None]:
    """The product at work: requests of the public API, tasks, sweeps, commands that compute for people."""
    return _within(SERVICE)


def closed() -> AbstractContextManager[None]:
    """Nobody's behalf: what is not public stays shut."""
    return _within(CLOSED)


def staff(actor: int) -> AbstractContextManager[None]:
    """A person of the staff is looking: every staff screen and every command that prints people's data."""
    return _within(Scope("staff", actor))


def looking(look: Look) -> AbstractContextManager[None]:
    """Inside a recorded access. Only `access.ledger` opens this, after the entry is committed."""
    return _within(replace(_scope.get(), look=look))


def in_service(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The function, run as the product at work. A new thread begins closed: wrap its target in this."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        with service():
            return function(*args, **kwargs)

    return run


def service_from_here() -> None:
    """The rest of this thread is the product at work: the first line of a script that computes for people."""
    _scope.set(SERVICE)


# --- Requests ----------------------------------------------------------------------------------------

STAFF_PREFIX = "/staff/"


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every request is the product at work: sessions, sign-in and the public pages. The outermost of ours."""

    def handle(request: HttpRequest) -> HttpResponse:
        with service():
            return kept_in_scope(get_response(request))

    return handle


def staff_screens(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The views under `/staff/` begin closed; each opens `staff` with the name of who looks. The innermost.

    Innermost, so that the session and who is signed in are the product's business and the screen is not.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF_PREFIX):
            return get_response(request)
        with closed():
            return kept_in_scope(get_response(request))

    return handle


def kept_in_scope(response: Response) -> Response:
    """A streamed answer is made after the middlewares are left: each piece is made in the scope of its view."""
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse) and not response.is_async:
        response.streaming_content = _piecewise(response.streaming_content, current())
    return response


def _piecewise(pieces: Any, scope: Scope) -> Iterator[bytes]:
    made = iter(pieces)
    while True:
        with _within(scope):
            try:
                piece = next(made)
            except StopIteration:
                return
        yield piece
