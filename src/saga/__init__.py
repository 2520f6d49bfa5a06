"""The kernel of a saga by choreography: event, record, table, step, recovery. It knows no business."""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Python searches for garbage after every 700 new objects. Importing makes 100,000 that stay: 40 searches in vain.
    gc.set_threshold(200_000)
    # Here, where few imports are under way: Python 3.11 and 3.12 slow down where imports are nested deeper than one
    # chunk of their stack holds (CPython issue 142183), and boto3's alone go fifteen deep.
    import boto3  # noqa: F401
