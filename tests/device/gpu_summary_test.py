#!/usr/bin/env python3
"""gpu_summary.py on a folder as tools/gpu_check.sh leaves it, with a file that was cut off."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().with_name("gpu_summary.py")


def row(name, case, ms, **more):
    return {"name": name, "case": case, "ms_median": ms, "precision": "tf32"} | more


class GpuSummary(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        Path(self.folder.name, name).write_text(text, encoding="utf-8")

    def run_program(self):
        return subprocess.run(
            [sys.executable, str(PROGRAM), self.folder.name],
            capture_output=True,
            text=True,
            check=True,
        )

    def test_puts_providers_and_pytorch_side_by_side(self):
        both = {"direction": "forward+backward"}
        rows = [
            row("lstm", "T1", 2.0, provider="own", **both),
            row("lstm", "T1", 3.0, provider="cudnn", **both),
            row("lstm", "T1", 0.5, provider="own", direction="forward"),
            row("vgg16", "train-b8", 10.0),
        ]
        self.write("bench-lstm-tf32.json", json.dumps(rows[:3]))
        self.write("bench-vgg16-tf32.json", json.dumps(rows[3:]))
        self.write("bench-conv-tf32.json", '[{"name"')
        peers = [
            {"bench": "lstm", "case": "T1", "variant": "native", "best": True, "ms_median": 5.0},
            {"bench": "lstm", "case": "T1", "variant": "onednn", "best": False, "ms_median": 6.0},
            {"bench": "vgg16", "case": "train-b8", "variant": "e", "best": True, "ms_median": 8.0},
        ]
        self.write("peer-lstm-tf32.jsonl", "\n".join(json.dumps(peer) for peer in peers))
        result = self.run_program()
        self.assertIn("| lstm | tf32 | T1 | forward+backward | 3 | 2 | own |", result.stdout)
        self.assertIn("| lstm | tf32 | T1 | 2 | 5 | native | 2.50 |", result.stdout)
        self.assertIn("| vgg16 | tf32 | train-b8 | 10 | 8 | e | 0.80 |", result.stdout)
        self.assertIn("bench-conv-tf32.json", result.stderr)
        kept = json.loads(Path(self.folder.name, "measurements.json").read_text(encoding="utf-8"))
        self.assertEqual((len(kept["lrcn"]), len(kept["torch"])), (4, 3))

    def test_says_when_there_is_nothing(self):
        self.assertEqual(self.run_program().stdout.count("Nothing was measured."), 2)


if __name__ == "__main__":
    unittest.main()
