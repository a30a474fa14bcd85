"""The front door of trust. Other domains import this file, `events`, `errors` and `office`, nothing else."""

from hustings.trust import log
from hustings.trust.access import commands as access_commands
from hustings.trust.access.cases import CaseFact, register_cases
from hustings.trust.access.ledger import Recorded, access
from hustings.trust.access.places import Place
from hustings.trust.access.roles import Facts, register_staff
from hustings.trust.access.rules import Role
from hustings.trust.closure.asking import ask as ask_to_close
from hustings.trust.closure.asking import cancel as cancel_closing
from hustings.trust.closure.asking import closing, closing_on
from hustings.trust.closure.backup.checking import check_newest as check_backup
from hustings.trust.closure.backup.files import register_files
from hustings.trust.closure.backup.mirror import forget as forget_mirror
from hustings.trust.closure.backup.restoring import hold_to_restored, on_restored
from hustings.trust.closure.backup.restoring import restore as restore_backup
from hustings.trust.closure.backup.taking import take as take_backup
from hustings.trust.closure.health import findings as closure_findings
from hustings.trust.closure.health import under_way as closures_under_way
from hustings.trust.closure.notices import Notice
from hustings.trust.closure.notices import find as closed_notice
from hustings.trust.closure.notices import is_alike as closed_lookalike
from hustings.trust.closure.notices import is_taken as handle_was_closed
from hustings.trust.closure.notices import officials as closed_officials
from hustings.trust.closure.officials import tell_of_official
from hustings.trust.closure.replaying import closed_since, replay
from hustings.trust.closure.rules import Wish
from hustings.trust.closure.subjects import Subject, register_accounts
from hustings.trust.datamap import TableHolder
from hustings.trust.datamap.front import findings as data_map_findings
from hustings.trust.datamap.front import forms as data_map_forms
from hustings.trust.datamap.front import lines as data_map_lines
from hustings.trust.datamap.front import log_data_map
from hustings.trust.datamap.front import overdue as data_map_overdue
from hustings.trust.egress.commands import (
    egress_faults,
    egress_list,
    egress_rules,
    egress_verdict,
    hold_to_cell,
    log_egress_list,
    name_cell,
)
from hustings.trust.egress.declared import declare, declare_program, provide
from hustings.trust.egress.gate import Answer, request
from hustings.trust.egress.rules import Destination, Program
from hustings.trust.holdings import Choices, Erased, ExportFile, Holder, Trace, holders, register
from hustings.trust.importers import Brought, Taken, register_importer
from hustings.trust.keys import (
    Key,
    SealedBinaryField,
    SealedJSONField,
    SealedTextField,
    erase_key,
    hold_to_keys,
    holding,
    key_of,
    open_sealed,
    prepare_keys,
    seal,
    wrapped_sql,
)
from hustings.trust.keys.rotation import rotate as rotate_keys
from hustings.trust.keys.standing import findings as key_findings
from hustings.trust.keys.standing import standing as keys_standing
from hustings.trust.log.deployed import announce as announce_serving
from hustings.trust.log.deployed import note_build, register_serving
from hustings.trust.log.health import findings as log_findings
from hustings.trust.log.panels import Panel, register_panel
from hustings.trust.log.sequencing import sequence_once as publish_log
from hustings.trust.log.signing import begin_anew as begin_log_anew
from hustings.trust.people import People, register_people
from hustings.trust.scopes import closed, in_service, service, service_from_here, staff

__all__ = [
    "Answer",
    "Brought",
    "CaseFact",
    "Choices",
    "Destination",
    "Erased",
    "ExportFile",
    "Facts",
    "Holder",
    "Key",
    "Notice",
    "Panel",
    "People",
    "Place",
    "Program",
    "Recorded",
    "Role",
    "SealedBinaryField",
    "SealedJSONField",
    "SealedTextField",
    "Subject",
    "TableHolder",
    "Taken",
    "Trace",
    "Wish",
    "access",
    "access_commands",
    "announce_serving",
    "ask_to_close",
    "begin_log_anew",
    "cancel_closing",
    "check_backup",
    "closed",
    "closed_lookalike",
    "closed_notice",
    "closed_officials",
    "closed_since",
    "closing",
    "closing_on",
    "closure_findings",
    "closures_under_way",
    "data_map_findings",
    "data_map_forms",
    "data_map_lines",
    "data_map_overdue",
    "declare",
    "declare_program",
    "egress_faults",
    "egress_list",
    "egress_rules",
    "egress_verdict",
    "erase_key",
    "forget_mirror",
    "handle_was_closed",
    "hold_to_cell",
    "hold_to_keys",
    "hold_to_restored",
    "holders",
    "holding",
    "in_service",
    "key_findings",
    "key_of",
    "keys_standing",
    "log",
    "log_data_map",
    "log_egress_list",
    "log_findings",
    "name_cell",
    "note_build",
    "on_restored",
    "open_sealed",
    "prepare_keys",
    "provide",
    "publish_log",
    "register",
    "register_accounts",
    "register_cases",
    "register_files",
    "register_importer",
    "register_panel",
    "register_people",
    "register_serving",
    "register_staff",
    "replay",
    "request",
    "restore_backup",
    "rotate_keys",
    "seal",
    "service",
    "service_from_here",
    "staff",
    "take_backup",
    "tell_of_official",
    "wrapped_sql",
]
