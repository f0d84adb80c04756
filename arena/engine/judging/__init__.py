"""What a judgement is made of: pure parts, arrays in, arrays and records out."""
