"""What lies on the disk, and making room. Nothing here is removed unless somebody asks."""
