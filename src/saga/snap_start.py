"""Reseed `random` when Lambda SnapStart restores an environment.

`random` is seeded when it is imported, so all environments that are restored from one snapshot draw the same numbers.
The retries of botocore and tenacity draw their jitter from it: environments that collide once would collide at each
retry. Whatever else has to be unique comes from the operating system after the restore, such as the bits of
`uuid4` (AWS Lambda Developer Guide, "Handling uniqueness with Lambda SnapStart").
"""

import random

try:
    # Part of Lambda's managed runtimes from Python 3.12 on, and found nowhere else.
    from snapshot_restore_py import register_after_restore  # type: ignore[import-not-found]
except ModuleNotFoundError:
    pass
else:
    register_after_restore(random.seed)
