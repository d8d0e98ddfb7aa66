"""State tables as pictures in words, so that docs/domain.md shows what the code does and a test can compare."""

from __future__ import annotations

from collections.abc import Mapping


def mermaid(table: Mapping[str, frozenset[str]]) -> str:
    """A Mermaid state diagram of `state -> states that may follow`; the first state is where things begin."""
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(table))!s}"]
    lines += [f"    {state!s} --> {to!s}" for state, nexts in table.items() for to in table if to in nexts]
    return "\n".join(lines)
