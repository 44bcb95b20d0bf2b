"""The forms of datasets: shape, not permission."""
