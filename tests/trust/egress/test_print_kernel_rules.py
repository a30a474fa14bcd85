"""The kernel is given the same list, in rules that it takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hustings.trust.api import declare, egress_rules
from hustings.trust.egress import kernel, rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known(names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    names["a.example"] = ["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888"]
    names["dead.example"] = []
    declare("a.example", 443, purpose="To ask\nin two lines.", region="local")
    declare("127.0.0.1", 5433, purpose="To keep.")
    declare("2001:4860:4860::8844", 853, purpose="To ask.", region="local")
    declare("dead.example", 443, purpose="To ask.", region="local")
    server = rules.as_address("127.0.0.53")
    assert server is not None
    monkeypatch.setattr(kernel, "_name_servers", lambda: [server])


def test_the_table_lets_through_what_is_declared_and_rejects_the_rest() -> None:
    table = egress_rules(kind="nftables", user="hustings")
    assert "ip daddr { 8.8.4.4, 8.8.8.8 } tcp dport 443 counter accept" in table
    assert "ip6 daddr { 2001:4860:4860::8888 } tcp dport 443 counter accept" in table
    assert "ip6 daddr { 2001:4860:4860::8844 } tcp dport 853 counter accept" in table
    assert "ip daddr { 127.0.0.1 } tcp dport 5433 counter accept" in table
    assert "ip daddr { 127.0.0.53 } udp dport 53 counter accept" in table
    assert "its name does not resolve now" in table
    assert table.index("counter reject") > table.rindex("accept")
    assert "\nin two lines" not in table


def test_nft_takes_it(tmp_path: Path) -> None:
    nft = shutil.which("nft") or shutil.which("nft", path="/usr/sbin")
    if nft is None:
        pytest.skip("no nft: install Debian's `nftables` to have the rules read by the real program")
    path = tmp_path / "rules.nft"
    # The user of this machine, because nft looks the name up.
    path.write_text(egress_rules(kind="nftables", user="root"))
    done = subprocess.run([nft, "--check", "--file", str(path)], capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "Protocol not supported" in done.stderr:
        pytest.skip("nft may not ask this kernel: run as root to have the rules read by the real program")
    assert done.returncode == 0, done.stderr


def test_the_drop_in_names_addresses() -> None:
    unit = egress_rules(kind="systemd", user="")
    assert "IPAddressDeny=any" in unit
    assert "IPAddressAllow=8.8.8.8" in unit
    assert "IPAddressAllow=127.0.0.1" not in unit  # localhost covers it


@pytest.mark.parametrize("user", ["a b", 'x" accept; #', "", "Root"])
def test_a_name_that_is_none_of_a_user_never_gets_into_the_rules(user: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(user)}$"):
        egress_rules(kind="nftables", user=user)


def test_name_servers_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    path = tmp_path / "resolv.conf"
    path.write_text("# x\nsearch example\nnameserver 127.0.0.53\nnameserver\nnameserver fe80::1%eth0\noptions a\n")
    real = kernel.Path

    def there(name: str) -> Any:
        return path if name == "/etc/resolv.conf" else real(name)

    monkeypatch.setattr(kernel, "Path", there)
    assert [str(ip) for ip in kernel._name_servers()] == ["127.0.0.53", "fe80::1"]
