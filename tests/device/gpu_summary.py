#!/usr/bin/env python3
"""Puts the measurements of tools/gpu_check.sh side by side.

    gpu_summary.py FOLDER

Reads bench-*.json (device_bench) and peer-*.jsonl (torch_peer.py) of the folder, whatever is there,
prints Markdown tables and writes all rows to measurements.json. A ratio above 1 says that lrcn is
quicker.
"""

import json
import sys
from pathlib import Path


def read(path, parse):
    """What `parse` makes of the file, or nothing with the reason on stderr."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"gpu_summary: {path.name}: {error}", file=sys.stderr)
        return []


def bench_rows(folder):
    return [row for path in sorted(folder.glob("bench-*.json")) for row in read(path, json.loads)]


def peer_rows(folder):
    """Each with the precision that stands in the file's name: peer-lstm-tf32.jsonl."""
    rows = []
    for path in sorted(folder.glob("peer-*.jsonl")):
        lines = read(path, lambda text: [json.loads(line) for line in text.splitlines()])
        rows += [row | {"precision": path.stem.rsplit("-", 1)[1]} for row in lines]
    return rows


def shown(milliseconds):
    return "-" if milliseconds is None else f"{milliseconds:.4g}"


def markdown(titles, rows):
    left = [not title.endswith(("ms", "ratio")) for title in titles]
    lines = [titles, ["---" if text else "---:" for text in left], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def provider_table(rows):
    """A row a case, a column a provider; cases that only one provider computes are left out."""
    cases = {}
    for row in rows:
        key = (row["name"], row["precision"], row["case"], row.get("direction", "-"))
        cases.setdefault(key, {})[row.get("provider", "-")] = row["ms_median"]
    cases = {key: times for key, times in cases.items() if len(times) > 1}
    providers = sorted({provider for times in cases.values() for provider in times})
    titles = ["benchmark", "precision", "case", "direction"]
    titles += [f"{provider}, ms" for provider in providers] + ["quickest"]
    lines = [
        [*key, *(shown(times.get(provider)) for provider in providers), min(times, key=times.get)]
        for key, times in cases.items()
    ]
    return markdown(titles, lines) if lines else ""


def peer_table(ours, theirs):
    """Our quickest provider against PyTorch's quickest variant."""
    best = {}
    for row in ours:
        if row.get("direction", "forward+backward") == "forward+backward":
            key = (row["name"], row["precision"], row["case"])
            best[key] = min(best.get(key, row["ms_median"]), row["ms_median"])
    lines = []
    for row in theirs:
        key = (row["bench"], row["precision"], row["case"])
        if row.get("best") and "ms_median" in row:
            ratio = f"{row['ms_median'] / best[key]:.2f}" if best.get(key) else "-"
            lines.append([*key, shown(best.get(key)), shown(row["ms_median"]), row["variant"], ratio])
    titles = ["benchmark", "precision", "case", "lrcn, ms", "PyTorch, ms", "variant", "ratio"]
    return markdown(titles, lines) if lines else ""


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    ours, theirs = bench_rows(folder), peer_rows(folder)
    tables = {"Providers": provider_table(ours), "PyTorch": peer_table(ours, theirs)}
    for title, table in tables.items():
        print(f"\n## {title}\n\n{table or 'Nothing was measured.'}")
    text = json.dumps({"lrcn": ours, "torch": theirs}, indent=1)
    (folder / "measurements.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
