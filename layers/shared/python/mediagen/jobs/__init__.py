"""A job and its rules. Pure: nothing here reads a clock, a store or the network."""
