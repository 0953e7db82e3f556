"""The machines of a plan and what a service knows of them: nodes, images, flavors, and the way from state to state."""
