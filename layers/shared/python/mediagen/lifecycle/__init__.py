"""The steps of a job's life: accept, submit, complete, project, erase."""
