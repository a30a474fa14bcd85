"""What is held about people: gathered from every domain's `records.py`, shown, exported to other tools, enforced.

The rest of trust and the holders of the domains use what is named here.
"""

from hustings.trust.datamap.gathering import fields, personal_columns, public, stores, table_of, tables
from hustings.trust.datamap.holder import TableHolder
from hustings.trust.datamap.rows import count_of, erase_rows, owned_rows, rows_of

__all__ = [
    "TableHolder",
    "count_of",
    "erase_rows",
    "fields",
    "owned_rows",
    "personal_columns",
    "public",
    "rows_of",
    "stores",
    "table_of",
    "tables",
]
