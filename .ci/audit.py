"""Known vulnerabilities among the locked dependencies; says plainly when the advisory service could not answer."""

import json
import subprocess
import sys

_UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Could not connect", "HTTPError", "ProxyError")
_COMMAND = "pip_audit -r requirements.lock --require-hashes --disable-pip --format json --progress-spinner off"


def main() -> int:
    """Audit requirements.lock; 1 where a vulnerability is known or the audit itself is broken."""
    command = [sys.executable, "-m", *_COMMAND.split()]
    audit = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if not audit.stdout.strip():
        if any(sign in audit.stderr for sign in _UNREACHABLE):
            return _say("skipped: the advisory service cannot be reached from here.")
        return _say(audit.stderr, code=1)
    dependencies = json.loads(audit.stdout)["dependencies"]
    audited = [each for each in dependencies if "skip_reason" not in each]
    known = [(each, vulnerability) for each in audited for vulnerability in each["vulns"]]
    for each, vulnerability in known:
        fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        _say(f"{each['name']} {each['version']}: {vulnerability['id']}, fixed in {fixed}.")
    if known:
        return _say("Update with: ./run lock --upgrade-package NAME", code=1)
    if not audited:
        return _say(f"skipped: the advisory service that answers here knows none of the {len(dependencies)} packages.")
    return _say(f"{len(audited)} of {len(dependencies)} packages audited, no vulnerability known.")


def _say(text: str, code: int = 0) -> int:
    sys.stderr.write(f"{text.rstrip()}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
