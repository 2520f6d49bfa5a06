"""Shells as people have them, and as nobody would wish them: what each exports, writes down, or lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PROXY = "http://127.0.0.1:9"
"""Nothing answers there: whoever asks it fails."""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "foreign", "AWS_SESSION_TOKEN": "foreign"}
FOREIGN_CONFIG = """\
[default]
region = ap-southeast-2
endpoint_url = http://127.0.0.1:9
output = yaml
ca_bundle = /nowhere.pem
retry_mode = nonsense
[profile work]
role_arn = arn:aws:iam::123456789012:role/nobody
source_profile = work
"""


@dataclass(frozen=True)
class Shell:
    """A shell: what it exports (None: what it does not even have), and what is in the home and in `.env`."""

    exports: Mapping[str, str | None] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    """Files by their paths."""
    env_file: str | bytes | None = None
    before: str = ""
    """What is typed before each command: a limit, a mask."""
    behind: str = ""
    """What is typed behind each command: where its streams go."""
    says: str | None = None
    """If nothing can go well in it: the one line that says what to do, as a pattern."""


SHELLS = {
    "an ordinary one": Shell(),
    # To the wrong place.
    "an empty endpoint": Shell({"AWS_ENDPOINT_URL": "", **KEYS}),
    "a foreign endpoint": Shell(
        {"AWS_ENDPOINT_URL": PROXY, "AWS_ENDPOINT_URL_DYNAMODB": PROXY, "AWS_ENDPOINT_URL_S3": PROXY}
    ),
    "foreign credentials": Shell(KEYS),
    "a profile that is not there": Shell({"AWS_PROFILE": "nobody", "AWS_DEFAULT_PROFILE": "nobody"}),
    "settings of another AWS": Shell(
        home={".aws/config": FOREIGN_CONFIG, ".aws/credentials": "[default]\naws_access_key_id = AKIA\n"}
    ),
    "broken settings of AWS": Shell(home={".aws/config": "[[[", ".aws/credentials": "\0"}),
    "settings of AWS elsewhere": Shell({"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/"}),
    "another region": Shell({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "sa-east-1"}),
    "no region at all": Shell({"AWS_REGION": "Europe"}),
    "a role by web identity": Shell(
        {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere"}
    ),
    "other habits of botocore": Shell(
        {
            "AWS_MAX_ATTEMPTS": "none",
            "AWS_RETRY_MODE": "none",
            "AWS_DEFAULTS_MODE": "none",
            "AWS_DATA_PATH": "/",
            "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_USE_DUALSTACK_ENDPOINT": "true",
            "AWS_STS_REGIONAL_ENDPOINTS": "x",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "x",
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
            "AWS_ACCOUNT_ID": "1",
            "BOTO_DISABLE_COMMONNAME": "1",
            "BOTOCORE_EXPERIMENTAL__PLUGINS": "no=no",
            "AWS_CA_BUNDLE": "/nowhere.pem",
        }
    ),
    # Proxies and certificates. The build needs packages, which SAM has in its cache or a mirror brings.
    "proxies": Shell({"HTTP_PROXY": PROXY, "http_proxy": PROXY}),
    "a proxy for everything": Shell({"ALL_PROXY": "socks5://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9"}),
    "a proxy for everything but one": Shell({"HTTP_PROXY": PROXY, "NO_PROXY": "example.org", "no_proxy": ""}),
    # Settings.
    "a file of settings": Shell(
        {"STAGE": "local"}, env_file="# mine\nexport STAGE=\"dev\"\nBACKEND='embedded' # no Docker\nPORT=1\n"
    ),
    "a file of settings from Windows": Shell(env_file=b"\xef\xbb\xbfSTAGE=local\r\nBACKEND=embedded\r\n"),
    "a file of something else": Shell(
        env_file="PYTHONPATH=/nowhere\nAWS_ENDPOINT_URL=http://127.0.0.1:9\nBIN=/nowhere\n"
    ),
    "a broken file of settings": Shell(env_file="STAGE='local\n", says=r"\.env, line 1: 'STAGE' is no setting"),
    "a stage with a capital": Shell({"STAGE": "Local"}, says=r"STAGE cannot be 'Local', as the shell has it"),
    "a port of Kubernetes": Shell(
        {"PORT": "tcp://10.0.0.1:80"}, says=r"PORT cannot be 'tcp://10.0.0.1:80', as the shell has it"
    ),
    "a debugging shell": Shell({"DEBUG": "*", "DJANGO_DEBUG": "yes", "LOG_LEVEL": "TRACE", "TRACE": "1"}),
    "the variables of others": Shell(
        {
            "NAME": "DESKTOP-1",
            "ORDER": "66",
            "EVENT": "x",
            "STATUS": "x",
            "CUSTOMER": "me",
            "MINUTES": "x",
            "FROM": "me",
        }
    ),
    "variables of the Makefile": Shell(
        {"BIN": "/nowhere", "TOOL": "false", "INVOKE": "false", "ARGUMENTS": "SKU", "ARGUMENT_SKU": "x", "GOALS": "x"}
    ),
    # Python, pip, uv, virtual environments.
    "another Python's folders": Shell({"PYTHONPATH": "/nowhere:.", "PYTHONHOME": "/nowhere", "PYTHONPLATLIBDIR": "x"}),
    "habits of Python": Shell(
        {
            "PYTHONSAFEPATH": "1",
            "PYTHONOPTIMIZE": "2",
            "PYTHONWARNINGS": "error",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "0",
            "PYTHONIOENCODING": "ascii",
            "PYTHONSTARTUP": "/nowhere",
            "PYTHONUNBUFFERED": "1",
            "PYTHONVERBOSE": "1",
            "PYTHONINSPECT": "1",
            "PYTHONBREAKPOINT": "x",
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONDEVMODE": "1",
            "PYTHONPROFILEIMPORTTIME": "1",
            "PYTHONMALLOC": "debug",
            "PYTHONHASHSEED": "0",
        }
    ),
    "packages at home": Shell(
        home={
            ".local/lib/python3.11/site-packages/sitecustomize.py": "raise SystemExit('at home')\n",
            ".local/lib/python3.11/site-packages/usercustomize.py": "raise SystemExit('at home')\n",
        }
    ),
    "another virtual environment": Shell({"VIRTUAL_ENV": "/nowhere", "CONDA_PREFIX": "/nowhere", "PYTHON": "python2"}),
    "uv for another Python": Shell(
        {
            "UV_SYSTEM_PYTHON": "1",
            "UV_PYTHON": "3.8",
            "UV_PROJECT_ENVIRONMENT": "/nowhere",
            "UV_BREAK_SYSTEM_PACKAGES": "1",
        }
    ),
    "pip for somewhere else": Shell(
        {"PIP_TARGET": "/nowhere", "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_LOG": "/nowhere/log"},
        home={".config/pip/pip.conf": "[install]\nuser = true\ntarget = /nowhere\n"},
    ),
    # The emulator, Powertools, SAM, git, Docker.
    "settings of the emulator": Shell(
        {
            "GATEWAY_PORT": "1",
            "EDGE_PORT": "2",
            "AUTH": "false",
            "LAMBDA_EXECUTOR": "docker",
            "LAMBDA_STRICT": "1",
            "MINISTACK_REGION": "x",
            "MINISTACK_HOST": "x",
            "LOCALSTACK_HOSTNAME": "x",
            "LAMBDA_KEEPALIVE_MS": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",
            "PERSISTENCE": "1",
            "BIND_HOST": "0.0.0.0",  # noqa: S104  to be ignored
        }
    ),
    "settings of the functions": Shell(
        {
            "POWERTOOLS_DEV": "true",
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
            "POWERTOOLS_SERVICE_NAME": "x",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "POWERTOOLS_LOGGER_LOG_EVENT": "true",
            "DEADLINE_SECONDS": "0",
            "EVENT_BUS_NAME": "x",
            "RECORDS_TABLE_NAME": "x",
            "AWS_LAMBDA_FUNCTION_NAME": "x",
            "_HANDLER": "x",
        }
    ),
    "settings of SAM": Shell(
        {"SAM_CLI_TELEMETRY": "x", "SAM_CONFIG_FILE": "/nowhere", "SAM_CLI_POLL_DELAY": "x", "SAM_CLI_DEBUG": "1"}
    ),
    "inside of a git hook": Shell(
        {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_INDEX_FILE": "/nowhere", "GIT_CONFIG_GLOBAL": "/"}
    ),
    "settings of Docker": Shell(
        {
            "DOCKER_HOST": "tcp://127.0.0.1:9",
            "COMPOSE_FILE": "/nowhere",
            "COMPOSE_PROJECT_NAME": "X",
            "DOCKER_CONFIG": "/",
        }
    ),
    # Make.
    "flags of make": Shell({"MAKEFLAGS": "-e -k -j8 --warn-undefined-variables", "MFLAGS": "-e", "MAKELEVEL": "3"}),
    "functions of a shell": Shell({"BASH_FUNC_test%%": "() { false; }", "BASH_ENV": "/nowhere", "ENV": "/nowhere"}),
    # Printing.
    "a dumb terminal": Shell({"TERM": "dumb"}),
    "no terminal": Shell({"TERM": None, "COLUMNS": "10", "LINES": "x"}),
    "colours at any price": Shell({"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TTY_COMPATIBLE": "1", "COLORTERM": "x"}),
    "no colours": Shell({"NO_COLOR": "1", "CI": "true"}),
    "the C locale": Shell({"LC_ALL": "C", "LANG": "C"}),
    "a locale that is not there": Shell({"LC_ALL": "tlh_KL.ISO-8859-1", "LANG": "tlh_KL", "LANGUAGE": "tlh"}),
    "another time zone": Shell({"TZ": "Pacific/Kiritimati"}),
    "a notebook": Shell({"DATABRICKS_RUNTIME_VERSION": "14", "JPY_PARENT_PID": "1"}),
    # The machine.
    "no home": Shell({"HOME": None}),
    "a home that is not there": Shell({"HOME": "/nowhere"}),
    "a home that is a file": Shell({"HOME": "/etc/passwd"}),
    "no folder for temporary files": Shell({"TMPDIR": "/nowhere", "TEMP": "/nowhere"}),
    "almost nothing": Shell({"TERM": None, "LANG": None, "USER": None, "SHELL": None, "HOME": None}),
    "a careful mask": Shell(before="umask 077; "),
    "few open files": Shell(before="ulimit -n 256; "),
    "a closed input": Shell(behind="<&-"),
    "an input without end": Shell(behind="</dev/zero"),
}
"""Each is tried whole; what is not `says`, ends well in it."""


PROXIES = {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
HIDING = {"HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", *PROXIES}
"""Exports behind which the files at home, or the packages for a first build, would not be found."""


def at_once(shells: Iterable[Shell]) -> Shell:
    """Return one shell that exports and holds what these do: of two values the first, and nothing of `HIDING`.

    It lacks nothing, and its streams go where they usually go.
    """
    together = [shell for shell in shells if shell.says is None]
    exports = {name: value for shell in reversed(together) for name, value in shell.exports.items()}
    return Shell(
        exports={name: value for name, value in exports.items() if value is not None and name not in HIDING},
        home={path: text for shell in together for path, text in shell.home.items()},
        env_file=next(shell.env_file for shell in together if shell.env_file is not None),
        before="".join(shell.before for shell in together),
    )


SHELLS["nearly all of them at once"] = at_once(SHELLS.values())
SOME = ["nearly all of them at once", "almost nothing", "a stage with a capital"]
"""Those that are tried for each change; each one by itself nightly."""
