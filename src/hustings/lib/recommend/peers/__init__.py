"""Other people's methods to measure ours against: simple ones written here, the rest from well-kept libraries."""

from hustings.lib.recommend.events import Recommender
from hustings.lib.recommend.peers.ease import DecayedEase, Ease
from hustings.lib.recommend.peers.libraries import ImplicitAls, IrspackAls, SasRec
from hustings.lib.recommend.peers.neighbours import Bm25Neighbours, ItemNeighbours, TfIdfNeighbours
from hustings.lib.recommend.peers.popularity import Popularity, RecentPopularity

PEERS: tuple[type[Recommender], ...] = (
    Popularity,
    RecentPopularity,
    ItemNeighbours,
    TfIdfNeighbours,
    Bm25Neighbours,
    Ease,
    DecayedEase,
    IrspackAls,
    ImplicitAls,
    SasRec,
)
