"""Which batch-norm statistics the authors' networks were scored with, and what that makes of the
gain at birth: the numbers and figures of docs/batch_norm.md.
"""
