"""What stops the load of the demo county."""


class StoryBroken(Exception):
    """The server did not make of the story what the story says; names the hazard or inspection.

    A month that begins before the criteria in it are in force (AQ 3067-2026: 2026-09-30) ends otherwise too.
    """
