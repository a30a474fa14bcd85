"""Which places may be reached, and which stores may be used: pure decisions, no clock, no disk, no network."""

import ipaddress
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,31}")
# As fideslang writes data categories: `user.contact.email`, `system.operations`.
_CATEGORY = re.compile(r"(?:user|system)(?:\.[a-z_]+)*")
_TOML_KEYS = frozenset({"host", "port", "purpose", "purpose_cy", "categories", "region", "transfer", "private"})


@dataclass(frozen=True, slots=True)
class Destination:
    """One place that may be reached by TCP: `host` (a name or an address) and `port`, nothing wider.

    `purpose` is a sentence, or a key of the back office's words (`trust.egress.mail`). `categories` are
    the data categories (fideslang) that what we send may hold; empty: nothing about anybody. `region` is
    where the place is. `transfer` is the legal ground on which data about people leaves the cell's region,
    empty where none does. `private` allows a name to stand for an address that is not public. `measured` is
    how traffic is counted: `kernel` (connections and bytes) or `connections` (a C library opens them).
    `because` is who put it on the list: a setting, or the module that declares it.
    """

    host: str
    port: int
    purpose: str
    region: str
    categories: tuple[str, ...] = ()
    purpose_cy: str = ""
    transfer: str = ""
    private: bool = False
    measured: str = "kernel"
    because: str = ""

    @property
    def place(self) -> str:
        """`host:port`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def personal(self) -> bool:
        """Whether what is sent there may be about people."""
        return any(category.split(".")[0] == "user" for category in self.categories)

    @property
    def address(self) -> Address | None:
        """The address, where the host is one; None for a name."""
        return as_address(self.host)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that may be started: the file's name, or its whole path. `purpose` as in `Destination`."""

    name: str
    purpose: str
    region: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """One of the stores that make up a cell.

    `kind` is database, media, backup, keys or mail, `name` the words for it; `where` says for the operator where
    it is, without secrets;
    `declared` is what its setting says (empty: nothing); `elsewhere` is whether it is on another machine.
    """

    kind: str
    name: str
    where: str
    variable: str
    declared: str
    elsewhere: bool

    def region(self, cell_region: str) -> str:
        """What is on this machine is where the cell is."""
        return self.declared or ("" if self.elsewhere else cell_region)


def as_address(host: str) -> Address | None:
    """The address that `host` is, an IPv4 address in IPv6's clothes undressed; None when it is a name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by address or by the name that always means it."""
    address = as_address(host)
    return host.rstrip(".").lower() == "localhost" or (address is not None and address.is_loopback)


def is_public(address: Address) -> bool:
    """Whether the address is one of the open Internet: not private, not link-local, not for documentation."""
    return address.is_global and not address.is_multicast


def store_faults(cell: str, region: str, stores: Iterable[Store]) -> dict[str, str]:
    """Setting to sentence, for each that keeps the cell from starting; all at once."""
    faults = {}
    if not _SLUG.fullmatch(cell):
        faults["HUSTINGS_CELL"] = f"HUSTINGS_CELL is {cell!r}: use small letters, digits and hyphens, such as `uk`."
    if not _SLUG.fullmatch(region):
        faults["HUSTINGS_REGION"] = (
            f"HUSTINGS_REGION is {region!r}: use small letters, digits and hyphens, such as `uk`."
        )
    for store in stores:
        if not store.region(region):
            faults[store.variable] = (
                f"The {store.name} is at {store.where}, which is another machine: "
                f"say with {store.variable} in which region that is."
            )
        elif store.region(region) != region:
            faults[store.variable] = (
                f"The {store.name} at {store.where} is in region {store.region(region)}, "
                f"but the cell {cell} keeps its data in {region}."
            )
    return faults


def destination_faults(region: str, destinations: Iterable[Destination]) -> dict[str, str]:
    """Place to sentence, for each destination that may not be on the list as it stands."""
    faults = {}
    for known in destinations:
        if not known.region:
            faults[known.place] = f"{known.place}: say in which region it is."
        elif known.personal and known.region != region and not known.transfer:
            faults[known.place] = (
                f"{known.place} is in region {known.region} and gets data about people "
                f"({', '.join(known.categories)}), but this cell keeps its data in {region}. "
                f"Choose a place in {region}, or name in `transfer` "
                "the legal ground on which the data leaves."
            )
    return faults


def read_list(text: str) -> tuple[list[Destination], dict[str, str]]:
    """The operator's TOML: destinations, and place or line to sentence for what is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        return [], {"file": f"it is not TOML: {fault}."}
    entries = document.pop("destination", [])
    faults = {key: f"`{key}` is not known; entries are `[[destination]]`." for key in document}
    if not isinstance(entries, list):
        return [], {**faults, "destination": "write `[[destination]]`, with two brackets."}
    found = []
    for number, entry in enumerate(entries, 1):
        wrong = _entry_faults(entry)
        if wrong:
            faults[f"destination {number}"] = f"destination {number}: {' '.join(wrong)}"
        else:
            found.append(Destination(**{**entry, "categories": tuple(entry["categories"])}, because="HUSTINGS_EGRESS"))
    return found, faults


def _entry_faults(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["write `[[destination]]`, with two brackets."]
    wrong = [f"`{key}` is not known." for key in entry.keys() - _TOML_KEYS]
    host, port, categories = entry.get("host"), entry.get("port"), entry.get("categories")
    if not isinstance(host, str) or not (as_address(host) or _NAME.fullmatch(host)):
        wrong.append("`host` must be one host name in small letters, or one address; no patterns, no address ranges.")
    if type(port) is not int or not 0 < port < 65536:
        wrong.append("`port` must be a number from 1 to 65535.")
    if not isinstance(categories, list) or not all(isinstance(c, str) and _CATEGORY.fullmatch(c) for c in categories):
        wrong.append('`categories` must be a list such as ["user.contact.email"]; [] for nothing about anybody.')
    if not isinstance(entry.get("region"), str) or not _SLUG.fullmatch(entry["region"]):
        wrong.append("`region` must say where the place is, such as `uk`.")
    if not isinstance(entry.get("purpose"), str) or not entry["purpose"].strip():
        wrong.append("`purpose` must say, to the public, what for.")
    wrong += [
        f"`{key}` must be a sentence."
        for key in ("purpose_cy", "transfer")
        if key in entry and not isinstance(entry[key], str)
    ]
    if not isinstance(entry.get("private", False), bool):
        wrong.append("`private` must be true or false.")
    return wrong


# --- What may be started ----------------------------------------------------------------------------------

# Programs whose purpose is to reach other machines: refused even where programs need no declaration.
_REACHING_OUT = """
aria2c aws axel azcopy curl dig doggo fetch ftp gcloud gsutil host http https lftp links lynx mail mailx mosh mutt nc
ncat netcat nslookup ping rclone restic rsh rsync s3cmd scp sendmail sftp smbclient socat ssh telnet tftp tor torsocks
traceroute w3m wget xh
"""
REACHING_OUT = frozenset(_REACHING_OUT.split())
_GIT = "cat-file describe diff hash-object log ls-files ls-tree rev-list rev-parse show status version"
_GIT_LOCAL = frozenset(_GIT.split())
_GIT_PLAIN = frozenset({"--no-pager", "--no-optional-locks", "--literal-pathspecs", "--version"})
_FFMPEG = re.compile(r"ffmpeg(?:-[\w.-]+)?|ffprobe")
# Programs that start another one, with their options whose value is a word of its own.
_LAUNCHERS = {
    "setpriv": frozenset({"--pdeathsig"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "ionice": frozenset({"-c", "--class", "-n", "--classdata"}),
    "timeout": frozenset({"-k", "--kill-after", "-s", "--signal"}),
    "prlimit": frozenset[str](),
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
}
_LOCAL_PROTOCOLS = frozenset({"file", "pipe", "fd"})
_PIPES = frozenset({"-", "pipe:", "pipe:0"})
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_NETWORK_SCHEME = re.compile(
    r"(?:rtmp[a-z]*|rtsp|rtp|srtp|udp|udplite|tcp|tls|https?|httpproxy|ftp|sftp|srt|sctp|mms[a-z]*|gopher|icecast|"
    r"ipfs|ipns|unix|amqp|zmq|libssh|async|cache|crypto|hls|concatf?|subfile|tee):",
    re.IGNORECASE,
)


def program_fault(
    arguments: Sequence[str], *, own_python: str, ffmpeg: str, declared: Iterable[Program], development: bool
) -> str | None:
    """Why a command may not be started, None when it may.

    Allowed are: what a room or the operator declared by name, our own Python with one of our own modules,
    FFmpeg with nothing but local inputs and outputs, and git's local verbs. In development everything local.
    """
    while arguments and PurePath(arguments[0]).name in _LAUNCHERS and (launched := _launched(arguments)):
        arguments = launched
    if not arguments or any(program.name in {PurePath(arguments[0]).name, arguments[0]} for program in declared):
        return None
    name, fault = PurePath(arguments[0]).name, None
    if name in _LAUNCHERS:
        fault = f"what `{name}` would start cannot be told"
    elif name in REACHING_OUT:
        fault = f"`{name}` reaches other machines, and is not declared"
    elif name == PurePath(ffmpeg).name or _FFMPEG.fullmatch(name):
        fault = ffmpeg_fault(arguments[1:], development=development)
    elif name == "git":
        # Not past an option: some name a program of their own, as pager or in place of git's.
        verb = next((word for word in arguments[1:] if word not in _GIT_PLAIN), "version")
        fault = None if verb in _GIT_LOCAL else f"`git {verb}` may reach other machines"
    elif not development and name == PurePath(own_python).name:
        fault = None if _is_ours(arguments[1:]) else "Python may only be started with a module of Hustings"
    elif not development:
        fault = f"the program `{name}` is not declared"
    return fault


def _launched(arguments: Sequence[str]) -> Sequence[str]:
    """What `setpriv --x -- PROGRAM …` and its like start: the first word that is neither option nor an option's value.

    Nothing is left where that cannot be told, as of `env --split-string='curl …'`.
    """
    valued = _LAUNCHERS[PurePath(arguments[0]).name]
    words = list(arguments[1:])
    while words and words[0] != "--" and not words[0].startswith(("-S", "--s=", "--sp")):
        if words[0] in valued:
            words.pop(0)
        elif not (words[0].startswith("-") or "=" in words[0] or re.fullmatch(r"[\d.]+[smhd]?", words[0])):
            return words
        del words[:1]
    return words[1:] if words[:1] == ["--"] else []


def _is_ours(words: Sequence[str]) -> bool:
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c"}:
        words = words[2 if words[0] in {"-X", "-W"} else 1 :]
    if len(words) < 2:
        return False
    if words[0] == "-m":
        return words[1] == "hustings" or words[1].startswith("hustings.")
    return words[0] == "-c" and words[1].startswith("from multiprocessing.")


def ffmpeg_fault(words: Sequence[str], *, development: bool = False) -> str | None:
    """Why FFmpeg with these arguments could reach the network; None when it cannot.

    No argument may name an address of the network, and each input but a pipe or a drawn picture needs a
    whitelist of local protocols before it, because a file may name addresses too. Development does without
    the whitelist: tests read what they have just made.
    """
    whitelisted = False
    for before, word in zip(("", *words), words, strict=False):
        if before == "-protocol_whitelist":
            whitelisted = frozenset(word.split(",")) <= _LOCAL_PROTOCOLS
            if not whitelisted:
                return f"FFmpeg is given the protocols {word}"
        elif before == "-i":
            plain = word in _PIPES or "lavfi" in words or development
            if not whitelisted and (not plain or _is_address(word)):
                return "FFmpeg has an input without a protocol whitelist"
            whitelisted = False
        elif _is_address(word):
            return f"FFmpeg is given an address: {word[:40]}"
    return None


def _is_address(word: str) -> bool:
    return _SCHEME.search(word) is not None or _NETWORK_SCHEME.match(word) is not None


def merged(derived: Iterable[Destination], added: Iterable[Destination]) -> list[Destination]:
    """One list, by place. The operator's entry completes a derived one: its transfer, region and sentence count."""
    found = {known.place: known for known in derived}
    for extra in added:
        known = found.get(extra.place)
        if known is not None:
            extra = Destination(  # noqa: PLW2901 - the completed one
                host=known.host,
                port=known.port,
                purpose=extra.purpose,
                purpose_cy=extra.purpose_cy,
                region=extra.region,
                categories=tuple(sorted({*known.categories, *extra.categories})),
                transfer=extra.transfer,
                private=known.private or extra.private,
                measured=known.measured,
                because=f"{known.because}, {extra.because}",
            )
        found[extra.place] = extra
    return [found[place] for place in sorted(found)]


def canonical(destinations: Iterable[Destination]) -> list[dict[str, object]]:
    """The list as it is published and logged: every fact, no sentence's wording left out, in a fixed order."""
    return [
        {
            "host": known.host,
            "port": known.port,
            "purpose": known.purpose,
            "region": known.region,
            "categories": list(known.categories),
            "transfer": known.transfer,
        }
        for known in sorted(destinations, key=lambda known: known.place)
    ]


def differences(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """(added, removed) places."""
    old, new = set(before), set(after)
    return sorted(new - old), sorted(old - new)
