"""Lets botocore parse each of its files once a run: by itself, each session lists and parses them anew."""

import json
import marshal
from functools import cache

from botocore.loaders import JSONFileLoader, Loader

_read, _list = JSONFileLoader.load_file, Loader.list_available_services


def parse_once() -> None:
    """Do so from now on, in this process."""

    @cache
    def read(path: str) -> bytes:
        return marshal.dumps(json.loads(json.dumps(_read(JSONFileLoader(), path))))

    @cache
    def listed(search_paths: tuple[str, ...], type_name: str) -> list[str]:
        return _list(Loader(list(search_paths), include_default_search_paths=False), type_name)

    # A copy for each: botocore changes what it was given.
    setattr(JSONFileLoader, "load_file", lambda _, file_path: marshal.loads(read(file_path)))  # noqa: B010, S302  mypy, and our own bytes
    setattr(Loader, "list_available_services", lambda self, type_name: listed(tuple(self.search_paths), type_name))  # noqa: B010
