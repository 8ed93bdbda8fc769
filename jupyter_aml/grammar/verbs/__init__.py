"""Every verb there is, one module per noun. A verb that does not work yet is not here."""
