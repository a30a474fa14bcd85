"""The JSON API of trust, gathered from its rooms."""

from hustings.trust.rights.routes import router

__all__ = ["router"]
