"""Which kinds of entries this server writes, and in which version of each. Their forms are in `lib.tlog.schemas`."""

from hustings.lib.tlog.entries import KINDS

# The newest version is the one that is written; older ones stay readable for ever.
VERSIONS: dict[str, int] = {kind: max(versions) for kind, versions in KINDS.items()}


def commitment_names(kind: str) -> frozenset[str]:
    """The names under which an entry of `kind` commonly commits to something about a person."""
    return frozenset(KINDS[kind][VERSIONS[kind]].commitments)
