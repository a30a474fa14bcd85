"""The standing cast of every test, and how they speak HTTP."""

from __future__ import annotations

from typing import Any

from django.test import Client

from hustings.accounts import api as accounts
from hustings.accounts.api import Author


class Visitor(Client):
    """A browser: JSON in, JSON out. `who` is the account signed in, None for the signed-out."""

    def __init__(self, who: Author | None = None, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.who = who
        if who is not None:
            self.force_login(_account(who.id))

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """Send `body` as JSON and answer the JSON that came back, None for none; the status is asserted."""
        extra: dict[str, Any] = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            extra |= {"data": body, "content_type": "application/json"}
        answer = getattr(self, method.lower())(path, **extra)
        said = answer.content.decode(errors="replace")[:2000] if hasattr(answer, "content") else ""
        assert answer.status_code == status, f"{method} {path}: {answer.status_code}, not {status}: {said}"
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.json() if said and is_json else None


def _account(account_id: int) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=account_id)


def person(handle: str, **details: Any) -> Author:
    """Somebody new."""
    return accounts.authors([accounts.create_person(handle, **details)]).popitem()[1]
