"""What is timed and recorded: never part of the pipeline, never a timed test."""
