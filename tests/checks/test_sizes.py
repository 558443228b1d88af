"""No file and no function is larger than a reader can hold."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FILE_LINES = 600
FUNCTION_LINES = 80
LAUNCHER_LINES = 80
SUFFIXES = (".py", ".ts", ".vue", ".sql", ".sh")
GENERATED = ("viewer/src/generated/", "layers/migrations/versions/data/")


def source_files() -> list[str]:
    """Paths of the sources written by hand, tracked or new, as git sees them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [
        path
        for path in listed
        if path.endswith(SUFFIXES) and not path.startswith(GENERATED) and (ROOT / path).exists()
    ]


def python_functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each function, its docstring and decorators not counted."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, lines


BRACED = re.compile(
    r"^(?P<indent>[ \t]*)(?:export )?(?:default )?(?:async )?"
    r"(?:function\*?\s+(?P<name>\w+)|(?:const|let) (?P<arrow>\w+)[^;]*=>\s*\{$"
    r"|(?P<method>\w+)\([^;]*\)[^;]*\{$|(?P<shell>\w+)\(\)\s*\{$)"
)


def braced_functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each formatted function: from its head to the brace at its indent."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        found = BRACED.match(line)
        if found is None or line.rstrip().endswith("}"):
            continue
        name = next(filter(None, found.group("name", "arrow", "method", "shell")))
        if name in {"if", "for", "while", "switch", "catch", "describe"}:
            continue
        closing = re.compile(rf"{found['indent']}}}")
        for end in range(start + 1, len(lines)):
            if closing.match(lines[end]):
                yield name, end - start + 1
                break


SQL_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\s+(?P<name>[\w.]+)"
    r".*?(?P<quote>\$\w*\$).*?(?P=quote)",
    re.IGNORECASE | re.DOTALL,
)


def sql_functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each SQL function with a dollar-quoted body."""
    for found in SQL_FUNCTION.finditer(text):
        yield found["name"], found[0].count("\n") + 1


def functions(path: str, text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of each function of a source file."""
    if path.endswith(".py"):
        return python_functions(text)
    if path.endswith(".sql"):
        return sql_functions(text)
    return braced_functions(text)


def test_no_file_is_too_long() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in source_files()}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{path}:{name}": lines
        for path in source_files()
        for name, lines in functions(path, (ROOT / path).read_text())
        if lines > FUNCTION_LINES and "migrations/versions" not in path
    }
    assert too_long == {}


def test_the_launcher_stays_small() -> None:
    assert len((ROOT / "wangge").read_text().splitlines()) <= LAUNCHER_LINES


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "def long():\n    '''Said.'''\n" + "    x = 1\n" * 100),
        ("a.ts", "export function long(): void {\n" + "  x = 1\n" * 100 + "}\n"),
        ("a.ts", "export const long = (a: number) => {\n" + "  x = 1\n" * 100 + "}\n"),
        ("a.vue", "class A {\n  long(a: number): void {\n" + "    x = 1\n" * 100 + "  }\n}\n"),
        ("a.sh", "long() {\n" + "  x=1\n" * 100 + "}\n"),
        ("a.sql", "CREATE FUNCTION long() RETURNS int AS $$\n" + "x\n" * 100 + "$$ LANGUAGE sql;"),
    ],
)
def test_a_long_function_is_seen_in_every_language(path: str, text: str) -> None:
    assert [name for name, lines in functions(path, text) if lines > FUNCTION_LINES] == ["long"]
