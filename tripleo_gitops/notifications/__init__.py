"""People and programs that are told of runs: signed webhooks, and every service that Apprise knows."""
