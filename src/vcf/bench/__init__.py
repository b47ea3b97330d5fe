"""Runs of models on this machine: synthetic checkpoints of true architecture to run them with."""
