"""From scored candidates to a page that one would like to watch in a row."""

from hustings.feed.spread.page import Spread

__all__ = ["Spread"]
