"""Run a notebook's cells without Jupyter: `python tools/run_notebook.py docs/notebooks/x.ipynb`.

Each cell runs in turn in one namespace; what its last line says is printed. A fault ends it with
the number of its cell. With `--offline` nothing but this machine is reached.
"""

import argparse
import ast
import json
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

SHOWN_CHARACTERS = 2000


def run(notebook: Path) -> dict[str, Any]:
    """The namespace after every cell has run.

    Raises: what a cell raises, with a note that names the cell.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells, 1):
        if cell["cell_type"] != "code":
            continue
        try:
            _run_cell("".join(cell["source"]), f"{notebook.name}, cell {number}", names)
        except Exception as error:
            error.add_note(f"{notebook}, cell {number}")
            raise
    return names


def _run_cell(source: str, name: str, names: dict[str, Any]) -> None:
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
        if value is not None:
            # As Jupyter does, so that what a cell shows is made here as well.
            made = getattr(value, "_repr_html_", lambda: None)()
            print(repr(value)[:SHOWN_CHARACTERS], "" if made is None else f"[{len(made)} of HTML]")


def stay_on_this_machine() -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        is_here = self.family == socket.AF_UNIX or ip_address(address[0]).is_loopback
        if not is_here:
            raise ConnectionRefusedError(f"offline: {address} is not on this machine")
        connect(self, address)

    socket.socket.connect = connect_here  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--offline", action="store_true", help="reach nothing but this machine")
    asked = parser.parse_args()
    if asked.offline:
        stay_on_this_machine()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    run(asked.notebook)
