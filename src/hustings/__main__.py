"""`python -m hustings` is `hustings`."""

from hustings.site.cli import main

main()
