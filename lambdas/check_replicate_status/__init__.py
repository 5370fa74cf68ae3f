"""Find results and jobs that no webhook reported."""
