"""The AI compute budget: FLOP, time, cost and emissions of training, search and inference."""
