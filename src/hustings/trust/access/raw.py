"""SQL that somebody wrote by hand, outside *service*: let through only when it plainly names nobody's data.

A list of what is allowed, not of what is forbidden: transactions, what the database says about its own
form, and statements over tables without personal columns. Everything else is refused, also what is
harmless and clever; whoever needs it is at work for the product and says so with `service()`.
"""

import re

from hustings.trust.access import columns

# Functions and statements that take SQL, a file or another connection as text.
MAKE_SQL = frozenset(
    [
        "query_to_xml",
        "query_to_xmlschema",
        "query_to_xml_and_xmlschema",
        "cursor_to_xml",
        "table_to_xml",
        "schema_to_xml",
        "database_to_xml",
        "dblink",
        "dblink_exec",
        "dblink_open",
        "dblink_fetch",
        "execute",
        "prepare",
        "load_extension",
        "readfile",
        "writefile",
        "pg_read_file",
        "pg_read_binary_file",
        "pg_ls_dir",
        "lo_export",
        "lo_import",
        "lo_get",
        "loread",
        "copy",
        "ts_stat",
        "xpath_table",
        "crosstab",
        "pg_stats",
        "pg_stats_ext",
        "pg_statistic",
        "pg_statistic_ext_data",
        "pg_stat_activity",
        "pg_largeobject",
        "pg_logical_slot_get_changes",
        "sqlite_dbpage",
        "fts5vocab",
        "eval",
        "exec_query",
    ]
)
_TRANSACTION = re.compile(
    r"(begin(\s+(deferred|immediate|exclusive))?|commit|rollback(\s+to\s+savepoint\s+\"?\w+\"?)?"
    r"|savepoint\s+\"?\w+\"?|release\s+savepoint\s+\"?\w+\"?|set\s+constraints\s+all\s+(immediate|deferred))",
    re.IGNORECASE,
)
_PRAGMA = re.compile(
    r"pragma\s+(table_info|table_xinfo|index_list|index_info|index_xinfo|foreign_keys|foreign_key_list"
    r"|foreign_key_check|table_list|journal_mode|synchronous|cache_size|mmap_size|temp_store|page_count"
    r"|page_size|freelist_count|legacy_alter_table)(\s*\(\s*\"?'?\w+'?\"?\s*\))?(\s*=\s*(on|off))?",
    re.IGNORECASE,
)
_STRINGS = re.compile(r"'(?:[^']|'')*'")
_COMMENTS = re.compile(r"--|/\*|[$\\]")  # and what PostgreSQL writes strings with, of which ours have none
_PIECES = re.compile(r"\"?\w+\"?|[(),.]")
# What the database says about its own form: names of tables and columns, no values.
_CATALOGUE = frozenset(
    [
        "sqlite_master",
        "sqlite_schema",
        "pg_class",
        "pg_namespace",
        "pg_attribute",
        "pg_attrdef",
        "pg_constraint",
        "pg_index",
        "pg_am",
        "pg_type",
        "pg_collation",
        "pg_depend",
        "pg_sequence",
        "pg_inherits",
        "pg_opclass",
        "pg_description",
        "pg_roles",
        "pg_database",
        "pg_available_extensions",
        "pg_tables",
        "columns",
        "tables",
        "table_constraints",
        "key_column_usage",
        "constraint_column_usage",
    ]
)
_OTHER_QUOTES = re.compile(r"`|\[\s*[^\W\d]")
_BEFORE_TABLES = frozenset({"from", "join", "into", "update", "table"})
_AFTER_TABLES = frozenset({"where", "group", "order", "limit", "union", "set", "values", "having", "returning"})
_SCHEMAS = frozenset({"pg_catalog", "information_schema", "public", "main"})
_FUNCTIONS = frozenset(
    [
        "count",
        "min",
        "max",
        "sum",
        "avg",
        "coalesce",
        "nullif",
        "length",
        "lower",
        "upper",
        "array_agg",
        "unnest",
        "any",
        "all",
        "in",
        "exists",
        "values",
        "and",
        "or",
        "not",
        "on",
        "as",
        "from",
        "join",
        "where",
        "select",
        "union",
        "over",
        "filter",
        "cast",
        "now",
        "version",
        "current_schema",
        "current_schemas",
        "current_database",
        "format_type",
        "pg_table_is_visible",
        "pg_get_expr",
        "pg_get_constraintdef",
        "pg_get_indexdef",
        "pg_get_serial_sequence",
        "col_description",
        "obj_description",
        "pg_index_column_has_property",
        "pragma_table_info",
        "generate_subscripts",
        "array_position",
        "random",
        "strftime",
        "json_array_length",
        "using",
        "key",
        "unique",
        "check",
        "distinct",
        "case",
        "when",
        "then",
        "else",
        "end",
        "sqlite_version",
        "row_number",
        "rank",
        "date",
        "pg_advisory_lock",
        "pg_advisory_unlock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock",
        "setval",
        "nextval",
        "currval",
    ]
)


def fault(text: object) -> str | None:  # noqa: PLR0911 - one reason a line
    """Why this statement may not be sent outside service; None when it may."""
    if not isinstance(text, str):
        return "raw SQL that is not text cannot be judged"
    said = text.strip().rstrip(";").strip()
    if _TRANSACTION.fullmatch(said) or _PRAGMA.fullmatch(said):
        return None
    if _COMMENTS.search(said) or ";" in _STRINGS.sub("", said) or "u&" in said.lower():
        return "raw SQL with comments, escapes or several statements cannot be judged"
    named = {word.lower() for word in re.findall(r"\w+", said)}
    guarded = named & columns.names()
    if guarded:
        return f"raw SQL names {', '.join(sorted(guarded))}, which holds personal data"
    if named & MAKE_SQL:
        return "raw SQL that runs other SQL cannot be judged"
    first = said.split(None, 1)[0].lower() if said else ""
    if first not in {"select", "insert", "update", "delete", "show"}:
        return f"raw SQL that begins with {first.upper() or 'nothing'} cannot be judged"
    return _unknown(_STRINGS.sub("''", said))


def _unknown(said: str) -> str | None:
    """A table or a function in a statement without strings that is not known to hold nobody's data."""
    if _OTHER_QUOTES.search(said):
        return "raw SQL with names in brackets or backticks cannot be judged"
    written = _PIECES.findall(said)
    pieces = [piece.strip('"').lower() for piece in written]
    # A name in quotes is never a word of the language, whatever it is spelled like.
    words = ["" if piece.startswith('"') else piece.lower() for piece in written]
    depth, listing = 0, set()  # depths of brackets at which a list of tables is open
    for at, word in enumerate(words):
        after = pieces[at + 1] if at + 1 < len(pieces) else ""
        opens = word in _BEFORE_TABLES or (word == "(" and depth in listing and _begins_table(words, at))
        if word == "(":
            depth += 1
        elif word == ")":
            listing.discard(depth)
            depth -= 1
        elif word in _AFTER_TABLES:
            listing.discard(depth)
        if word == "from" or (word == "(" and opens and words[at + 1 : at + 2] != ["select"]):
            listing.add(depth)
        if opens or (word == "," and depth in listing) or (word in {"in", "using"} and after != "("):
            table = pieces[at + 3] if after in _SCHEMAS and pieces[at + 2 : at + 3] == ["."] else after
            if words[at + 1 : at + 2] not in (["("], ["select"]) and not _known(table):
                return f"raw SQL names {table or 'a table'}, which is in no data map"
        if after == "(" and pieces[at].isidentifier() and pieces[at] not in _FUNCTIONS and not _known(pieces[at]):
            return f"raw SQL calls {pieces[at]}, which cannot be judged"
    return None


def _begins_table(words: list[str], at: int) -> bool:
    """Whether this bracket stands where a table would: a list of tables, or a query, is in it."""
    before = words[at - 1] if at else ""
    return before in {",", "("} or before in _BEFORE_TABLES


def _known(table: str) -> bool:
    return table in _CATALOGUE or table in columns.FREE_TABLES or table in columns.tables()
