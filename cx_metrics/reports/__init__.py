"""Reports: answers as documents to hand on."""
