"""The cell and the gate: where this server keeps its data, and the only places it may connect to.

`cells` holds the deployment to its region, `hook` refuses what was not declared, `gate` is the one HTTP
client of our own code, `declared` gathers the list, `tally` counts. See docs/decisions/0013.
"""
