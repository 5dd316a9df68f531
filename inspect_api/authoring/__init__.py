"""Tools of the experts who own the checklists: check, compare, import from a workbook, publish."""
