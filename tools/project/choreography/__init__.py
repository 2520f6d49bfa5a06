"""The choreography on one page: derived from the template and the handlers' annotations, checked, and drawn."""
