#!/usr/bin/env python3
"""Tests of what bench.py reads and computes; they load no server. Run by ctest as bench.script."""

import sys
import unittest

import loads
from processes import BenchError
from report import Bar, Comparison, Figure, figures_table, table

GOOD = (
    'RESULT {"requests": 1000, "microseconds": 500000, "refused": 0, "broken": 0, '
    '"p50_us": 30, "p99_us": 90}\n'
)


def run(rate, cpu_us=10, p50_us=100, p99_us=2000):
    return {"rate": rate, "cpu_us": cpu_us, "p50_us": p50_us, "p99_us": p99_us}


class WrkOutput(unittest.TestCase):
    def test_rate_of_a_good_run(self):
        self.assertEqual(loads.parse_wrk("Running 2s test\n" + GOOD, "x")["rate"], 2000)

    def test_refused_requests_are_no_result(self):
        with self.assertRaisesRegex(BenchError, "7 answers were errors"):
            loads.parse_wrk(GOOD.replace('"refused": 0', '"refused": 7'), "x")

    def test_the_line_of_wrk_itself_counts(self):
        with self.assertRaisesRegex(BenchError, "errors"):
            loads.parse_wrk(GOOD + "  Non-2xx or 3xx responses: 3\n", "x")

    def test_broken_connections_are_no_result(self):
        with self.assertRaisesRegex(BenchError, "2 requests got no answer"):
            loads.parse_wrk(GOOD.replace('"broken": 0', '"broken": 2'), "x")

    def test_nothing_answered_is_no_result(self):
        with self.assertRaises(BenchError):
            loads.parse_wrk(GOOD.replace("1000", "0"), "x")

    def test_no_output_is_no_result(self):
        with self.assertRaisesRegex(BenchError, "nothing that can be read"):
            loads.parse_wrk("unable to connect\n", "x")


class Ratios(unittest.TestCase):
    def setUp(self):
        self.row = Comparison("Get", "1 connection", bar=Bar(0.35))

    def test_rounds_are_paired_before_the_median_is_taken(self):
        # The machine slowed down in the third round; the ratio of medians would be 400/1000.
        for bare, carillon in ((1000, 500), (1200, 400), (100, 50)):
            self.row.add(run(bare), run(carillon))
        self.assertEqual(self.row.ratio, 0.5)

    def test_slower_is_the_other_way_round(self):
        growth = Comparison("Get", "", bar=Bar(1.2, at_most=True), slower=True)
        growth.add(run(1000), run(800))
        self.assertEqual(growth.ratio, 1.25)
        self.assertFalse(growth.as_json()["reached"])

    def test_cells(self):
        self.row.add(run(1000, cpu_us=10), run(300, cpu_us=33))
        self.assertEqual(
            self.row.cells(),
            ["Get", "1 connection", "1,000", "300", "0.30", ">= 0.35 MISSED", "10.0", "33", "0.10",
             "2.00"])

    def test_short_times_have_a_decimal(self):
        self.row.add(run(1000, cpu_us=7.25), run(300, cpu_us=20))
        self.assertEqual(self.row.cells()[6:8], ["7.2", "20"])

    def test_a_failed_row_has_no_ratio(self):
        self.row.failure = "7 answers were errors"
        self.assertEqual(self.row.cells()[-1], "FAILED")
        self.assertIsNone(self.row.as_json()["ratio"])
        self.assertIsNone(self.row.as_json()["reached"])


class Bars(unittest.TestCase):
    def test_at_least(self):
        self.assertTrue(Bar(0.35).reached(0.35))
        self.assertFalse(Bar(0.35).reached(0.349))

    def test_at_most(self):
        self.assertEqual(Bar(15, at_most=True).text(15.5, " ms"), "<= 15 ms MISSED")
        self.assertEqual(Bar(15, at_most=True).text(15), "<= 15 reached")


class Tables(unittest.TestCase):
    def test_columns_are_aligned(self):
        text = table(["name", "load", "rate/s", "bar"],
                     [["Get", "1 connection", "9", "reached"], ["List", "2", "1,000", ""]])
        self.assertEqual(
            text.splitlines(),
            ["name  load          rate/s  bar", "-" * 35, "Get   1 connection       9  reached",
             "List  2              1,000"])

    def test_figures(self):
        text = figures_table([Figure("start", 9.96, "ms", Bar(15, at_most=True)),
                              Figure("memory when idle", 7, "MiB")])
        self.assertEqual(text.splitlines(), ["start             10.0 ms  <= 15 ms reached",
                                             "memory when idle  7.0 MiB"])


if __name__ == "__main__":
    sys.exit(unittest.main())
