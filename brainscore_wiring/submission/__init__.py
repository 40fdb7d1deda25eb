"""Models as plugin folders that run in Brain-Score without this package, checked before they
leave.
"""

from __future__ import annotations
