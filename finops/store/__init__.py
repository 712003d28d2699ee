"""The lake (Delta tables on a folder) and the engine that executes expressions."""
