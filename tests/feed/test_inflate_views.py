"""Somebody signed out cannot make a clip popular by asking again and again."""

from dataclasses import dataclass

from django.test import Client

from hustings.feed import pace


@dataclass(frozen=True)
class Look:
    clip: str


def test_one_address_counts_a_clip_so_often_and_no_more() -> None:
    again = [Look("7sXk2mPq9Zt")] * (pace.LOOKS + 30)
    assert len(pace.credible(again, "203.0.113.0")) == pace.LOOKS
    assert pace.credible(again, "203.0.113.0") == []
    assert pace.credible([Look("another1111")], "203.0.113.0")
    assert pace.credible(again[:1], "198.51.100.0")


def test_a_body_nested_too_deeply_is_refused(client: Client, db: None) -> None:
    for path in ("feed", "events"):
        answer = client.post(f"/api/v1/{path}", b"[" * 200_000, content_type="application/json")
        assert answer.status_code in {400, 422}, answer.content
        assert answer.json()["code"]
