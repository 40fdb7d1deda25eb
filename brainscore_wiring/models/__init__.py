"""Brain-Score model plugins: two folders register every row of the catalogue by its literal identifier."""
