"""Django's compilers with the guard before them. In *service* they cost one look at a variable."""

from typing import Any

from hustings.trust.access import guard
from hustings.trust.scopes import SERVICE, current


class GuardedCompiler:
    """Mixed in before each of Django's compilers; a statement outside service is judged before it is sent."""

    def execute_sql(self, *args: Any, **kwargs: Any) -> Any:
        execute: Any = super().execute_sql  # type: ignore[misc]  # Django's compiler stands behind
        if current() is SERVICE:
            return execute(*args, **kwargs)
        with guard.executing():
            return execute(*args, **kwargs)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        make: Any = super().as_sql  # type: ignore[misc]  # as above
        if current() is SERVICE:
            return make(*args, **kwargs)
        return guard.observed(self, lambda: make(*args, **kwargs))
