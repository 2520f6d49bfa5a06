"""What the installed packages link to is there on a bare machine: what they bring themselves, or the system's core."""

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has shared libraries in ELF")

GLIBC = {"libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2"}
LOADERS = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
COMPILER = {"libgcc_s.so.1", "libstdc++.so.6"}
"""GCC's own: glibc's package depends on the first, and apt and dnf on the second."""
PYTHON = {"libz.so.1"}
"""Python's own module zlib links to it."""
BARE_MACHINE = GLIBC | LOADERS | COMPILER | PYTHON
"""Less than manylinux lets a wheel expect (PEP 600), which counts X11 and GLib to every system."""


OF_A_BROWSER = {"playwright/driver/node": {"libatomic.so.1"}}
"""What is run where there is a browser alone: tests/e2e/browser.py says what to install."""


def missing_libraries(root: Path) -> dict[str, set[str]]:
    """Return what the ELF files below `root` link to that neither they bring nor a bare machine has, by file."""
    found = {str(path.relative_to(root)): set(_not_brought(path)) - BARE_MACHINE for path in _elf_files(root)}
    assert found, f"no shared library lies below {root}"
    return {path: libraries for path, libraries in found.items() if libraries}


def _elf_files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _not_brought(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        dynamic = ELFFile(file).get_section_by_name(".dynamic")
        if not isinstance(dynamic, DynamicSection):
            return  # linked statically
        named = {kind: _named(dynamic, kind) for kind in ("needed", "rpath", "runpath")}
    searched = [folder for paths in (*named["rpath"], *named["runpath"]) for folder in paths.split(":")]
    # Beside it as well: whoever loaded it has loaded that, too.
    folders = [path.parent, *(Path(folder.replace("$ORIGIN", str(path.parent))) for folder in searched)]
    yield from (library for library in named["needed"] if not any((folder / library).is_file() for folder in folders))


def _named(dynamic: DynamicSection, kind: str) -> list[str]:
    return [getattr(tag, kind) for tag in dynamic.iter_tags(f"DT_{kind.upper()}")]


@pytest.mark.slow
def test_what_is_installed_needs_no_library_that_a_bare_machine_lacks() -> None:
    missing = missing_libraries(Path(sys.prefix))
    known = {path: missing.pop(path) for path in tuple(missing) for name in OF_A_BROWSER if path.endswith(name)}
    assert missing == {}
    assert list(known.values()) in ([], list(OF_A_BROWSER.values()))


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    """igraph's extension, which links to the system's libraries and to some that its wheel brings in `igraph.libs`."""
    spec = find_spec("igraph._igraph")
    assert spec
    assert spec.origin
    copied = tmp_path / "igraph" / Path(spec.origin).name
    copied.parent.mkdir()
    shutil.copy2(spec.origin, copied)
    shutil.copytree(Path(spec.origin).parents[1] / "igraph.libs", tmp_path / "igraph.libs")
    return copied


def test_a_library_that_the_system_would_have_to_bring_is_found(extension: Path, tmp_path: Path) -> None:
    name = str(extension.relative_to(tmp_path))
    assert missing_libraries(tmp_path) == {}
    extension.write_bytes(extension.read_bytes().replace(b"\0libm.so.6\0", b"\0libX.so.6\0"))
    assert missing_libraries(tmp_path) == {name: {"libX.so.6"}}


def test_a_library_that_a_wheel_forgot_to_bring_is_found(extension: Path, tmp_path: Path) -> None:
    (brought,) = (tmp_path / "igraph.libs").glob("libxml2*")
    brought.unlink()
    assert missing_libraries(tmp_path) == {str(extension.relative_to(tmp_path)): {brought.name}}
