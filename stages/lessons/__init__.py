"""The book's lessons as code: a package per lesson computes its worked examples and knows what they must give."""
