"""Verbs of the command line, a file for each room that has some."""
