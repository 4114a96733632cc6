"""What `python -m stages.rebuild` needs beside DVC."""
