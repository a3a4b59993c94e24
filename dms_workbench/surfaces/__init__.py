"""Ways in: widgets, service, command line and worker; none imports another."""
