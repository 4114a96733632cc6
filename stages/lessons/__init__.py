"""The book's lessons as code: one package per lesson, which computes its worked examples and knows what they must give."""
