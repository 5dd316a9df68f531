"""The edge: decode, who is this, call one action, encode."""
