"""Known vulnerabilities among the locked dependencies; says plainly when the advisory service could not answer."""

import json
import subprocess
import sys

_COMMAND = "pip_audit -r requirements.lock --require-hashes --disable-pip --format json --progress-spinner off"
_UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "Could not connect",
    "HTTPError",
    "ProxyError",
    "ReadTimeout",
    "SSLError",
)


def main() -> int:
    """Audit requirements.lock and say what came out."""
    command = [sys.executable, "-m", *_COMMAND.split()]
    audit = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    code, words = verdict(audit.stdout, audit.stderr)
    sys.stderr.write(f"{words}\n")
    return code


def verdict(answer: str, trouble: str) -> tuple[int, str]:
    """What an audit came to.

    Args:
        answer: pip-audit's JSON; empty where it broke off.
        trouble: what it wrote to stderr.

    Returns:
        1 where a vulnerability is known or the audit itself is broken, otherwise 0; and the words to show. A service
        that cannot be reached, or knows none of the packages, is no failure, but never "no vulnerability" either.
    """
    if not answer.strip():
        if any(sign in trouble for sign in _UNREACHABLE):
            return 0, "skipped: the advisory service cannot be reached from here."
        return 1, trouble.rstrip()
    dependencies = json.loads(answer)["dependencies"]
    audited = [each for each in dependencies if "skip_reason" not in each]
    known = [_sentence(each, vulnerability) for each in audited for vulnerability in each["vulns"]]
    if known:
        return 1, "\n".join([*known, "Update with: ./run lock --upgrade-package NAME"])
    if not audited:
        return 0, f"skipped: the advisory service reached from here knows none of the {len(dependencies)} packages."
    return 0, f"{len(audited)} of {len(dependencies)} packages audited, no vulnerability known."


def _sentence(dependency: dict[str, str], vulnerability: dict[str, list[str]]) -> str:
    fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{dependency['name']} {dependency['version']}: {vulnerability['id']}, fixed in {fixed}."


if __name__ == "__main__":
    sys.exit(main())
