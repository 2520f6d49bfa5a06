"""The kernel of a saga by choreography: event, record, table, step, recovery. It knows no business."""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Python searches for garbage after every 700 new objects. Importing makes 120,000 that stay: that search was a
    # seventh of a cold start (docs/benchmarks.md).
    gc.set_threshold(200_000)
