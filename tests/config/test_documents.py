"""The examples of docs/allocation.md are settings that load."""

import re
from pathlib import Path

from finops import config

GUIDE = Path(__file__).parents[2] / "docs" / "allocation.md"


def test_every_example_of_the_guide_loads(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    other = '[[projects]]\nname = "llm"\nmatch = [{ tag = "project", equals = "llm" }]\n'
    file = tmp_path / "finops.toml"
    file.write_text("\n".join(["version = 1", *examples, other]), encoding="utf-8")
    loaded = config.load(file, variables={})

    assert [one.rule.name for one in loaded.rules.shared] == ["platform", "network", "support"]
    assert loaded.teams == {"search": "web"}
    assert loaded.unused == ()
