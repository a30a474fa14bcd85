"""`hustings datamap`: what is held about people, for people and for other tools."""

import json
from typing import Annotated

import typer

from hustings.site import loading

app = typer.Typer(help="What is held about people: why, for how long, who reads it. See docs/formats/datamap.md.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Fides = Annotated[bool, typer.Option("--fides", help="Print YAML in fideslang, for privacy tools.")]
Play = Annotated[bool, typer.Option("--play-csv", help="Print Google Play's Data safety form.")]
Apple = Annotated[bool, typer.Option("--apple", help="Print Apple's PrivacyInfo.xcprivacy.")]
Topic = Annotated[str, typer.Option(help="Only this topic, such as `watching`.")]
Lang = Annotated[str, typer.Option(help="en or cy.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only what is past its time; 1 when there is any.")]


@app.callback(invoke_without_command=True)
def datamap(
    *,
    as_json: Json = False,
    fides: Fides = False,
    play_csv: Play = False,
    apple: Apple = False,
    topic: Topic = "",
    lang: Lang = "en",
    overdue: Overdue = False,
) -> None:
    """Print the data map: every column about a person."""
    loading.load()
    from hustings.trust.api import data_map_forms, data_map_lines, data_map_overdue

    forms = data_map_forms()
    if as_json:
        typer.echo(json.dumps(json.loads(forms["json"]()), ensure_ascii=False))
    elif fides:
        typer.echo(forms["fides.yml"]().decode(), nl=False)
    elif play_csv:
        typer.echo(forms["play.csv"]().decode(), nl=False)
    elif apple:
        typer.echo(forms["xcprivacy"]().decode(), nl=False)
    elif overdue:
        late = data_map_overdue()
        for name, count in late:
            typer.echo(f"{name}: {count} rows past their time")
        if not late:
            typer.echo("Nothing is past its time.")
        raise typer.Exit(1 if late else 0)
    else:
        _table(data_map_lines(topic, lang), topic)


def _table(lines: list[tuple[str, str, str, str, str]], topic: str) -> None:
    from rich.console import Console
    from rich.table import Table

    if not lines:
        typer.echo(f"hustings datamap: nothing is held under {topic!r}; without --topic it lists every one.", err=True)
        raise typer.Exit(2)
    table = Table("topic", "column", "what for", "kept", "who can see it", title_justify="left")
    for line in lines:
        table.add_row(*line)
    Console().print(table)
