"""Renders the chart with its own values, to check it where Helm is not installed.

It knows only the parts of Go's templates that the chart uses: values, `quote`, `printf "%s"`, `toYaml | nindent` and
`range` over settings; anything else is an error.
"""

import re
import sys
from pathlib import Path

import yaml

RANGE = re.compile(
    r"\n *\{\{- range \$name, \$value := (\S+) \}\}(.*?)\n *\{\{- end \}\}", re.DOTALL
)
PIECE = re.compile(r"\{\{-? *(.*?) *-?\}\}")


def render(text, values, release):
    """The template with these values."""

    def value(path):
        found = {"Values": values, "Release": {"Name": release}}
        for name in path.strip(".").split("."):
            found = found[name]
        return found

    def repeat(match):
        lines = []
        for name, one in value(match[1]).items():
            line = match[2].replace("{{ $name }}", name)
            lines.append(line.replace("{{ $value | quote }}", f'"{one}"'))
        return "".join(lines)

    def piece(match):
        parts = [part.strip() for part in match[1].split("|")]
        if parts[0].startswith("toYaml "):
            indent = " " * int(parts[1].removeprefix("nindent "))
            lines = yaml.safe_dump(value(parts[0].removeprefix("toYaml "))).splitlines()
            return "".join(f"\n{indent}{line}" for line in lines)
        formatted = re.fullmatch(r'printf "([^"]*)" (.*)', parts[0])
        if formatted:
            text = formatted[1] % tuple(value(path) for path in formatted[2].split())
        elif re.fullmatch(r"\.[A-Za-z.]+", parts[0]):
            text = str(value(parts[0]))
        else:
            raise SystemExit(f"this script can't render {match[0]}")
        return f'"{text}"' if parts[1:] == ["quote"] else text

    return PIECE.sub(piece, RANGE.sub(repeat, text))


chart = Path(sys.argv[1])
values = yaml.safe_load((chart / "values.yaml").read_text())
yaml.safe_load((chart / "Chart.yaml").read_text())
for template in sorted((chart / "templates").glob("*.yaml")):
    print(render(template.read_text(), values, "voice"))
