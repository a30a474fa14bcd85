"""A public log in C2SP's formats, for those who write one and for those who check one.

Plain Python: no Django, no settings, no database. docs/formats/log.md is the description for outsiders.
"""
