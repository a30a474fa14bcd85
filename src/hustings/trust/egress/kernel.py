"""The same list for the kernel, which sees what a Python hook cannot: C libraries and child processes.

Printed, never applied: rules of a machine are its operator's. Names are resolved when it is printed, because
a packet filter knows addresses only; run it again when an address changes.
"""

import re
from pathlib import Path

from django.conf import settings

from hustings.lib import clock
from hustings.trust.egress import changes, declared, hook, rules
from hustings.trust.egress.rules import Address, Destination

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def nftables(user: str) -> str:
    """A table for `nft -f`: what the system user `user` may reach. Loading it again replaces it."""
    if not _USER.fullmatch(user):
        raise ValueError(user)
    lines = [
        "#!/usr/sbin/nft -f",
        f"# Where the Hustings cell {settings.CELL} ({settings.REGION}) may connect to, as the system user {user}.",
        f"# Printed by `hustings egress nftables` on {clock.now():%Y-%m-%d}; list {changes.fingerprint()[:16]}.",
        "table inet hustings_egress",
        "delete table inet hustings_egress",
        "table inet hustings_egress {",
        "  chain output {",
        "    type filter hook output priority filter; policy accept;",
        f'    meta skuid != "{user}" accept',
        '    ct state established,related accept comment "answers to those who asked us"',
    ]
    known = declared.destinations()
    if any(one.address is None and not rules.is_loopback(one.host) for one in known):
        lines += ["    # name servers, by /etc/resolv.conf"]
        for protocol in ("udp", "tcp"):
            lines += _accept(_name_servers(), protocol, 53)
    for one in known:
        lines.append(f"    # {one.place}: {changes.sentence(one, 'en')[0].splitlines()[0]}")
        lines += _accept(addresses(one), "tcp", one.port)
    return "\n".join([*lines, "    counter reject with icmpx admin-prohibited", "  }", "}", ""])


def systemd() -> str:
    """A drop-in for both units. Addresses only: systemd does not know ports."""
    lines = [
        f"# Where the Hustings cell {settings.CELL} ({settings.REGION}) may connect to, and be reached from.",
        f"# Printed by `hustings egress systemd` on {clock.now():%Y-%m-%d}; list {changes.fingerprint()[:16]}.",
        "[Service]",
        "IPAddressDeny=any",
        "IPAddressAllow=localhost",
    ]
    known = declared.destinations()
    names = any(one.address is None and not rules.is_loopback(one.host) for one in known)
    every = {*(_name_servers() if names else []), *(ip for one in known for ip in addresses(one))}
    lines += [f"IPAddressAllow={ip}" for ip in sorted(every, key=str) if not ip.is_loopback]
    return "\n".join([*lines, "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK", ""])


def addresses(known: Destination) -> list[Address]:
    """The addresses a destination stands for now and may lead to; empty when its name does not resolve."""
    if known.address is not None:
        return [known.address]
    try:
        found = hook.look_up(known.host, known.port)
    except OSError:
        return []
    return [ip for ip in found if known.private or rules.is_public(ip)]


def _accept(ips: list[Address], protocol: str, port: int) -> list[str]:
    if not ips:
        return ["    # its name does not resolve now: nothing is let through for it"]
    lines = []
    for version, word in ((4, "ip"), (6, "ip6")):
        some = ", ".join(str(ip) for ip in ips if ip.version == version)
        if some:
            lines.append(f"    {word} daddr {{ {some} }} {protocol} dport {port} counter accept")
    return lines


def _name_servers() -> list[Address]:
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    found = (rules.as_address(word[1]) for word in words if len(word) > 1 and word[0] == "nameserver")
    return sorted({ip for ip in found if ip is not None}, key=str)
