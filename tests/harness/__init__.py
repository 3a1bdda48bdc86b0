"""What the end-to-end tests stand on: a running server, a person's browser, a recorder, a judge."""
