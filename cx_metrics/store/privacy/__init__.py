"""What people may ask for their contacts: pseudonyms, erasure with a proof, nothing kept too long."""
