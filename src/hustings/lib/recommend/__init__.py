"""Recommenders and how good they are: data sets, protocols, metrics, peers. Plain arrays; no Django, no database."""
