"""Jobs as ARM says them: reading what was sent, saying what there is. No requests, no state."""
