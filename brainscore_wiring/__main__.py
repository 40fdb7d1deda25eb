"""`python -m brainscore_wiring` is the `brainscore` command; torchrun starts it so: `torchrun ...
-m brainscore_wiring`.
"""

from brainscore_wiring.commands import main

main()
