"""`hustings evaluate`: how good recommenders are on a data set, beside peers. Needs no database and no settings."""

import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hustings.lib.recommend.evaluating import Result
    from hustings.lib.recommend.events import Recommender
    from hustings.lib.recommend.questions import Task

BESIDE = Path(__file__).parents[5] / "shared" / "data"  # beside the source tree

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Within = "Within DATASET: "


def evaluate(
    dataset: Annotated[str, typer.Argument(help="kuairec, ml-1m, ml-100k, simulated, or a folder of your own.")],
    *,
    events: Annotated[str, typer.Option(help=f"{Within}the log, CSV or Parquet.")] = "",
    split: Annotated[str, typer.Option(help="How to cut --events: leave-one-out or time.")] = "leave-one-out",
    train: Annotated[str, typer.Option(help=f"{Within}with --valid and --test, a fixed split.")] = "",
    valid: Annotated[str, typer.Option(help=f"{Within}what parameters are tuned on.")] = "",
    test: Annotated[str, typer.Option(help=f"{Within}what is reported.")] = "",
    candidates: Annotated[str, typer.Option(help=f"{Within}viewer and video: rank only what was shown.")] = "",
    positive: Annotated[float, typer.Option(min=0, help="From which watched share on a video was wanted.")] = 0.5,
    k: Annotated[list[int] | None, typer.Option("--k", min=1, help="Lengths of lists; may be repeated.")] = None,
    models: Annotated[str, typer.Option(help="Only these, with commas between; --models list names all.")] = "",
    budget: Annotated[int, typer.Option(min=1, help="Trials of parameters for each model, on the validation.")] = 6,
    seeds: Annotated[int, typer.Option(min=1, help="Fits of models that depend on chance.")] = 1,
    viewers: Annotated[int, typer.Option(min=0, help="Test at most so many viewers, drawn by chance; 0 is all.")] = 0,
    data: Annotated[Path, typer.Option(envvar="HUSTINGS_DATA", help="Where public data sets lie.")] = Path("var"),
    plots: Annotated[str, typer.Option(help="A folder for plots as SVG.")] = "",
    fetch: Annotated[bool, typer.Option("--fetch", help="Download MovieLens into HUSTINGS_DATA with pip.")] = False,
    as_json: Json = False,
) -> None:
    """Quality on a data set, beside peers: docs/develop/evaluate.md has protocols, forms and what was measured.

    Ends with 2 when the data set is missing or cannot be used.
    """
    from hustings.lib.recommend import reporting
    from hustings.lib.recommend.errors import RecommendError
    from hustings.lib.recommend.evaluating import Plan
    from hustings.lib.recommend.evaluating import evaluate as run

    known = recommenders()
    if models == "list":
        for one in known:
            typer.echo(one.name)
        return
    named = {"events": events, "train": train, "valid": valid, "test": test, "candidates": candidates}
    try:
        chosen = _chosen(known, models)
        task = _task(dataset, named, split, positive, data, fetch=fetch)
        if viewers:
            task = replace(task, test=task.test.sample(viewers, seed=0))
        plan = Plan(ks=tuple(sorted(set(k or (10, 20, 50)))), budget=budget, seeds=seeds)
        with redirect_stdout(sys.stderr):  # some libraries draw progress bars where our answer goes
            results, left = run(task, chosen, plan, _tell)
    except RecommendError as fault:
        for sentence in [fault.message, *(f"{where}: {why}" for where, why in fault.fields.items()), fault.hint]:
            typer.echo(f"hustings evaluate: {sentence}", err=True)
        raise typer.Exit(2) from None
    if plots and results:
        _draw(Path(plots), task.name, task.tune_by, results)
    if as_json:
        typer.echo(json.dumps(reporting.as_json(task, results, left, plan)))
    else:
        for line in reporting.as_table(task, results, left, plan):
            typer.echo(line)


def recommenders() -> list[type["Recommender"]]:
    """Every model that can be evaluated, ours first."""
    from hustings.feed.commands import RECOMMENDERS
    from hustings.lib.recommend.peers import PEERS

    return [*RECOMMENDERS, *PEERS]


def _task(dataset: str, named: dict[str, str], split: str, positive: float, data: Path, *, fetch: bool) -> "Task":
    """The data set, from HUSTINGS_DATA or the folder that people who develop share; or the operator's own files."""
    from hustings.lib.recommend import datasets
    from hustings.lib.recommend.datasets import movielens, own
    from hustings.lib.recommend.errors import BadDataError

    roots = [data, BESIDE]
    if fetch:
        if dataset not in movielens.SOURCES:
            raise BadDataError(f"--fetch knows {' and '.join(movielens.SOURCES)} alone.")
        movielens.fetch(dataset, roots[0])
    paths = {name: Path(value) if value else None for name, value in named.items()}
    if dataset in datasets.NAMES and any(paths.values()):
        raise BadDataError(f"{dataset} has files and a protocol of its own; --events and the like are for folders.")
    return datasets.load(dataset, roots, own.Files(split=split, positive=positive, **paths))


def _chosen(known: Sequence[type["Recommender"]], names: str) -> list[type["Recommender"]]:
    from hustings.lib.recommend.errors import BadDataError

    if not names:
        return [*known]
    by_name = {one.name: one for one in known}
    asked = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in asked if name not in by_name]
    if unknown or not asked:
        raise BadDataError(f"No model {', '.join(unknown) or names}.", hint=f"There are: {', '.join(by_name)}.")
    return [by_name[name] for name in asked]


def _tell(line: str) -> None:
    """What is being done, to who watches; programs read standard output alone."""
    if sys.stderr.isatty():
        typer.echo(line, err=True)


def _draw(folder: Path, name: str, metric: str, results: Sequence["Result"]) -> None:
    from hustings.lib.recommend import drawing

    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "fit-time": drawing.quality_against_time(results, metric, f"{name}: quality against time to fit"),
        "history": drawing.quality_against_history(results, metric, f"{name}: quality against length of history"),
    }
    for kind, picture in pictures.items():
        (folder / f"{name}-{kind}.svg").write_text(picture, encoding="utf-8")
