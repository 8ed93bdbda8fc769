"""Notebook kernels on instances: started and told of here, run by nodes like every other job."""
