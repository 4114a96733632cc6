"""What every stage shares: parameters, errors, files and progress."""
