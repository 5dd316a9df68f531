"""Blob stores and images."""
