"""The launcher behind `make run`, and the throw-away servers behind `make test`."""
