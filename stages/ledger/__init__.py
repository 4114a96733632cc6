"""The book's claims, each beside what this pipeline measured."""
