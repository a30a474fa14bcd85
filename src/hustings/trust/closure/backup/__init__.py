"""Backup and restore: snapshots of a cell in which everybody's rows and files are sealed under their own keys.

The keys lie elsewhere, as a mirror of the present. Erasing a key therefore erases the person from every backup there
is; a restore drops what no key opens, before anything is served.
"""
