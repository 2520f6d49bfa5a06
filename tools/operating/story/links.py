"""Links into the AWS console: to a query over the logs, and to a trace.

The console's own form of a query in a URL is written down nowhere by AWS: it is what the console puts into the address
line. An object is `~(name~value~…)`, a list `~(~value~…)`, a text begins with `'`, and in it every character that is
not a letter, a digit, `-`, `_` or `.` is `*` and its code.
"""

from datetime import datetime

from saga.clock import iso


def logs(region: str, group: str, query: str, since: datetime, until: datetime) -> str:
    """Return the link to a CloudWatch Logs Insights query over a log group, between two times."""
    detail = "~".join(
        [
            f"end~'{_text(iso(until))}",
            f"start~'{_text(iso(since))}",
            "timeType~'ABSOLUTE",
            "tz~'UTC",
            f"editorString~'{_text(query)}",
            f"source~(~'{_text(group)})",
        ]
    )
    return f"{_cloudwatch(region)}#logsV2:logs-insights$3FqueryDetail$3D~({detail})"


def trace(region: str, trace_id: str) -> str:
    """Return the link to an X-Ray trace."""
    return f"{_cloudwatch(region)}#xray:traces/{trace_id}"


def _cloudwatch(region: str) -> str:
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"


def _text(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else f"*{ord(sign):02x}" for sign in text)
