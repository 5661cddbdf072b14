"""Shared by the reference scripts: the shipped tables, standardized as the app does, and JSON with all digits."""
import csv
import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def table(name):
    """Feature matrix, target column as text and feature names of static/data/<name>.csv; the target is the last column."""
    with open(ROOT / "static" / "data" / f"{name}.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    features = np.array([[float(cell) for cell in row[:-1]] for row in rows])
    return features, [row[-1] for row in rows], header[:-1]


def standardized(x):
    """Mean 0 and variance 1, dividing by N."""
    return (x - x.mean(axis=0)) / x.std(axis=0)


def write(name, value):
    path = Path(__file__).with_name(f"{name}.json")
    path.write_text(json.dumps(value, indent=1) + "\n")
    print(f"wrote {path.relative_to(ROOT)}")
