"""Settings are read in one place, refuse what is wrong, and are all documented."""

from pathlib import Path

import pytest

from hustings.site import environment
from hustings.site.environment import DECLARED, SettingError

ROOT = Path(__file__).parents[2]


def test_the_operators_page_is_what_the_command_prints() -> None:
    page = (ROOT / "docs" / "operate" / "settings.md").read_text()
    assert environment.as_markdown() in page, "run: hustings settings, and put its table into docs/operate/settings.md"


def test_only_settings_py_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if "os.environ" in (text := path.read_text()) and 'os.environ.setdefault("DJANGO_SETTINGS_MODULE"' not in text
    }
    assert readers <= {"src/hustings/site/environment.py", "src/hustings/site/settings.py", *SUBPROCESSES}


# These hand the environment on to a child process; they do not read settings from it.
SUBPROCESSES = {
    "src/hustings/demo/run.py",
    "src/hustings/demo/render.py",
    "src/hustings/lib/ffmpeg/limits.py",
    # An outsider's command has no settings; where it remembers logs is the desktop's own convention (XDG).
    "src/hustings/site/verbs/log.py",
}


def test_every_setting_says_what_it_is_for() -> None:
    assert DECLARED
    for setting in DECLARED.values():
        assert setting.about.endswith("."), setting.name


def test_a_number_that_is_none_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUSTINGS_TEST_LIMIT", "many")
    with pytest.raises(SettingError, match="HUSTINGS_TEST_LIMIT: 'many' is not a whole number"):
        environment.integer("TEST_LIMIT", 1, "For this test.")
    DECLARED.pop("HUSTINGS_TEST_LIMIT")


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("open sesame\n")
    monkeypatch.setenv("HUSTINGS_TEST_KEY_FILE", str(tmp_path / "key"))
    assert environment.text("TEST_KEY", "", "For this test.") == "open sesame"
    monkeypatch.setenv("HUSTINGS_TEST_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingError, match="HUSTINGS_TEST_KEY_FILE: cannot read"):
        environment.text("TEST_KEY", "", "For this test.")
    DECLARED.pop("HUSTINGS_TEST_KEY")


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("yes", True), ("OFF", False), ("", False)])
def test_switches(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("HUSTINGS_TEST_SWITCH", value)
    assert environment.switch("TEST_SWITCH", default=not meant, about="For this test.") is meant
    monkeypatch.setenv("HUSTINGS_TEST_SWITCH", "perhaps")
    with pytest.raises(SettingError, match="neither on nor off"):
        environment.switch("TEST_SWITCH", default=True, about="For this test.")
    DECLARED.pop("HUSTINGS_TEST_SWITCH")
