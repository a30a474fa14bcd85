"""The tables of trust, by room. No foreign keys: what trust records outlives what it is about."""

from hustings.trust.access.models import (
    AccessCase,
    AccessEntry,
    AccessRequest,
    DatabaseLogin,
    LawfulMonth,
    LawfulRequest,
    StaffPseudonymKey,
    StaffSession,
)
from hustings.trust.closure.backup.models import Backup, KeysMirror
from hustings.trust.closure.models import ClosedAccount, Closure, ClosureRecord
from hustings.trust.datamap.models import MapState
from hustings.trust.egress.models import Cell, EgressRefusal, EgressTraffic
from hustings.trust.keys.models import CellKey, PersonKey
from hustings.trust.log.models import LogCount, LogEntry, LogState, LogWitness
from hustings.trust.rights.models import Correction, Export, Import, ImportItem

__all__ = [
    "AccessCase",
    "AccessEntry",
    "AccessRequest",
    "Backup",
    "Cell",
    "CellKey",
    "ClosedAccount",
    "Closure",
    "ClosureRecord",
    "Correction",
    "DatabaseLogin",
    "EgressRefusal",
    "EgressTraffic",
    "Export",
    "Import",
    "ImportItem",
    "KeysMirror",
    "LawfulMonth",
    "LawfulRequest",
    "LogCount",
    "LogEntry",
    "LogState",
    "LogWitness",
    "MapState",
    "PersonKey",
    "StaffPseudonymKey",
    "StaffSession",
]
