"""Redis: data that may vanish at any time, and state that containers share."""
