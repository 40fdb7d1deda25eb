"""Models as checked plugin folders that run in Brain-Score without this package."""
