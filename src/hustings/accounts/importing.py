"""A profile that somebody brings from elsewhere: name, text and preferences, where they are of use here."""

from collections.abc import Mapping, Sequence
from typing import Any

from hustings.accounts import profiles, rules
from hustings.lib.errors import InvalidInputError
from hustings.trust.api import Brought, Taken

Detail = Mapping[str, Any]


class ProfileImporter:
    """Takes in profiles."""

    kinds: tuple[str, ...] = ("profile",)

    def known(self, account_id: int, kind: str, given: Sequence[Detail]) -> list[Detail | None]:
        """Name and text in the form that they would be kept in; preferences that we do not know are left out."""
        found: list[Detail | None] = []
        for one in given:
            preferences = dict(one.get("preferences") or {})
            wrong = rules.preference_faults(preferences)
            found.append(
                {
                    "name": rules.clean_name(str(one.get("name") or ""))[: rules.NAME_MAX],
                    "bio": rules.clean_bio(str(one.get("bio") or ""))[: rules.BIO_MAX],
                    "preferences": {name: value for name, value in preferences.items() if name not in wrong},
                }
            )
        return found

    def take(self, account_id: int, brought: Brought) -> Taken:
        account, preferences = profiles.own(account_id)
        said = brought.detail
        new = {name: said[name] for name in ("name", "bio") if said.get(name)}
        try:
            profiles.change(account_id, **new, preferences=said.get("preferences") or None)
        except InvalidInputError as fault:
            # A name that could be taken for a public body's, for example.
            return Taken("refused", fault=fault.code)
        before = {name: account[name] for name in ("name", "bio")} | {"preferences": preferences, "new": new}
        return Taken("taken", before=before)

    def undo(self, account_id: int, kind: str, result: str, before: Mapping[str, Any]) -> bool:
        """As it was, unless the person has changed it since."""
        account, _ = profiles.own(account_id)
        if any(account[name] != value for name, value in before.get("new", {}).items()):
            return False
        _, now = profiles.own(account_id)
        # None takes back what was not there before.
        preferences = {**dict.fromkeys(now), **before["preferences"]}
        profiles.change(account_id, name=before["name"], bio=before["bio"], preferences=preferences)
        return True
