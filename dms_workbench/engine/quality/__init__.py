"""Quality: rules proposed from profiles, tested on rows, with what would repair them."""
