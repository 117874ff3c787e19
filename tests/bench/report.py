"""Results as numbers and as a table: medians, ratios of paired rounds, and the bars."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Bar:
    """What a figure should be: at least, or at most."""

    limit: float
    at_most: bool = False

    def reached(self, value):
        return value <= self.limit if self.at_most else value >= self.limit

    def text(self, value, unit=""):
        sign = "<=" if self.at_most else ">="
        return f"{sign} {self.limit:g}{unit} {'reached' if self.reached(value) else 'MISSED'}"


@dataclass
class Comparison:
    """Two servers under the same load, in rounds: each round's two rates belong together, because
    they saw the same machine."""

    name: str
    load: str
    rates: list = field(default_factory=list)  # (of the one, of the other)
    cpu_us: list = field(default_factory=list)  # processor time for each request, likewise
    latencies_us: list = field(default_factory=list)  # of the other: (p50, p99)
    bar: Bar | None = None
    slower: bool = False  # tell how many times slower the other is, not what share it reaches
    failure: str | None = None

    def add(self, one, other):
        self.rates.append((one["rate"], other["rate"]))
        self.cpu_us.append((one["cpu_us"], other["cpu_us"]))
        self.latencies_us.append((other["p50_us"], other["p99_us"]))

    @property
    def ratio(self):
        if self.slower:
            return median(one / other for one, other in self.rates)
        return median(other / one for one, other in self.rates)

    def cells(self):
        if self.failure:
            return [self.name, self.load, *[""] * 7, "FAILED"]
        one, other = medians(self.rates)
        one_cpu, other_cpu = medians(self.cpu_us)
        p50, p99 = medians(self.latencies_us)
        return [self.name, self.load, f"{one:,.0f}", f"{other:,.0f}", f"{self.ratio:.2f}",
                self.bar.text(self.ratio) if self.bar else "", cpu(one_cpu), cpu(other_cpu),
                milliseconds(p50), milliseconds(p99)]

    def as_json(self):
        return {
            "name": self.name,
            "load": self.load,
            "rates": self.rates,
            "cpu_us": self.cpu_us,
            "latencies_us": self.latencies_us,
            "ratio": self.ratio if self.rates and not self.failure else None,
            "reached": None if self.failure or not self.bar else self.bar.reached(self.ratio),
            "failure": self.failure,
        }


@dataclass
class Figure:
    """One number that stands for itself."""

    name: str
    value: float
    unit: str
    bar: Bar | None = None
    values: list = field(default_factory=list)

    def cells(self):
        return [self.name, f"{self.value:.1f} {self.unit}",
                self.bar.text(self.value, " " + self.unit) if self.bar else ""]

    def as_json(self):
        return {"name": self.name, "value": self.value, "unit": self.unit, "values": self.values,
                "reached": self.bar.reached(self.value) if self.bar else None}


def medians(pairs):
    return tuple(median(column) for column in zip(*pairs))


def milliseconds(microseconds):
    return f"{microseconds / 1000:.2f}"


def cpu(microseconds):
    return f"{microseconds:.0f}" if microseconds >= 20 else f"{microseconds:.1f}"


def table(head, rows):
    """Columns as wide as they need to be; numbers to the right."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        parts = []
        for column, (cell, width) in enumerate(zip(row, widths)):
            is_number = column > 1 and "bar" not in head[column]
            parts.append(cell.rjust(width) if is_number else cell.ljust(width))
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def figures_table(figures):
    rows = [figure.cells() for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join((row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2])).rstrip()
        for row in rows
    )
