"""Names of staff in the public log: one for each person and month, and nothing that leads from one to the other.

Within a month an outsider can count how often one person looked; over the years nobody is followed. The
ledger, which the officers and the auditors read, says who it was.
"""

import hmac
import secrets

from hustings.lib import clock
from hustings.trust.access.models import StaffPseudonymKey

_keys: dict[str, bytes] = {}


def pseudonym(actor: int, month: str = "") -> str:
    """`s-` and 16 hexadecimal digits: HMAC-SHA-256 of the account's number under the month's key, cut short."""
    now = clock.now()
    key = _key(month or f"{now.year}-{now.month:02}")
    return f"s-{hmac.digest(key, str(actor).encode(), 'sha256').hex()[:16]}"


def _key(month: str) -> bytes:
    """The month's key, made by whoever needs it first; kept in memory only once it is surely committed."""
    found = _keys.get(month)
    if found is None:
        row, made = StaffPseudonymKey.objects.get_or_create(month=month, defaults={"key": secrets.token_bytes(32)})
        found = bytes(row.key)
        if not made:
            _keys.clear()
            _keys[month] = found
    return found
