"""Pages for customers: the form, the case, its files. No account is needed for any of them."""
