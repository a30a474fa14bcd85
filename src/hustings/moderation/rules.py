"""Pure decisions about reports: no Django, no clock, no database."""

import math
import re
from collections.abc import Collection

from hustings.lib import text

TEXT_MAX = 2000
MOMENT_MAX_S = 24 * 3600.0

# Public ids, handles and sound ids; never a path, an address or a sentence.
_REF = re.compile(r"[A-Za-z0-9_.\-]{1,40}", re.ASCII)


def clean_text(typed: str) -> str:
    """What a reporter wrote, as it is kept."""
    return text.clean(typed)


def faults(
    kind: str,
    ref: str,
    reason: str,
    said: str,
    moment_s: float | None,
    *,
    kinds: Collection[str],
    reasons: Collection[str],
) -> dict[str, str]:
    """Everything that is wrong with a report, by field; empty when nothing is."""
    wrong_moment = moment_s is not None and not (math.isfinite(moment_s) and 0 <= moment_s <= MOMENT_MAX_S)
    found = {
        "kind": "" if kind in kinds else f"One of: {', '.join(kinds)}.",
        "id": "" if _REF.fullmatch(ref) else "This is not the id of anything here.",
        "reason": "" if reason in reasons else f"One of: {', '.join(reasons)}.",
        "text": "" if len(said) <= TEXT_MAX else f"At most {TEXT_MAX} characters.",
        "moment_s": "A moment of the clip, in seconds." if wrong_moment else "",
    }
    return {field: fault for field, fault in found.items() if fault}
