"""Which rollouts to make, so that anchors are found for few tokens."""
