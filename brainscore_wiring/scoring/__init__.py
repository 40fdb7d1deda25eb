"""Score one or many models on Brain-Score benchmarks, with what each number was measured on."""
