"""Figure 1 from our own trainings: the numbers, verdicts and pictures of docs/development.md."""
