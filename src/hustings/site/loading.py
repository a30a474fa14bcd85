"""How a verb loads the server: its settings, its domains, and on whose behalf it reads from then on.

Apart from `cli`, so that each verb can name it, and so that there is one of it however the command was started.
"""

import os

import typer

# On whose behalf each verb reads (trust/scopes.py). These compute for people or for the operator and print nothing
# about anybody but whom the command names; `tests/trust/access/test_every_entrance.py` tries them. A verb that is
# not here is closed: it finds what is personal shut, and fails with a sentence.
SERVICE = frozenset(
    [
        "migrate",
        "serve",
        "worker",
        "check",
        "settings",
        "openapi",
        "demo",
        "account",
        "bench",
        "evaluate",
        "receipt",
        "datamap",
        "egress",
        "keys",
        "backup",
        "restore",
        "export",
        "import",
        "staff",
        "access",
    ]
)

_context: typer.Context | None = None


def begin(context: typer.Context) -> None:
    """Which verb it is, for `load`: whoever loads nothing of the server needs no scope."""
    global _context  # noqa: PLW0603 - a process runs one verb
    _context = context
    # A scope opened in a context that has ended would never be left: tests run many verbs in one process.
    context.call_on_close(_end)


def load(**unless_set: str) -> None:
    """Load the settings and the domains; a wrong setting ends here with a sentence.

    `unless_set` are settings for where the environment names none; processes that the verb starts have them too.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    for name, value in unless_set.items():
        os.environ.setdefault(name, value)
    import django

    from hustings.site.environment import SettingError

    try:
        django.setup()
    except SettingError as fault:
        typer.echo(f"hustings: {fault}. All settings: docs/operate/settings.md", err=True)
        raise typer.Exit(2) from None
    _scoped()


def _scoped() -> None:
    """The rest of the verb runs as the product at work when it is one of SERVICE; Django's own commands never do."""
    from hustings.trust.api import closed, service

    if _context is not None:  # else a test or a script called, which has a scope of its own
        _context.with_resource(service() if _context.invoked_subcommand in SERVICE else closed())


def _end() -> None:
    global _context  # noqa: PLW0603 - as above
    _context = None
