#!/usr/bin/env python3
"""Runs `lrcn bench` and torch_peer.py in turn (A B A B ...) and prints a Markdown table.

PyTorch is first measured once in all variants of a case; the best then meets lrcn for the given
number of rounds, each time in a fresh process. A figure is the median over the rounds of the
medians within a process. The ratio is PyTorch / lrcn (above 1: lrcn is quicker or smaller), the
median over neighbouring runs, so that a slow drift of the machine's speed cancels. What one side
does not have stays in the table as "-", with the reason below it.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PEER = Path(__file__).resolve().with_name("torch_peer.py")
OURS = {"import": "startup", "memory": "vgg16"}  # where `lrcn bench` has another name for it


class Missing(Exception):
    """One side has no figure for a case; the message says why."""


def run_process(command, limit, settings=None):
    """(standard output, peak MiB) of a command; Missing with its last complaint where it fails."""
    name = Path(command[0]).name
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as complaint:
        try:
            process = subprocess.Popen(
                command, stdout=output, stderr=complaint, env=os.environ | (settings or {})
            )
        except OSError as error:
            raise Missing(f"{name}: {error.strerror}") from error
        killer = threading.Timer(limit, process.kill)
        killer.daemon = True
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        complaint.seek(0)
        if process.returncode == -9:
            raise Missing(f"{name}: killed (limit of {limit:g} s, or out of memory)")
        if process.returncode:
            lines = complaint.read().strip().splitlines()
            raise Missing(f"{name}: {lines[-1] if lines else f'exit status {process.returncode}'}")
        return output.read(), usage.ru_maxrss / 1024


def our_figure(options, bench, case):
    """Milliseconds, or for memory MiB, of one `lrcn bench` process."""
    command = [options.lrcn, "bench", OURS.get(bench, bench), "--case", case, "--json"]
    command += ["--repeat", str(options.repeat), "--threads", str(options.threads)]
    output, peak = run_process(command, options.limit)
    try:
        rows = [row for row in json.loads(output) if row["case"] == case]
        figure = float(rows[0]["ms_median"])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Missing(f"lrcn bench: no row with ms_median for case {case}") from error
    return peak if bench == "memory" else figure


def peer_rows(options, bench, case, variant=None):
    command = [options.python, str(PEER), bench, "--case", case]
    command += ["--repeat", str(options.repeat), "--threads", str(options.threads)]
    command += ["--variant", variant] if variant else []
    settings = dict(setting.split("=", 1) for setting in options.peer_setting)
    output, _ = run_process(command, options.limit, settings)
    return [json.loads(line) for line in output.splitlines()]


def peer_figure(row):
    return row["mib_peak"] if "mib_peak" in row else row["ms_median"]


def compare_case(options, bench, case):
    """One row of the table with all rounds in it."""
    result = {"bench": bench, "case": case, "variant": options.variant, "lrcn": [], "torch": [],
              "missing": []}  # fmt: skip
    try:
        rows = peer_rows(options, bench, case, options.variant)
        best = next(row for row in rows if row["best"])
        result |= {"variant": best["variant"], "versions": best["versions"]}
        result["variants"] = {row["variant"]: peer_figure(row) for row in rows}
    except Missing as error:
        result["missing"].append(str(error))
    lacking = {"torch"} if result["missing"] else set()
    sides = {
        "lrcn": lambda: our_figure(options, bench, case),
        "torch": lambda: peer_figure(peer_rows(options, bench, case, result["variant"])[0]),
    }
    for number in range(options.rounds):
        for side, measure in sides.items():
            if side in lacking:
                continue
            print(f"{bench} {case}: round {number + 1}, {side}", file=sys.stderr)
            try:
                result[side].append(measure())
            except Missing as error:
                lacking.add(side)
                result[side].clear()
                result["missing"].append(str(error))
    return result


def shown(values):
    if not values:
        return "-"
    value = statistics.median(values)
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(results):
    lines = ["| bench | case | unit | lrcn | PyTorch | variant | ratio | lowest to highest |",
             "|---|---|---|---:|---:|---|---:|---|"]  # fmt: skip
    for result in results:
        ratios = [
            theirs / ours
            for ours, theirs in zip(result["lrcn"], result["torch"], strict=False)
            if ours
        ]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "-"
        ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
        unit = "MiB" if result["bench"] == "memory" else "ms"
        cells = [result["bench"], result["case"], unit, shown(result["lrcn"]),
                 shown(result["torch"]), result["variant"] or "-", ratio, spread]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    missing = [f"- {r['bench']} {r['case']}: {reason}" for r in results for reason in r["missing"]]
    return "\n".join(lines + (["", "Missing:", "", *missing] if missing else []))


def machine():
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = re.search(r"model name\s*:\s*(.+)", text)[1]
    except (OSError, TypeError):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} processors"


def heading(options, results, load_before):
    try:
        ours = run_process([options.lrcn, "--version"], options.limit)[0].strip().splitlines()[0]
    except (Missing, IndexError):
        ours = "version not told"
    versions = dict(next((r["versions"] for r in results if "versions" in r), {}))
    settings = versions.pop("settings", {})
    told = {
        "Date": datetime.date.today().isoformat(),
        "Machine": machine(),
        "lrcn": ours,
        "PyTorch": ", ".join(f"{name} {value}" for name, value in versions.items()) or "-",
        "PyTorch's settings": ", ".join(f"{k}={v}" for k, v in settings.items()) or "-",
        "Runs": f"{options.rounds} rounds of {options.repeat} runs, {options.threads} threads",
        "Load average": f"{load_before:.2f} before, {os.getloadavg()[0]:.2f} after",
    }
    return "\n".join(f"- {name}: {value}" for name, value in told.items())


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("bench", nargs="?", default="all", help="bench of torch_peer.py (default all)")
    add("--case", action="append", metavar="CASE", help="only this case (repeatable)")
    add("--lrcn", default="lrcn", metavar="PATH", help="our program (default: found in PATH)")
    add("--python", default=sys.executable, metavar="PATH", help="interpreter that has PyTorch")
    add("--rounds", type=int, default=5, metavar="N", help="pairs of processes (default 5)")
    add("--repeat", type=int, default=5, metavar="R", help="timed runs a process (default 5)")
    add("--threads", type=int, default=2, metavar="T", help="threads of both (default 2)")
    add("--variant", metavar="VARIANT", help="variant of PyTorch (default: the best found)")
    add("--peer-setting", action="append", default=[], metavar="NAME=VALUE",
        help="environment variable for PyTorch alone (repeatable)")  # fmt: skip
    add("--limit", type=float, default=1800, metavar="S", help="seconds a process (default 1800)")
    add("--json", metavar="FILE", help="write all rounds to this file too")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if any("=" not in setting for setting in options.peer_setting):
        parser.error("--peer-setting must be NAME=VALUE")
    return options


def main():
    options = parse_arguments()
    try:
        if not shutil.which(options.lrcn):
            raise Missing(f"no program {options.lrcn!r}: build it and give its path with --lrcn")
        try:
            run_process([options.python, "-c", "import torch"], options.limit)
        except Missing as error:
            raise Missing(f"{error}: give an interpreter that has PyTorch with --python") from error
        chosen = [word for case in options.case or [] for word in ("--case", case)]
        listed, _ = run_process([options.python, str(PEER), options.bench, "--list", *chosen],
                                options.limit)  # fmt: skip
    except Missing as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    load_before = os.getloadavg()[0]
    if load_before > 1:
        print(f"compare: load average is {load_before:.1f}: times will be rough", file=sys.stderr)
    cases = [json.loads(line) for line in listed.splitlines()]
    results = [compare_case(options, case["bench"], case["case"]) for case in cases]
    print(heading(options, results, load_before), table(results), sep="\n\n")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0 if any(result["lrcn"] and result["torch"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
