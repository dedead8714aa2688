"""What computes: DuckDB in this process or a Spark cluster, behind one wall."""
