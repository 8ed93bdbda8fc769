"""Data: datastores, versions of data assets, and the files under either.

The same for every backend that keeps data on this machine. Knows no jobs: where a job's output
lies is asked of whoever made it.
"""
