"""When schedules are due. Pure: moments in, moments out."""
