"""Print constraints that pin every dependency with a lower bound to that bound.

python tools/oldest.py pyproject.toml > oldest.txt
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?>=(?P<version>[0-9.]+)")


def constraints(pyproject: str) -> list[str]:
    """Give ``name==bound`` for the core and the test dependencies."""
    project = tomllib.loads(pyproject)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    found = {}
    for requirement in wanted:
        match = _BOUND.match(requirement)
        if match and ";" not in requirement:
            version = match["version"]
            found[match["name"]] = f"{match['name']}=={version}.*"
    return sorted(found.values())


if __name__ == "__main__":
    print("\n".join(constraints(Path(sys.argv[1]).read_text(encoding="utf-8"))))
