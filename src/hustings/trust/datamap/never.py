"""What is never collected, and the tests that hold each claim: a claim without a test is not made.

Each is said in words under `trust.datamap.never_<id>`, and how it is held under `trust.datamap.held_<id>`. A
test checks that the named tests exist.
"""

from dataclasses import dataclass

WIRE = "web/e2e/test_wire.py"
HERE = "tests/trust/datamap/test_what_is_never_collected.py"


@dataclass(frozen=True)
class Claim:
    """One thing that is never collected, and the tests that fail when it is."""

    id: str
    tests: tuple[str, ...]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "contacts",
        (
            f"{WIRE}::test_only_declared_bytes_leave_the_browser",
            f"{HERE}::test_no_column_is_of_a_kind_that_is_never_held",
            f"{HERE}::test_the_client_uses_no_interface_that_would_tell",
        ),
    ),
    Claim(
        "location",
        (
            f"{WIRE}::test_only_declared_bytes_leave_the_browser",
            f"{HERE}::test_no_column_is_of_a_kind_that_is_never_held",
            f"{HERE}::test_the_browser_is_told_not_to_give_its_place",
        ),
    ),
    Claim(
        "typing",
        (f"{WIRE}::test_typing_sends_nothing", f"{WIRE}::test_only_declared_bytes_leave_the_browser"),
    ),
    Claim(
        "advertising_ids",
        (
            f"{WIRE}::test_only_declared_bytes_leave_the_browser",
            f"{HERE}::test_no_column_is_of_a_kind_that_is_never_held",
        ),
    ),
    Claim(
        "cross_site_cookies",
        (
            f"{WIRE}::test_only_declared_bytes_leave_the_browser",
            f"{WIRE}::test_an_embedded_clip_keeps_nothing",
            f"{HERE}::test_our_cookies_do_not_travel_to_or_from_other_sites",
        ),
    ),
    Claim(
        "fingerprint",
        (
            f"{WIRE}::test_the_client_does_not_look_at_the_device",
            f"{HERE}::test_the_client_uses_no_interface_that_would_tell",
            f"{HERE}::test_no_answer_asks_the_browser_for_more_about_the_device",
        ),
    ),
)
