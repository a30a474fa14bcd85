"""The default learner: what viewers watched in, a model without viewers out. NumPy and Numba, no Django, no PyTorch."""

from hustings.feed.learning.learner import Learner

__all__ = ["Learner"]
