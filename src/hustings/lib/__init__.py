"""Plain Python that every domain may use: nothing here knows Django."""
