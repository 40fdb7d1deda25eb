"""Brain-Score model plugins.

Two folders register every row of the catalogue by its literal identifier.
"""
