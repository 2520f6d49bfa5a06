"""Installs what the tools need into `.venv`, and nowhere else: `python3 -I tools/install.py`.

With `--is-current` it only says by its exit status whether that was done: for this checkout where it lies now, with
this Python, and with these requirements. It needs the standard library alone.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.base.environments import Child, environment  # noqa: E402  it is found there
from tools.base.limits import MANY_FILES, allow_many_files  # noqa: E402
from tools.base.settings import Settings, read  # noqa: E402

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARK = VENV / "installed"
REQUIREMENTS = ROOT / "requirements-dev.txt"
LOG = ROOT / ".local" / "install.log"
FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "keyring-provider": "UV_KEYRING_PROVIDER",
}
"""Pip's settings of where packages come from, which uv does not read, and uv's names for them."""


class InstallError(Exception):
    """Something that a person can solve, in one line."""


def main(words: Sequence[str]) -> int:
    """Install, or say whether that was done; return the exit status."""
    if "--is-current" in words:
        return 0 if is_current(_wanted()) else 1
    try:
        with _alone():
            if not is_current(_wanted()):
                install()
    except (InstallError, OSError) as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        sys.stderr.write(f"✘ {'the disk is full: this takes about 700 MB' if full else error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def is_current(wanted: str | None) -> bool:
    """Return whether `.venv` holds what is needed; `wanted` is the Python that somebody asked for, if anybody did."""
    try:
        mark = json.loads(MARK.read_text())
        works = mark == _mark(mark["base"]) and os.access(mark["base"], os.X_OK) and PYTHON.exists()
    except (OSError, ValueError, KeyError, TypeError):
        return False
    found = shutil.which(wanted) if wanted else None
    return works and (not found or os.path.realpath(found) in {os.path.realpath(mark["base"]), _real(PYTHON)})


def install() -> None:
    """Make `.venv` anew and install into it. Raises `InstallError`."""
    if VENV.is_symlink():
        raise InstallError(f"{VENV.name} is a link to {VENV.resolve()}, which does not fit: remove it")
    sys.stdout.write("  … installing into .venv what the tools need\n")
    sys.stdout.flush()
    # Wrong settings are for the command to name, and no matter of the installation.
    settings, files = Settings(read().values, dict(os.environ)), allow_many_files()
    plain = environment(Child.INSTALLER, settings)
    _run([sys.executable, "-I", "-m", "venv", "--clear", str(VENV)], plain)
    chosen = of_pip(_said([str(PYTHON), "-I", "-m", "pip", "config", "list"], plain))
    pinned = VENV / "uv.txt"
    pinned.write_text(_pinned("uv"))
    _run(
        [str(PYTHON), "-I", "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "-r", str(pinned)],
        # Where to install to is not for a configuration to say.
        plain
        | {f"PIP_{name.upper().replace('-', '_')}": value for name, value in chosen.items()}
        | {"PIP_CONFIG_FILE": os.devnull, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    _run(
        [
            str(VENV / "bin" / "uv"),
            "pip",
            "sync",
            "--quiet",
            "--no-config",
            "--require-hashes",
            "--python",
            str(PYTHON),
            str(REQUIREMENTS),
        ],
        for_uv(chosen)
        | plain
        | {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": _link_mode(plain), **_at_once(files)},
    )
    MARK.write_text(json.dumps(_mark(os.path.realpath(sys.executable))))


def of_pip(listed: str) -> dict[str, str]:
    """Return where packages come from, by what `pip config list` says of its files and variables; the last one holds.

    A line is `global.index-url='https://…'`; what is of one command of pip's, `install` or `download`, counts too.
    """
    found = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in {"global", "install", "download", ":env:"} and option in FOR_UV:
            found[option] = " ".join(shlex.split(value.replace("\\n", " "))).strip()
    return found


def for_uv(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings as uv has them."""
    named = {FOR_UV[option]: value for option, value in chosen.items() if value}
    if "UV_FIND_LINKS" in named:
        named["UV_FIND_LINKS"] = ",".join(named["UV_FIND_LINKS"].split())
    if named.get("UV_KEYRING_PROVIDER") not in {None, "disabled"}:
        # The only one that uv knows.
        named["UV_KEYRING_PROVIDER"] = "subprocess"
    return named


def _pinned(package: str) -> str:
    found = re.search(rf"(?m)^{package}==(?:.*\\\n)*.*", REQUIREMENTS.read_text())
    if not found:
        raise InstallError(f"{REQUIREMENTS.name} does not pin {package}: run `make lock`")
    return found[0]


def _mark(base: str) -> dict[str, str]:
    return {
        "at": _real(VENV),
        "base": base,
        "requirements": hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest(),
    }


def _wanted() -> str | None:
    """Return the Python that was typed to make; one that the shell happens to export makes nothing anew."""
    return os.environ.get("ARGUMENT_PYTHON")


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _at_once(files: int) -> dict[str, str]:
    """Return how many downloads uv makes at once: as many as it likes, unless so few files may be open."""
    return {} if files >= MANY_FILES // 4 else {"UV_CONCURRENT_DOWNLOADS": "4", "UV_CONCURRENT_INSTALLS": "2"}


def _link_mode(plain: Mapping[str, str]) -> str:
    """Return how uv puts files in place: by copies if its cache is on another file system, without a word of it."""
    home = Path(plain.get("HOME", "/"))
    existing = next((each for each in (home / ".cache", home) if each.is_dir()), None)
    return "hardlink" if existing and existing.stat().st_dev == VENV.stat().st_dev else "copy"


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until nobody else installs here."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def why(said: str) -> str:
    """Return what a program says of its failure, in one line: the error, and what it goes back to."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    error = next((line for line in reversed(lines) if re.match(r"(?i)error", line)), (lines or ["it said nothing"])[-1])
    causes = [found[1] for line in lines if (found := re.match(r"(?i)(?:cause|caused by): (.+)", line))]
    return f"{error} ({causes[-1]})" if causes else error


def _said(words: Sequence[str], variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        words, env=dict(variables), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout


def _run(words: Sequence[str], variables: Mapping[str, str]) -> None:
    """Run a program, and log what it says. Raises `InstallError` with its last line if it fails."""
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    LOG.write_text(done.stdout)
    if done.returncode:
        last = why(done.stdout)
        program = " ".join(Path(word).name for word in words[:3] if word != "-I")
        raise InstallError(
            f"`{program}` failed: {last}; all that it said is in {LOG.relative_to(ROOT)}, behind a proxy or a mirror "
            "set HTTPS_PROXY or pip's index-url"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
