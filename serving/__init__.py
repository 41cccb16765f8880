"""Serving: publishes the marts for BI, goes back to earlier versions, renders the run report."""
