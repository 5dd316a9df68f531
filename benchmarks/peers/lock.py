"""`python -m benchmarks.peers.lock`: takes out of the npm lock what nobody needs who installs from it.

Addresses of sponsors come back with every new package; no host stands in our locks.
"""

import json

from benchmarks.peers.installing import NPM_FILES


def strip() -> None:
    """Rewrite the lock."""
    lock = NPM_FILES[1]
    content = json.loads(lock.read_bytes())
    for package in content["packages"].values():
        for name in ("funding", "license", "resolved"):
            package.pop(name, None)
    lock.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    strip()
