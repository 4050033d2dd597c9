#!/usr/bin/env python3
"""tools/gpu_check.sh on a machine that is made up: every program it starts is a few lines of shell."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "gpu_check.sh"

PROGRAMS = {
    "nvidia-smi": """
        case "$*" in
          *compute_cap*) printf '9.0\\n8.0\\n9.0\\n' ;;
          *--loop*) exec sleep 100 ;;
          *) echo 'NVIDIA H200, 580.65, 143771 MiB' ;;
        esac""",
    "nvcc": "echo release 13.0",
    "ninja": "exit 0",
    "g++": "exit 0",
    "cmake": """
        echo "$*"
        case "$*" in *--build*) exit "${BUILD_STATUS:-0}" ;; esac""",
    "ctest": """
        while [ $# -gt 0 ]; do [ "$1" = --output-junit ] && file=$2; shift; done
        printf '<testsuite tests="5">\\n<testcase status="fail"/>\\n' > "$file"
        printf 'The following tests FAILED:\\n\\t7 - CudaMatmul.X (Failed)\\nErrors while\\n'
        exit 8""",
    "compute-sanitizer": 'echo "$*"',
    "python3": f'[ "$1" != -c ] && exec "{sys.executable}" "$@"; exit 1',
    "build/tests/core_test": 'echo "${DEVICE_TEST:-[       OK ] CudaMemory.StartsAsZero}"',
    "build/tests/train_shapes": "echo step 0 >&2; echo '{\"loss_last\": 1}'",
    "build/tests/device_bench": """
        name=$1
        [ "$name" = decode ] && { echo 'an illegal memory access' >&2; exit 1; }
        while [ $# -gt 0 ]; do [ "$1" = --json ] && file=$2; shift; done
        for provider in own cudnn; do
          row="{\\"name\\": \\"$name\\", \\"case\\": \\"C\\", \\"precision\\": \\"f32\\", \\"ms_median\\": 2,"
          rows="$rows${rows:+,}$row \\"provider\\": \\"$provider\\"}"
        done
        echo "[$rows]" > "$file" """,
}


class GpuCheck(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        for name, text in PROGRAMS.items():
            path = self.folder / (name if "/" in name else f"bin/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
            path.chmod(0o755)

    def run_script(self, *arguments, **settings):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            [SCRIPT, "--build", "build", "--out", "out", *arguments],
            cwd=self.folder,
            env=os.environ | {"PATH": path} | settings,
            capture_output=True,
            text=True,
            check=False,
        )

    def results(self):
        parts = json.loads((self.folder / "out/results.json").read_text(encoding="utf-8"))
        return {part["part"]: part["result"] for part in parts}

    def test_goes_on_behind_parts_that_fail(self):
        process = self.run_script("--quick", BUILD_STATUS="2")
        self.assertEqual(process.returncode, 1)
        results = self.results()
        self.assertEqual(results["build"], "FAILED: status 2")
        self.assertEqual(results["tests"], "FAILED: status 8")
        self.assertEqual(results["bench-decode-bf16"], "FAILED: status 1")
        self.assertEqual(results["bench-conv-f32"], "passed")
        self.assertEqual(results["train-shapes-bf16"], "passed")
        summary = (self.folder / "out/summary.md").read_text(encoding="utf-8")
        self.assertIn("Tests: 5 on the device, 1 failed, 0 skipped", summary)
        self.assertIn("- 7 - CudaMatmul.X (Failed)", summary)
        self.assertIn("| conv | f32 | C | - | 2 | 2 |", summary)
        trained = (self.folder / "out/train-shapes-f32.json").read_text(encoding="utf-8")
        self.assertEqual(json.loads(trained), {"loss_last": 1})
        configured = (self.folder / "out/configure.log").read_text(encoding="utf-8")
        self.assertIn("-DCMAKE_CUDA_ARCHITECTURES=80;90 ", configured)

    def test_runs_the_sanitizers_unless_it_has_to_be_quick(self):
        self.run_script()
        self.assertEqual(self.results()["sanitizer-racecheck-lstm"], "passed")
        self.run_script("--quick")
        self.assertNotIn("sanitizer-racecheck-lstm", self.results())

    def test_measures_nothing_where_no_test_of_a_device_runs(self):
        process = self.run_script(DEVICE_TEST="[  SKIPPED ] CudaMemory.StartsAsZero")
        self.assertEqual(process.returncode, 1)
        self.assertEqual(list(self.results()), ["configure", "build", "device"])

    def test_names_an_option_that_there_is_not(self):
        process = self.run_script("--fast")
        self.assertEqual(process.returncode, 2)
        self.assertIn("unknown option: --fast", process.stderr)


if __name__ == "__main__":
    unittest.main()
