"""A demonstration one would really look at: a cast, clips with music, an audience, and one command."""
