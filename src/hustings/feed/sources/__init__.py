"""Where candidates come from, in the order in which they are asked."""

from hustings.feed.sources.everything import Everything
from hustings.feed.sources.explore import Explore
from hustings.feed.sources.following import Following
from hustings.feed.sources.fresh import Fresh
from hustings.feed.sources.popular import PopularDay, PopularWeek
from hustings.feed.sources.similar import Similar

SOURCES = (Following(), Similar(), PopularDay(), PopularWeek(), Fresh(), Explore())
RESERVE = (Everything(),)
