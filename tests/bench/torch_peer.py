#!/usr/bin/env python3
"""Measures PyTorch on the CPU at the shapes of `lrcn bench`, one JSON object a line.

Every case is measured in each variant that PyTorch offers for it (see torch_cases.py); the one with
the lowest median is marked "best". ms_* are wall-clock, cpu_ms_median is processor time summed over
threads: where it is far below ms_median times threads, other programs had the processor. `memory`
gives mib_peak (VmHWM) of a fresh process instead, and mib_import, the share of importing PyTorch.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
import warnings

# Read once by the libraries when they are loaded, so set before torch_cases imports PyTorch.
SETTINGS = r"(OMP|KMP|GOMP|MKL|MALLOC|DNNL|ONEDNN|ATEN|THP)_|GLIBC_TUNABLES|LD_PRELOAD"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Names of cases and variants: BENCH --list.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "bench",
        metavar="BENCH",
        choices=["vgg16", "lstm", "caption-step", "decode", "import", "memory", "all"],
        help="vgg16, lstm, caption-step, decode, import, memory or all",
    )
    parser.add_argument(
        "--case", action="append", metavar="CASE", help="only this case (repeatable)"
    )
    parser.add_argument(
        "--variant",
        action="append",
        metavar="VARIANT",
        help="only this variant (repeatable; default: all of the case)",
    )
    parser.add_argument("--repeat", type=int, default=7, metavar="R", help="timed runs (default 7)")
    parser.add_argument(
        "--warmup", type=int, default=2, metavar="W", help="untimed runs before (default 2)"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="T", help="threads (default 2)")
    parser.add_argument(
        "--device", default="cpu", choices=["cpu", "cuda"], help="where (default cpu)"
    )
    parser.add_argument(
        "--precision",
        default="f32",
        choices=["f32", "tf32", "bf16"],
        help="of products on cuda; bf16: autocast (default f32)",
    )
    parser.add_argument(
        "--list", action="store_true", help="print cases and variants, measure nothing"
    )
    options = parser.parse_args()
    if options.repeat < 1 or options.warmup < 0 or options.threads < 1:
        parser.error("--repeat and --threads must be at least 1, --warmup at least 0")
    if options.precision != "f32" and options.device == "cpu":
        parser.error(f"--precision {options.precision} needs --device cuda")
    return parser, options


def chosen_cases(parser, options, table):
    """(bench, case, variants) in the table's order, cut down to what the command line names."""
    plan = [
        (bench, case, variants)
        for bench, cases in table.items()
        if options.bench in (bench, "all")
        for case, variants in cases.items()
        if not options.case or case in options.case
    ]
    for case in options.case or []:
        if case not in [entry[1] for entry in plan]:
            parser.error(f"{options.bench} has no case {case!r}; --list prints those it has")
    if options.variant:
        plan = [(b, c, [v for v in variants if v in options.variant]) for b, c, variants in plan]
        plan = [entry for entry in plan if entry[2]]
        if not plan:
            parser.error(
                f"no chosen case has variant {', '.join(options.variant)}; --list prints them"
            )
    return plan


def process_mib(field):
    """VmHWM (peak) or VmRSS (now) of this process."""
    with open("/proc/self/status", encoding="ascii") as status:
        return round(int(re.search(field + r":\s+(\d+) kB", status.read())[1]) / 1024, 1)


def versions(torch):
    config = torch.__config__.show()
    found = {"torch": torch.__version__, "python": platform.python_version()}
    for name, pattern in (
        ("onednn", r"MKL-DNN v([\d.]+)"),
        ("mkl", r"Math Kernel Library Version ([\d.]+)"),
        ("cpu_capability", r"CPU capability usage: (\S+)"),
    ):
        match = re.search(pattern, config)
        found[name] = match[1] if match else "absent"
    found["settings"] = {
        key: os.environ[key] for key in sorted(os.environ) if re.match(SETTINGS, key)
    }
    return found


def processor_seconds():
    """Of all threads and of the finished child processes."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def timed(run, options):
    wall, cpu = [], []
    for _ in range(options.warmup):
        run()
    for _ in range(options.repeat):
        before, start = processor_seconds(), time.perf_counter()
        run()
        wall.append(1e3 * (time.perf_counter() - start))
        cpu.append(1e3 * (processor_seconds() - before))
    deciles = statistics.quantiles(wall, n=10, method="inclusive") if len(wall) > 1 else wall * 9
    figures = {
        "ms_median": statistics.median(wall),
        "ms_p10": deciles[0],
        "ms_p90": deciles[8],
        "cpu_ms_median": statistics.median(cpu),
    }
    return {name: round(value, 3) for name, value in figures.items()}


def on_device(torch, run, options):
    """`run` with its products in the precision asked for, waiting for the device."""
    if options.device == "cpu":
        return run

    def run_and_wait():
        with torch.autocast("cuda", torch.bfloat16, enabled=options.precision == "bf16"):
            run()
        torch.cuda.synchronize()

    return run_and_wait


def measure(torch, build, entry, options):
    """One row, or None where this installation cannot run the variant (reason on stderr)."""
    bench, case, variant = entry
    torch.manual_seed(0)
    torch.compiler.reset()
    mib_import = process_mib("VmRSS")
    try:
        run = on_device(torch, build(bench, case, variant), options)
        if bench == "memory":
            for _ in range(options.repeat):
                run()
            figures = {"mib_peak": process_mib("VmHWM"), "mib_import": mib_import}
        else:
            figures = timed(run, options)
    except Exception as error:  # whatever a compiler or an operator library throws
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        print(f"torch_peer: {bench} {case} {variant}: left out: {reason}", file=sys.stderr)
        return None
    return {
        "bench": bench,
        "case": case,
        "variant": variant,
        "best": False,
        **figures,
        "runs": options.repeat,
        "threads": torch.get_num_threads(),
        "load1": round(os.getloadavg()[0], 2),
        "versions": versions(torch),
    }


def measure_apart(bench, case, variant, options):
    """The row of a process of its own: a peak of memory cannot be reset."""
    command = [
        sys.executable,
        __file__,
        bench,
        "--case",
        case,
        "--variant",
        variant,
        "--repeat",
        str(options.repeat),
        "--threads",
        str(options.threads),
        "--device",
        options.device,
        "--precision",
        options.precision,
    ]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return json.loads(output) | {"best": False} if output else None


def main():
    parser, options = parse_arguments()
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(options.threads)
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch_cases

    plan = chosen_cases(parser, options, torch_cases.CASES)
    if options.list:
        for bench, case, variants in plan:
            print(json.dumps({"bench": bench, "case": case, "variants": variants}))
        return 0
    torch = torch_cases.torch
    if torch is None:
        print(
            f"torch_peer: {sys.executable} cannot import torch: {torch_cases.IMPORT_ERROR}",
            file=sys.stderr,
        )
        return 3
    warnings.filterwarnings("ignore")  # notices of deprecation and of absent GPUs
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    if options.precision == "tf32":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    elif options.precision == "f32":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    complete = True
    for bench, case, variants in plan:
        if bench == "memory" and len(variants) > 1:
            rows = [measure_apart(bench, case, variant, options) for variant in variants]
        else:
            rows = [measure(torch, torch_cases.build, (bench, case, v), options) for v in variants]
        rows = [row for row in rows if row]
        if rows:
            min(rows, key=lambda row: row.get("ms_median", row.get("mib_peak")))["best"] = True
        complete = complete and bool(rows)
        for row in rows:
            print(json.dumps(row), flush=True)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
