"""`python -m benchmarks [--json FILE] [name …]`: the named benchmarks, or every one."""

import argparse
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import benchmarks
from benchmarks.measuring import write_json


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--json", type=Path, help="write what was reported into this file too")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    for module in sorted(one.name for one in iter_modules(benchmarks.__path__)):
        run = None if module == "__main__" else getattr(import_module(f"benchmarks.{module}"), "main", None)
        if run is not None and (not asked.names or module in asked.names):
            print(f"== {module}", flush=True)
            run()
            if asked.json:
                write_json(asked.json)


main()
