"""What trust does now and then, by itself, gathered from its rooms."""

from collections.abc import Callable

from hustings.trust.access import jobs as access
from hustings.trust.closure import jobs as closure
from hustings.trust.datamap import jobs as datamap
from hustings.trust.egress import jobs as egress
from hustings.trust.keys import jobs as keys
from hustings.trust.log.jobs import write_forever as write_log_forever
from hustings.trust.rights import jobs as rights

SWEEPS: list[Callable[[], None]] = [
    *access.SWEEPS,
    *closure.SWEEPS,
    *datamap.SWEEPS,
    *egress.SWEEPS,
    *keys.SWEEPS,
    *rights.SWEEPS,
]
"""Run by every sweep; each is safe to run twice and at once."""

__all__ = ["SWEEPS", "write_log_forever"]
