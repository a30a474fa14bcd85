"""The form of every benchmark's answer, and what it was measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def result(name: str, figures: dict[str, float | int], config: dict[str, Any]) -> dict[str, Any]:
    """`{"name", "figures", "config", "machine", "at"}`, as `hustings bench --json` prints it."""
    return {
        "name": name,
        "figures": figures,
        "config": config,
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def machine() -> str:
    """The processor, how many of its cores are ours, memory, system and Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{_processor()}, {cores} cores, {memory} GiB, {system}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
