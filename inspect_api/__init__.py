"""The application: the mobile backend of a county's hazard inspections."""
