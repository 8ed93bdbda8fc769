"""Where this backend meets the rest of the service: money, waits, the doctor, environments."""
