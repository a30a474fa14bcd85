"""The clips, by family. `ORDER` is the order of rendering: the first few show the range, then families take turns."""

from itertools import chain, zip_longest

from hustings.demo.clips import broadcaster, charts, explainers, fields, generative, kitchen, participation, people
from hustings.demo.spec import CLIPS

_FIRST = (
    "bill-becomes-law", "night-sky", "which-bin", "cat-of-circles", "library-race", "hiraeth", "flow-field",
    "headlines",    "phyllotaxis", "welsh-cakes", "register-to-vote", "starlings",
)  # fmt: skip
_FAMILIES = [
    [key for key, made in CLIPS.items() if made.scene.__module__ == family.__name__]
    for family in (explainers, generative, people, charts, fields, broadcaster, participation, kitchen)
]
_TURNS = chain.from_iterable(zip_longest(*_FAMILIES))
ORDER: tuple[str, ...] = (*_FIRST, *(key for key in _TURNS if key is not None and key not in _FIRST))

__all__ = ["CLIPS", "ORDER"]
