"""A disposable real OpenStack on 127.0.0.1: start it, use it, stop it; nothing else of this machine is touched."""
