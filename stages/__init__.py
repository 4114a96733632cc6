"""The pipeline's stages: scripts at the top, one per verb of dvc.yaml; the machinery in the packages below."""
