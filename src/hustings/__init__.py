"""Hustings: a short-video platform that a public body can say yes to."""

__version__ = "0.1.0"
