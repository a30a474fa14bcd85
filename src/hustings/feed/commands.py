"""What the command line takes from the feed. Loads neither Django nor the database."""

from hustings.feed.learning import Learner
from hustings.lib.recommend.events import Recommender

RECOMMENDERS: tuple[type[Recommender], ...] = (Learner,)
