"""Components: names, versions and what is refused of them. The same for every backend."""
