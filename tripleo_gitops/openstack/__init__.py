"""The cloud: one module an OpenStack service, all through openstacksdk; its types and errors stop here."""
