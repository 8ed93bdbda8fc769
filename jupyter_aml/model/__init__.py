"""What the words mean: pure data shared by every process. No I/O, no asyncio."""
