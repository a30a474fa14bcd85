"""What the command line does of trust's rights. Apart from `api`, which is loaded before tasks can be declared."""

from hustings.trust.rights.commands import bring, make_export

__all__ = ["bring", "make_export"]
