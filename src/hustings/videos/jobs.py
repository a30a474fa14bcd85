"""What the worker runs for this domain: tasks by name from the queue, sweeps by the clock."""

from hustings.videos.sweeps import SWEEPS
from hustings.videos.tasks import encode, encode_av1, examine, redo_cover, remove_files

__all__ = ["SWEEPS", "encode", "encode_av1", "examine", "redo_cover", "remove_files"]
