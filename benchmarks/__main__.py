"""`python -m benchmarks [name …]`: the named benchmarks, or every one."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import benchmarks


def main(wanted: list[str]) -> None:
    for module in sorted(one.name for one in iter_modules(benchmarks.__path__)):
        run = None if module == "__main__" else getattr(import_module(f"benchmarks.{module}"), "main", None)
        if run is not None and (not wanted or module in wanted):
            print(f"== {module}")
            run()


main(sys.argv[1:])
