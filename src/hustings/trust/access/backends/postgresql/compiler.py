"""The compilers of Django's postgresql backend, guarded."""

from django.db.backends.postgresql import compiler as django

from hustings.trust.access.backends.compilers import GuardedCompiler


class SQLCompiler(GuardedCompiler, django.SQLCompiler):
    pass


class SQLInsertCompiler(GuardedCompiler, django.SQLInsertCompiler):
    pass


class SQLDeleteCompiler(GuardedCompiler, django.SQLDeleteCompiler):
    pass


class SQLUpdateCompiler(GuardedCompiler, django.SQLUpdateCompiler):
    pass


class SQLAggregateCompiler(GuardedCompiler, django.SQLAggregateCompiler):
    pass
