"""Orchestration: wires the rooms together with Dagster and offers the command line."""
