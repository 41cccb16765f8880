"""What tests of all rooms need: the checkout on the path, and no wish to talk to the network."""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
