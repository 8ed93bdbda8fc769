"""Too little memory: of the node, of a GPU, of /dev/shm."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

_BIGGER = (
    Way(
        "Run again on {bigger}, {bigger_memory}",
        "edit",
        "compute={bigger}",
        restarts_at="queued",
        price="bigger_price",
    ),
    Way("Choose a size with more memory…", "open", "sizes:memory={memory_wanted}"),
    Way("Go to line {line}", "open", "cell:{line}"),
)

MEMORY = (
    Rule(
        name="shared-memory-full",
        summary="shared memory is full",
        signs=(
            Sign(
                exception="RuntimeError|OSError",
                says=r"killed by signal: Bus error|out of shared memory|/dev/shm/",
                also_handled=True,
            ),
            Sign(line=r"insufficient shared memory \(shm\)"),
            Sign(line=r"[/]dev/shm/\S*: (?:write error: )?No space left on device"),
        ),
        causes=(
            "Shared memory (/dev/shm) is full: worker processes hand data over through it and "
            "got no more",
        ),
        ways=(
            Way(
                "Go to line {line}: load in the main process (num_workers=0)", "open", "cell:{line}"
            ),
            Way("Show what takes shared memory", "command", "!df -h /dev/shm", where="cell"),
            Way("Show what takes shared memory", "command", "df -h /dev/shm", where="command"),
        ),
    ),
    Rule(
        name="out-of-gpu-memory",
        summary="out of GPU memory",
        signs=(
            Sign(
                exception="OutOfMemoryError|RuntimeError|AcceleratorError",
                says=r"CUDA out of memory\. Tried to allocate (?P<wanted>[\d.]+ [KMGT]iB)"
                r".*?(?:total capacity of (?P<has>[\d.]+ [KMGT]iB)"
                r"|; (?P<had>[\d.]+ [KMGT]iB) total capacity)",
            ),
            Sign(
                exception="OutOfMemoryError|RuntimeError|AcceleratorError",
                says=r"CUDA (?:error: )?out of memory",
            ),
            Sign(
                exception="ResourceExhaustedError",
                says=r"OOM when allocating tensor.*(?:device:GPU|allocator GPU_)",
            ),
            Sign(
                exception="XlaRuntimeError|JaxRuntimeError",
                # the allocator of the CPU says "Out of memory allocating … bytes"
                says="RESOURCE_EXHAUSTED: Out of memory while trying to allocate",
            ),
            Sign(exception="RuntimeError", says="CUBLAS_STATUS_ALLOC_FAILED"),
            Sign(
                exception="OutOfMemoryError",  # CuPy's
                says=r"^Out of memory allocating (?P<bytes>[\d,]+) bytes \(allocated so far",
                cause="Out of GPU memory: {bytes} bytes more were asked for",
            ),
            Sign(exception="MemoryError", says=r"out_of_memory: CUDA error"),  # RAPIDS'
            Sign(exception="XGBoostError", says="cudaErrorMemoryAllocation"),
            Sign(
                exception="ValueError",
                says="^No available memory for the cache blocks",
                cause="Out of GPU memory: the model leaves none of its share for the cache",
            ),
        ),
        causes=(
            "Out of GPU memory: {wanted} more was asked for, the GPU has {has} in all",
            "Out of GPU memory: {wanted} more was asked for, the GPU has {had} in all",
            "Out of GPU memory",
        ),
        ways=(
            Way("Go to line {line}: a smaller batch needs less", "open", "cell:{line}"),
            Way("Choose a size with a larger GPU…", "open", "sizes:gpu"),
        ),
    ),
    Rule(
        name="out-of-memory",
        summary="out of memory",
        signs=(
            Sign(reason="OutOfMemory", message=r"used (?P<used>[\d.]+) of (?P<limit>[\d.]+) GB"),
            Sign(reason="OutOfMemory"),
            Sign(
                exception="_?ArrayMemoryError|MemoryError",
                says=r"Unable to allocate (?P<wanted>[\d.]+ ?[KMGTP]?i?B)",
            ),
            Sign(exception="_?ArrayMemoryError|MemoryError|ArrowMemoryError"),
            Sign(
                exception="ResourceExhaustedError",
                says=r"OOM when allocating tensor.*(?:device:CPU|allocator cpu)",
            ),
            Sign(exception="OSError", says=r"\[Errno 12\] Cannot allocate memory"),
            Sign(exception="RuntimeError", says="DefaultCPUAllocator: (?:can't|not enough)"),
            Sign(line=r"(?:^|\] |kernel: )(?:Memory cgroup o|O)ut of memory: Killed process \d"),
            Sign(line=r"slurmstepd: error: Detected \d+ oom"),
            Sign(line=r"std::bad_alloc"),
            Sign(line=r"Fatal Python error: .*(?:out of memory|cannot allocate)"),
            Sign(line=r"[Cc]annot allocate memory$"),
            Sign(line=r"^Error: cannot allocate vector of size (?P<wanted>[\d.]+ [KMGT]b)$"),
            Sign(line=r"^memory allocation of \d+ bytes failed$", signals=(6,)),
            Sign(line=r"^ERROR: (?:LoadError: )?OutOfMemoryError\(\)$"),  # Julia's
            Sign(
                exception="KilledWorker",
                told=r"exceeded 9\d% memory budget",
                cause="Out of memory: Dask ended a worker that used more than its share",
            ),
            Sign(
                exception="Py4JJavaError",
                says=r"killed by YARN for exceeding (?:physical )?memory limits\. "
                r"(?P<used>[\d.]+) GB of (?P<limit>[\d.]+) GB",
                cause="Out of memory: a Spark executor used {used} of {limit} GB and was stopped",
            ),
        ),
        causes=(
            "Out of memory: the {thing} used {used} of {limit} GB and was stopped",
            "Out of memory: {wanted} was asked for at once, {place} has {memory}",
            "Out of memory: {wanted} was asked for at once",
            "Out of memory: the {thing} used {peak} of {memory} and asked for more",
            "Out of memory: the {thing} asked for more than it could have",
        ),
        ways=_BIGGER,
    ),
    Rule(
        name="out-of-memory",
        summary="out of memory",
        signs=(
            Sign(line=r"java\.lang\.OutOfMemoryError"),
            Sign(exception="Py4JJavaError", says=r"java\.lang\.OutOfMemoryError"),
        ),
        causes=(
            "Out of memory: Java's heap is full, whose limit (-Xmx, spark.driver.memory) is less "
            "than the machine's",
        ),
        ways=_BIGGER,
    ),
    Rule(
        name="out-of-memory",
        summary="out of memory",
        signs=(Sign(line=r"^FATAL ERROR: .*JavaScript heap out of memory$"),),
        causes=(
            "Out of memory: JavaScript's heap is full, whose limit (--max-old-space-size) may be "
            "less than the machine's",
        ),
        ways=_BIGGER,
    ),
)
