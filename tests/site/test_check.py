"""`hustings check` says what is well and what is not, and what to do about it."""

from pathlib import Path
from typing import Any

import pytest

from hustings.site import health
from hustings.trust.api import announce_serving, log_data_map, log_egress_list


@pytest.mark.django_db
def test_a_good_installation_has_no_bad_finding_but_an_unbuilt_client() -> None:
    announce_serving()  # as `hustings migrate` does
    log_data_map()
    log_egress_list()
    bad = [f for f in health.examine() if f.bad and f.subject != "client"]
    assert not [f for f in bad if f.subject != "disk"], bad


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_is_found(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    finding = next(f for f in health.examine() if f.bad and f.subject == "disk")
    assert str(settings.MEDIA_ROOT) in finding.message
    assert finding.hint


@pytest.mark.django_db
def test_an_unbuilt_client_is_found(settings: Any, tmp_path: Path) -> None:
    settings.CLIENT_ROOT = tmp_path
    assert any(f.bad and f.subject == "client" and "make client" in f.hint for f in health.examine())


@pytest.mark.django_db
def test_ffmpeg_that_is_not_there_is_found(settings: Any) -> None:
    settings.FFMPEG = "/no/such/ffmpeg"
    assert any(f.bad and f.subject == "ffmpeg" and f.hint for f in health.examine())
