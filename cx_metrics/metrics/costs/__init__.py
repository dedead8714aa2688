"""What contacts cost, who pays, and by what they are divided."""
