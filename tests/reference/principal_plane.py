"""
The plane through the last of some points that is nearest to all of them: the two leading right singular vectors of the differences, by numpy.

Run: /usr/bin/python3 tests/reference/principal_plane.py
"""
import numpy as np

from common import write

rng = np.random.default_rng(11)
points = np.cumsum(rng.normal(size=(12, 5)) * np.array([3, 2, 1, 0.5, 0.2]), axis=0)
differences = points - points[-1]
_, singular, right = np.linalg.svd(differences)
projector = right[:2].T @ right[:2]
distances = np.linalg.norm(differences - differences @ projector, axis=1)

write(
    "principal_plane",
    {
        "numpy": np.__version__,
        "points": points.tolist(),
        "singular": singular.tolist(),
        "projector": projector.tolist(),
        "distances": distances.tolist(),
    },
)
