"""What comes in: the landing contract and the connectors that write it as Parquet."""
