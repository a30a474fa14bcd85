"""What trust itself holds about people, gathered from its rooms."""

from hustings.lib.records import Field, Store, Table
from hustings.trust.access import records as access
from hustings.trust.closure import records as closure
from hustings.trust.closure.backup import records as backup
from hustings.trust.datamap import records as datamap
from hustings.trust.egress import records as egress
from hustings.trust.keys import records as keys
from hustings.trust.log import records as log
from hustings.trust.rights import records as rights

FIELDS: list[Field] = [
    *access.FIELDS,
    *backup.FIELDS,
    *closure.FIELDS,
    *datamap.FIELDS,
    *egress.FIELDS,
    *keys.FIELDS,
    *log.FIELDS,
    *rights.FIELDS,
]
TABLES: list[Table] = [
    *access.TABLES,
    *backup.TABLES,
    *closure.TABLES,
    *datamap.TABLES,
    *egress.TABLES,
    *keys.TABLES,
    *log.TABLES,
    *rights.TABLES,
]
STORES: list[Store] = [*closure.STORES, *keys.STORES, *log.STORES, *rights.STORES]
