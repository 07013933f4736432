"""Scans and a cluster for the tests of Dask."""

import numpy as np
import pytest


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32"))
    return path


@pytest.fixture(scope="module")
def client():
    import distributed

    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def long_scan(tmp_path):
    """A scan whose image is merged by three tasks: it has three chunks along z."""
    path = tmp_path / "long.npy"
    values = np.random.default_rng(1).normal(size=(150, 21, 22)).astype("float32")
    values[40:80] = 0
    np.save(path, values)
    return path
