"""The feed's pipeline: which stages, in which order. The stages are the folders beside."""

from collections.abc import Sequence

from hustings.feed.candidates import Candidates, merge
from hustings.feed.explain import Explain, Reason
from hustings.feed.filters import FILTERS
from hustings.feed.pipeline import Pipeline
from hustings.feed.query import Query
from hustings.feed.ranker import Ranker, Score
from hustings.feed.ranker.linear import Linear
from hustings.feed.sources import RESERVE, SOURCES
from hustings.feed.spread import Spread

Feed = Pipeline[Query, Candidates, Sequence[Reason]]


def feed(ranker: Ranker | None = None) -> Feed:
    """The pipeline with a ranker of one's choice."""
    return Pipeline(
        sources=SOURCES,
        reserve=RESERVE,
        merge=merge,
        filters=FILTERS,
        scorer=Score(ranker or Linear()),
        selector=Spread(),
        explainer=Explain(),
    )


FEED = feed()
