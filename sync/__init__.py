"""The protocol between a device and the server: pure, the same rules on both sides."""
