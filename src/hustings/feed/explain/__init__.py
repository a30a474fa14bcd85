"""Why a clip is on the page: the code's own reasons, read from what brought it and what decided."""

from hustings.feed.explain.reasons import Explain, Reason

__all__ = ["Explain", "Reason"]
