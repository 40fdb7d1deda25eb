"""Model cards: one page of Markdown for each model. Needs neither torch nor Brain-Score."""
